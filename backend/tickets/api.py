"""The agent's work: the queue, a ticket, its transcript; accept, reply, note, resolve."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, BackgroundTasks, Depends, Query, Request
from sqlalchemy import Select, func, select, tuple_

from backend.conversations.api import entries, read_entries
from backend.conversations.bindings import record_starts_at
from backend.conversations.models import Interaction
from backend.core import live
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Forbidden
from backend.core.language import Language
from backend.core.paging import Cursor, Limit, decode_place, encode_cursor
from backend.core.texts import say
from backend.tickets import satisfaction, service
from backend.tickets.filters import TicketFilter
from backend.tickets.models import Ticket, TicketStatus
from backend.tickets.reading import detail, one, read_tickets, ticket_rows
from backend.tickets.schemas import (
    Accept,
    NoteBody,
    ReplyBody,
    ReplyQueued,
    ResolveBody,
    TicketDetail,
    TicketPage,
    TicketRead,
    Transcript,
)

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])
Reader = Annotated[Principal, Depends(Allowed("tickets:read"))]
Writer = Annotated[Principal, Depends(Allowed("tickets:write"))]


def agent_id_of(principal: Principal) -> int:
    if principal.agent_id is None:
        raise Forbidden("Only an agent who is signed in can do this.")
    return principal.agent_id


@router.get("")
async def list_tickets(
    session: SessionDep,
    principal: Reader,
    wanted: Annotated[TicketFilter, Depends()],
    order: Literal["queue", "newest"] = "queue",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TicketPage:
    """Tickets as the queue orders them, most urgent first, then oldest first; or the `newest` first."""
    query = wanted.apply(ticket_rows(), principal)
    rows = await read_tickets(session, _ordered(query, order, cursor).limit(limit + 1))
    page, more = rows[:limit], len(rows) > limit
    if not more:
        return TicketPage(items=page, next=None)
    last = await service.ticket_by_number(session, page[-1].number)
    return TicketPage(items=page, next=encode_cursor(last.priority, last.opened_at.isoformat(), last.id))


def _ordered(query: Select[Any], order: str, cursor: str | None) -> Select[Any]:
    place = decode_place(cursor, 1) if cursor else None
    if order == "newest":
        if place:
            query = query.where(tuple_(Ticket.opened_at, Ticket.id) < tuple_(place[1], place[2]))
        return query.order_by(Ticket.opened_at.desc(), Ticket.id.desc())
    if place:
        (priority,), opened_at, last_id = place
        after = tuple_(priority, opened_at, last_id)
        query = query.where(tuple_(Ticket.priority, Ticket.opened_at, Ticket.id) > after)
    return query.order_by(Ticket.priority, Ticket.opened_at, Ticket.id)


@router.get("/{number}")
async def read_ticket(number: str, session: SessionDep, _: Reader) -> TicketDetail:
    """A ticket with its notes and history, what it is about, and what the bot does for the agent now."""
    return await detail(session, number)


@router.get("/{number}/transcript")
async def read_transcript(
    number: str,
    session: SessionDep,
    principal: Reader,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Transcript:
    """The conversation, oldest first, from the present person's first word; its agent has then read it, and what
    came before `after`, too."""
    ticket = await service.ticket_by_number(session, number)
    others = (
        await record_starts_at(session, ticket.contact_id) if ticket.status != TicketStatus.RESOLVED else None
    )
    query = (
        entries()
        .where(
            Interaction.conversation_id == ticket.conversation_id,
            Interaction.id > max(after, others.id if others else 0),
        )
        .order_by(Interaction.id)
        .limit(limit)
    )
    items = await read_entries(session, query)
    if ticket.agent_id is not None and ticket.agent_id == principal.agent_id:
        known = Interaction.conversation_id == ticket.conversation_id, Interaction.id <= after
        last = items[-1].id if items else await session.scalar(select(func.max(Interaction.id)).where(*known))
        ticket.read_up_to = max(ticket.read_up_to, last or 0)
    return Transcript(items=items, next=items[-1].id if len(items) == limit else None)


@router.post("/{number}/accept")
async def accept_ticket(
    number: str,
    _: Accept,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketRead:
    """Take the ticket: from now on this agent answers the conversation."""
    ticket = await service.accept_ticket(session, number, agent_id_of(principal))
    background.add_task(
        live.announce, request.app.state.redis, "ticket", ticket.conversation_id, ticket.number
    )
    return await one(session, number)


@router.post("/{number}/reply")
async def reply(
    number: str,
    body: ReplyBody,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> ReplyQueued:
    """Answer the customer on the channel the conversation is on."""
    outbound = await service.reply_to_customer(session, number, agent_id_of(principal), body.text, body.key)
    background.add_task(live.wake, request.app.state.redis, live.OUTBOX)
    background.add_task(
        live.announce, request.app.state.redis, "interaction", outbound.conversation_id, number
    )
    return ReplyQueued(outbound_id=outbound.id, state=outbound.state)


@router.post("/{number}/notes")
async def add_note(
    number: str,
    body: NoteBody,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """Add a private note."""
    await service.add_note(session, number, agent_id_of(principal), body.text)
    ticket = await detail(session, number)
    background.add_task(
        live.announce, request.app.state.redis, "ticket", ticket.conversation_id, ticket.number
    )
    return ticket


@router.post("/{number}/resolve")
async def resolve(
    number: str,
    body: ResolveBody,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketRead:
    """Close the matter; the bot answers again, with a clean memory."""
    ticket = await service.ticket_by_number(session, number)
    language = cast(Language, ticket.language)
    is_asked = body.outcome not in satisfaction.NOT_ASKED and ticket.first_responded_at is not None
    farewell = say("resolved_csat" if is_asked else "resolved", language, ticket=ticket.number)
    buttons = satisfaction.buttons(ticket, language) if is_asked else []
    ending = service.Ending(body.outcome, body.note, farewell, buttons)
    ticket = await service.resolve_ticket(session, number, agent_id_of(principal), ending)
    background.add_task(live.wake, request.app.state.redis, live.OUTBOX)
    background.add_task(
        live.announce, request.app.state.redis, "ticket", ticket.conversation_id, ticket.number
    )
    return await one(session, number)
