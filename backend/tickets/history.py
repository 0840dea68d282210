"""A ticket's history: every act on it, and private notes."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.tickets.models import Ticket, TicketEvent


async def note_event(
    session: AsyncSession,
    ticket: Ticket,
    kind: str,
    agent_id: int | None,
    text: str | None = None,
    **details: Any,
) -> TicketEvent:
    """Add an entry; webhooks and reports read the same entries."""
    event = TicketEvent(
        ticket_id=ticket.id, kind=kind, agent_id=agent_id, text=text, details=details, occurred_at=clock.now()
    )
    session.add(event)
    await session.flush()
    return event
