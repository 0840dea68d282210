"""Replies that agents use often, in both languages; supervisors write them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Contact
from backend.core import clock
from backend.core.access import Agent, Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Conflict, NotFound, VersionConflict
from backend.customers.models import Customer
from backend.tickets import service
from backend.tickets.api import Reader, agent_id_of
from backend.tickets.models import CannedReply, Ticket, TicketLink

router = APIRouter(prefix="/api/v1/canned-replies", tags=["tickets"])
Author = Annotated[Principal, Depends(Allowed("tickets:assign"))]
VARIABLES = frozenset({"surname", "agent", "ticket", "claim", "policy"})
PLACEHOLDER = re.compile(r"\{(\w*)\}")


class CannedReplyWrite(BaseModel):
    """Texts may hold `{surname}`, `{agent}`, `{ticket}`, `{claim}` and `{policy}`."""

    model_config = ConfigDict(extra="forbid")
    shortcut: str = Field(pattern=r"^[a-z0-9-]{1,30}$", examples=["invoice"])
    title_zh: str = Field(min_length=1, max_length=100)
    title_en: str = Field(min_length=1, max_length=100)
    text_zh: str = Field(min_length=1, max_length=3000)
    text_en: str = Field(min_length=1, max_length=3000)

    @field_validator("text_zh", "text_en")
    @classmethod
    def _known_variables(cls, text: str) -> str:
        if unknown := set(PLACEHOLDER.findall(text)) - VARIABLES:
            raise ValueError(f"unknown variables: {', '.join(sorted(unknown))}")
        return text


class CannedReplyChange(CannedReplyWrite):
    version: int = Field(ge=1, lt=2**63)


class CannedReplyRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    shortcut: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    version: int
    changed_at: datetime


class CannedReplyList(BaseModel):
    items: list[CannedReplyRead]


class Filled(BaseModel):
    text: str
    missing: list[str] = Field(
        description="Variables that nothing is known for; they stay for the agent to fill."
    )


@router.get("", summary="All canned replies")
async def list_canned(session: SessionDep, _: Reader) -> CannedReplyList:
    """By shortcut."""
    rows = await session.scalars(select(CannedReply).order_by(CannedReply.shortcut))
    return CannedReplyList(items=[CannedReplyRead.model_validate(row) for row in rows])


@router.post("", status_code=201, summary="Add a canned reply")
async def add_canned(body: CannedReplyWrite, session: SessionDep, principal: Author) -> CannedReplyRead:
    """409 when the shortcut is taken."""
    row = CannedReply(**body.model_dump(), changed_by=principal.agent_id, changed_at=clock.now())
    session.add(row)
    await _flush(session)
    return CannedReplyRead.model_validate(row)


@router.put("/{reply_id}", summary="Change a canned reply")
async def change_canned(
    reply_id: int, body: CannedReplyChange, session: SessionDep, principal: Author
) -> CannedReplyRead:
    """409 `version_conflict` when somebody else changed it since."""
    values = body.model_dump(exclude={"version"})
    try:
        done = await session.scalar(
            update(CannedReply)
            .where(CannedReply.id == reply_id, CannedReply.version == body.version)
            .values(
                **values,
                version=CannedReply.version + 1,
                changed_by=principal.agent_id,
                changed_at=clock.now(),
            )
            .returning(CannedReply)
        )
    except IntegrityError as error:
        raise Conflict("This shortcut is taken.") from error
    if done is None:
        await _known(session, reply_id)
        raise VersionConflict("Somebody else changed this reply meanwhile. Read it again.")
    return CannedReplyRead.model_validate(done)


@router.delete("/{reply_id}", status_code=204, summary="Remove a canned reply")
async def remove_canned(reply_id: int, session: SessionDep, _: Author) -> None:
    """404 when it is not there."""
    await _known(session, reply_id)
    await session.execute(delete(CannedReply).where(CannedReply.id == reply_id))


@router.get("/{reply_id}/for/{number}", summary="A canned reply, filled for a ticket")
async def fill_canned(
    reply_id: int,
    number: str,
    session: SessionDep,
    principal: Reader,
    language: Annotated[
        Literal["zh", "en"] | None, Query(description="Another one than the customer's")
    ] = None,
) -> Filled:
    """In the customer's language; the surname only when the customer is verified."""
    row = await _known(session, reply_id)
    ticket = await service.ticket_by_number(session, number)
    values = await _values(session, ticket, agent_id_of(principal))
    text = row.text_en if (language or ticket.language) == "en" else row.text_zh
    missing = [name for name in PLACEHOLDER.findall(text) if not values.get(name)]
    filled = PLACEHOLDER.sub(lambda match: values.get(match.group(1)) or match.group(0), text)
    return Filled(text=filled, missing=missing)


async def _values(session: AsyncSession, ticket: Ticket, agent_id: int) -> dict[str, str | None]:
    customer = await session.get(Customer, ticket.customer_id) if ticket.customer_id else None
    agent = await session.get(Agent, agent_id)
    rows = await session.execute(
        select(TicketLink.kind, TicketLink.number).where(TicketLink.ticket_id == ticket.id)
    )
    links = {row.kind: row.number for row in rows}
    contact = await session.get(Contact, ticket.contact_id)
    surname = customer.surname if customer and ticket.identity_level == 2 else None
    return {
        "surname": surname or (contact.display_name if contact else None),
        "agent": agent.name if agent else None,
        "ticket": ticket.number,
        "claim": links.get("claim"),
        "policy": links.get("policy"),
    }


async def _known(session: AsyncSession, reply_id: int) -> CannedReply:
    row = await session.get(CannedReply, reply_id)
    if row is None:
        raise NotFound("There is no such canned reply.")
    return row


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("This shortcut is taken.") from error
