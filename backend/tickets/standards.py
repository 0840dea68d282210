"""Keeping the standards: a warning before a due moment, an escalation at a breach."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import business, clock
from backend.tickets import clocks
from backend.tickets.history import note_event
from backend.tickets.models import Ticket, TicketStatus

AT_ONCE = 200


def first_due() -> ColumnElement[datetime]:
    """In SQL: what falls due first of what is still open of a ticket (LEAST leaves nulls out)."""
    response = case((Ticket.first_responded_at.is_(None), Ticket.first_response_due_at))
    proposal = case((Ticket.proposed_at.is_(None), Ticket.proposal_due_at))
    return func.least(Ticket.resolution_due_at, response, proposal)


async def check(session: AsyncSession) -> list[Ticket]:
    """Warn and escalate what is due; gives the tickets that changed. A ticket is escalated once."""
    share: float = (await business.setting(session, "routing"))["warn_share"]
    now = clock.now()
    due = first_due()
    is_near = due - (due - Ticket.opened_at) * share <= now
    running = select(Ticket).where(Ticket.status != TicketStatus.RESOLVED, Ticket.paused_at.is_(None))
    found = await session.scalars(
        running.where(
            or_(
                and_(Ticket.escalated_at.is_(None), due <= now),
                and_(Ticket.warned_at.is_(None), Ticket.escalated_at.is_(None), is_near),
            )
        )
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    changed = []
    for ticket in found:
        first = clocks.next_due(ticket)
        if first is not None and first <= now:
            ticket.escalated_at, ticket.priority = now, min(ticket.priority, 1)
            await note_event(session, ticket, "breached", None)
        else:
            ticket.warned_at = now
            await note_event(session, ticket, "warned", None)
        changed.append(ticket)
    return changed
