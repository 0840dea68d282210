"""One matter told twice becomes one ticket; a matter that comes back becomes open again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.errors import Conflict
from backend.tickets import clocks
from backend.tickets.history import note_event
from backend.tickets.models import Ticket, TicketEvent, TicketLink, TicketStatus

RETURNS_WITHIN = timedelta(hours=24)


class NotTheSamePerson(Conflict):
    """Tickets of different people cannot become one: what the one wrote is none of the other's business."""

    code = "not_the_same_person"


async def merge(session: AsyncSession, ticket: Ticket, into: Ticket, agent_id: int | None) -> None:
    """Move notes, history and links to `into` and close `ticket` as merged. Both are row-locked by the caller."""
    if ticket.id == into.id or into.status == TicketStatus.RESOLVED or ticket.status == TicketStatus.RESOLVED:
        raise Conflict("Choose two different tickets that are both open.")
    same_person = ticket.customer_id is not None and ticket.customer_id == into.customer_id
    if not same_person and ticket.contact_id != into.contact_id:
        raise NotTheSamePerson("These tickets are of different people.")
    links = select(TicketLink.kind, TicketLink.number).where(TicketLink.ticket_id == ticket.id)
    for kind, number in (await session.execute(links)).all():
        add = insert(TicketLink).values(ticket_id=into.id, kind=kind, number=number)
        await session.execute(add.on_conflict_do_nothing())
    moved = update(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "note")
    await session.execute(moved.values(ticket_id=into.id))
    into.opened_at = min(into.opened_at, ticket.opened_at)
    into.priority = min(into.priority, ticket.priority)
    into.first_response_due_at = min(into.first_response_due_at, ticket.first_response_due_at)
    into.resolution_due_at = min(into.resolution_due_at, ticket.resolution_due_at)
    ticket.status, ticket.outcome, ticket.resolved_at = TicketStatus.RESOLVED, "merged", clock.now()
    ticket.merged_into_id, ticket.paused_at = into.id, None
    await note_event(session, ticket, "merged", agent_id, into=into.number)
    await note_event(session, into, "absorbed", agent_id, other=ticket.number)


async def returned(session: AsyncSession, conversation_id: int, kind: str) -> Ticket | None:
    """The ticket of this kind that was resolved here within the last 24 hours, and not merged away."""
    return await session.scalar(
        select(Ticket)
        .where(
            Ticket.conversation_id == conversation_id,
            Ticket.kind == kind,
            Ticket.status == TicketStatus.RESOLVED,
            Ticket.merged_into_id.is_(None),
            Ticket.resolved_at > clock.now() - RETURNS_WITHIN,
        )
        .order_by(Ticket.resolved_at.desc())
        .limit(1)
    )


async def reopen(session: AsyncSession, ticket: Ticket, agent_id: int | None) -> None:
    """Back to the queue with its history; the time it was closed does not count against its clocks."""
    if ticket.status != TicketStatus.RESOLVED or ticket.merged_into_id is not None:
        raise Conflict("Only a resolved ticket that was not merged can be opened again.")
    ticket.paused_at = ticket.resolved_at
    ticket.status, ticket.agent_id, ticket.resolved_at, ticket.outcome = TicketStatus.QUEUED, None, None, None
    clocks.resume(ticket)
    ticket.reopened += 1
    await note_event(session, ticket, "reopened", agent_id)
