"""What the bot may ask of identity, always for the contact whose message it names (docs/contracts.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, Field

from backend.conversations import verification
from backend.conversations.caller import CallerDep
from backend.conversations.verification import Doorkeeper
from backend.core import business, clock
from backend.core.db import SessionDep
from backend.core.idempotency import once
from backend.core.settings import Settings
from backend.customers.models import Customer

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])

IdempotencyKeyHeader = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class Me(BaseModel):
    level: int
    surname: str | None
    gender: str | None
    channel: str
    language: str
    is_open: bool
    opens_at: datetime | None


class VerificationStart(BaseModel):
    phone: str = Field(max_length=40)
    id_last4: str = Field(max_length=40)


class VerificationStarted(BaseModel):
    status: Literal["sent"]
    phone: str


class CodeCheck(BaseModel):
    code: str = Field(max_length=40)


class CodeChecked(BaseModel):
    status: Literal["verified", "wrong", "expired"]
    surname: str | None = None
    gender: str | None = None


def sms_account(settings: Settings) -> str:
    """The account that SMS conversations and codes belong to."""
    return settings.twilio.messaging_service_sid or settings.twilio.from_number


def get_doorkeeper(request: Request) -> Doorkeeper:
    return Doorkeeper(request.app.state.vault, sms_account(request.app.state.settings))


DoorkeeperDep = Annotated[Doorkeeper, Depends(get_doorkeeper)]


@bot_router.get("/me")
async def read_me(caller: CallerDep, session: SessionDep, request: Request) -> Me:
    """Who is in the chat, as far as it is proved, and whether a person is on duty."""
    customer = await session.get(Customer, caller.customer_id) if caller.customer_id else None
    hours = await business.setting(session, "service_hours")
    opens_at = business.next_opening(hours, clock.now(), request.app.state.settings.zone)
    return Me(
        level=caller.level,
        surname=customer.surname if customer else None,
        gender=customer.gender if customer else None,
        channel=caller.channel,
        language=caller.language,
        is_open=opens_at is None,
        opens_at=opens_at,
    )


@bot_router.post("/verification")
async def start_verification(
    body: VerificationStart,
    caller: CallerDep,
    session: SessionDep,
    keeper: DoorkeeperDep,
    key: IdempotencyKeyHeader,
) -> VerificationStarted:
    """Send a one-time code to the phone on record; the answer tells nothing about whom it knows."""

    async def write() -> dict[str, Any]:
        phone = await verification.start(session, keeper, caller, body.phone, body.id_last4)
        return {"status": "sent", "phone": phone}

    return VerificationStarted(
        **await once(session, _scope(caller.contact_id), key, body.model_dump(), write)
    )


@bot_router.post("/verification/code")
async def check_code(
    body: CodeCheck, caller: CallerDep, session: SessionDep, keeper: DoorkeeperDep, key: IdempotencyKeyHeader
) -> CodeChecked:
    """Check a code; a right one binds the contact to the customer."""

    async def write() -> dict[str, Any]:
        status, customer = await verification.check(session, keeper, caller, body.code)
        return {
            "status": status,
            "surname": customer.surname if customer else None,
            "gender": customer.gender if customer else None,
        }

    return CodeChecked(**await once(session, _scope(caller.contact_id), key, body.model_dump(), write))


def _scope(contact_id: int) -> str:
    return f"contact:{contact_id}"
