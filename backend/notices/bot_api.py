"""What the bot may ask of consents, for the contact whose message it names (docs/contracts.md)."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from backend.conversations.caller import Caller, CallerDep
from backend.core.db import SessionDep
from backend.core.idempotency import KeyHeader, once
from backend.notices import consents
from backend.notices.consents import OPTIONAL
from backend.notices.models import Purpose

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])


class ConsentSaid(BaseModel):
    purpose: Literal["all", "marketing", "greetings", "reminders"] = Field(
        description="`all`: everything but news of one's own claims and cover"
    )
    given: bool


class ConsentNow(BaseModel):
    purpose: str
    channel: str | None = Field(description="Null: every channel of a known customer")
    given: bool


class ConsentList(BaseModel):
    items: list[ConsentNow]


@bot_router.post("/consents", summary="What the customer wants to be told")
async def say_consent(
    body: ConsentSaid, caller: CallerDep, session: SessionDep, key: KeyHeader
) -> ConsentList:
    """Of the verified customer on every channel; of anybody else for this contact alone."""

    async def write() -> dict[str, Any]:
        purposes = OPTIONAL if body.purpose == "all" else (Purpose(body.purpose),)
        whose = _customer(caller)
        await consents.record(
            session, purposes, body.given, "chat", customer_id=whose, contact_id=caller.contact_id
        )
        return (await _now(session, caller)).model_dump()

    asked = {"consents": body.model_dump()}
    return ConsentList(**await once(session, f"contact:{caller.contact_id}", key, asked, write))


@bot_router.get("/consents", summary="What holds now")
async def read_consents(caller: CallerDep, session: SessionDep) -> ConsentList:
    """Of the verified customer; of anybody else what this contact said."""
    return await _now(session, caller)


def _customer(caller: Caller) -> int | None:
    """A number that is merely on somebody's record decides for itself, not for that person."""
    return caller.customer_id if caller.level >= 2 else None


async def _now(session: SessionDep, caller: Caller) -> ConsentList:
    owner = _customer(caller) or 0
    said = (await consents.load(session, [owner], {caller.contact_id: owner}))[owner]
    items = []
    for purpose in OPTIONAL:
        given = said.may_tell(purpose) and not said.is_stopped(caller.contact_id, purpose)
        items.append(ConsentNow(purpose=purpose, channel=None if owner else caller.channel, given=given))
    return ConsentList(items=items)
