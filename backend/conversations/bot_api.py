"""What the bot may ask of identity, always for the contact whose message it names (docs/contracts.md)."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import ClaimDraft, DraftState
from backend.conversations import verification
from backend.conversations.caller import Caller, CallerDep
from backend.conversations.models import Binding, Contact, Conversation, Mode
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
    latin_surname: str | None
    gender: str | None
    channel: str
    language: str
    mode: Literal["bot", "human"] = Field(
        description="`human` while an agent has the conversation: then the bot does a step for them."
    )
    is_open: bool
    opens_at: datetime | None
    known_on: list[str]
    open_draft: bool
    tier: str | None


class VerificationStart(BaseModel):
    phone: str = Field(max_length=40)
    id_last4: str = Field(max_length=40)


class VerificationStarted(BaseModel):
    status: Literal["sent"]
    phone: str
    wait_seconds: int | None = Field(
        default=None,
        description="Set when a code was asked for so recently, or so often, that none is sent now: after this many "
        "seconds one can be asked for. The same for a phone that is not on record.",
    )


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
    conversation = await session.get_one(Conversation, caller.conversation_id)
    hours = await business.setting(session, "service_hours")
    opens_at = business.next_opening(hours, clock.now(), request.app.state.settings.zone)
    is_verified = caller.level == 2
    return Me(
        level=caller.level,
        surname=customer.surname if customer else None,
        latin_surname=customer.latin_surname if customer else None,
        gender=customer.gender if customer else None,
        channel=caller.channel,
        language=caller.language,
        mode=Mode(conversation.mode).value,
        is_open=opens_at is None,
        opens_at=opens_at,
        known_on=await _other_channels(session, caller) if is_verified else [],
        open_draft=is_verified and await _has_draft(session, caller),
        tier=customer.tier if customer and is_verified else None,
    )


async def _other_channels(session: AsyncSession, caller: Caller) -> list[str]:
    """Where else this customer has proved who they are."""
    query = (
        select(Contact.channel)
        .join(Binding, Binding.contact_id == Contact.id)
        .where(
            Binding.customer_id == caller.customer_id,
            Binding.contact_id != caller.contact_id,
            Binding.ended_at.is_(None),
            Binding.expires_at > clock.now(),
        )
    )
    return list(await session.scalars(query.distinct().order_by(Contact.channel)))


async def _has_draft(session: AsyncSession, caller: Caller) -> bool:
    query = select(ClaimDraft.id).where(
        ClaimDraft.customer_id == caller.customer_id,
        ClaimDraft.state == DraftState.OPEN,
        ClaimDraft.expires_at > clock.now(),
    )
    return await session.scalar(query) is not None


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
        started = await verification.start(session, keeper, caller, body.phone, body.id_last4)
        wait = math.ceil(started.wait.total_seconds()) if started.wait else None
        return {"status": "sent", "phone": started.phone, "wait_seconds": wait}

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
