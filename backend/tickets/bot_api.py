"""Tickets as the bot opens and reads them, always for the contact whose message it names (docs/contracts.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, BackgroundTasks, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from backend.conversations.bot_api import IdempotencyKeyHeader
from backend.conversations.caller import CallerDep
from backend.core import business, clock, live
from backend.core.db import SessionDep
from backend.core.errors import NotFound
from backend.core.idempotency import once
from backend.tickets import opening, service
from backend.tickets.complaints_api import Category, ProductType, Severity
from backend.tickets.models import Ticket, TicketKind

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])


class TicketOpen(BaseModel):
    kind: TicketKind
    summary: str = Field(max_length=2000)
    urgency: Literal["normal", "urgent"] = "normal"
    category: Category = Field("service", description="The class of a complaint, for the register.")
    severity: Severity = "ordinary"
    product_type: ProductType | None = None


class TicketOpened(BaseModel):
    number: str
    kind: str
    mode: str
    is_open: bool
    opens_at: datetime | None
    queue_position: int | None
    created: bool


class TicketSeen(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    number: str
    kind: str
    status: str
    opened_at: datetime
    resolved_at: datetime | None


class TicketList(BaseModel):
    items: list[TicketSeen]


@bot_router.post("/tickets")
async def open_ticket(
    body: TicketOpen,
    caller: CallerDep,
    session: SessionDep,
    request: Request,
    key: IdempotencyKeyHeader,
    background: BackgroundTasks,
) -> TicketOpened:
    """Hand the matter to a human; an open ticket of the same matter is given instead of a second one."""
    zone = request.app.state.settings.zone
    complaint = opening.ComplaintClass(body.category, body.severity, body.product_type)

    async def write() -> dict[str, Any]:
        ticket, created = await opening.open_ticket(
            session, zone, caller.conversation_id, body.kind, body.summary, body.urgency, complaint
        )
        hours = await business.setting(session, "service_hours")
        opens_at = business.next_opening(hours, clock.now(), zone)
        conversation = await service.locked_conversation(session, caller.conversation_id)
        opened = TicketOpened(
            number=ticket.number,
            kind=ticket.kind,
            mode=conversation.mode,
            is_open=opens_at is None,
            opens_at=opens_at,
            queue_position=await service.queue_position(session, ticket),
            created=created,
        )
        return opened.model_dump(mode="json")

    answer = await once(session, f"contact:{caller.contact_id}", key, body.model_dump(), write)
    background.add_task(
        live.announce, request.app.state.redis, "ticket", caller.conversation_id, answer["number"]
    )
    return TicketOpened(**answer)


@bot_router.get("/tickets")
async def list_own_tickets(caller: CallerDep, session: SessionDep) -> TicketList:
    """This contact's tickets, newest first."""
    tickets = await session.scalars(
        select(Ticket).where(Ticket.contact_id == caller.contact_id).order_by(Ticket.id.desc()).limit(20)
    )
    return TicketList(items=[TicketSeen.model_validate(ticket) for ticket in tickets])


@bot_router.get("/tickets/{number}")
async def read_own_ticket(number: str, caller: CallerDep, session: SessionDep) -> TicketSeen:
    """One of this contact's tickets; any other number answers like one that does not exist."""
    ticket = await session.scalar(
        select(Ticket).where(Ticket.contact_id == caller.contact_id, Ticket.number == number.strip().upper())
    )
    if ticket is None:
        raise NotFound("There is no such ticket.")
    return TicketSeen.model_validate(ticket)
