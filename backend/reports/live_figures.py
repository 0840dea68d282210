"""The desk at this moment: what waits, what is late, how busy the bot is."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Interaction
from backend.core import clock
from backend.tickets.models import Ticket, TicketStatus
from backend.tickets.standards import first_due

LATELY = timedelta(minutes=15)
SOON = timedelta(hours=1)


class Live(BaseModel):
    queued: int
    oldest_queued_at: datetime | None
    assigned: int
    waiting: int = Field(description="For the customer: their clocks stand still.")
    due_within_an_hour: int
    broken: int = Field(description="Open tickets of which a standard was broken.")
    open_by_kind: dict[str, int]
    customers_writing: int = Field(
        description="Conversations with a customer's message in the last 15 minutes."
    )


async def read(session: AsyncSession, channel: str | None = None) -> Live:
    """Counts of open tickets and of present conversations, of one channel or of all."""
    is_open = Ticket.status != TicketStatus.RESOLVED
    if channel:
        is_open = is_open & (Ticket.channel == channel)
    now = clock.now()
    counts = (
        await session.execute(
            select(
                func.count().filter(Ticket.status == TicketStatus.QUEUED),
                func.min(Ticket.opened_at).filter(Ticket.status == TicketStatus.QUEUED),
                func.count().filter(Ticket.status == TicketStatus.ASSIGNED),
                func.count().filter(Ticket.status == TicketStatus.WAITING),
                func.count().filter(Ticket.paused_at.is_(None), first_due() <= now + SOON),
                func.count().filter(Ticket.escalated_at.is_not(None)),
            ).where(is_open)
        )
    ).one()
    kinds = await session.execute(
        select(Ticket.kind, func.count()).where(is_open).group_by(Ticket.kind).order_by(Ticket.kind)
    )
    present = select(func.count(Interaction.conversation_id.distinct())).where(
        Interaction.direction == "inbound", Interaction.occurred_at > now - LATELY
    )
    writing = await session.scalar(present.where(Interaction.channel == channel) if channel else present)
    names = ("queued", "oldest_queued_at", "assigned", "waiting", "due_within_an_hour", "broken")
    return Live.model_validate(
        dict(zip(names, counts, strict=True))
        | {"open_by_kind": {row.kind: row[1] for row in kinds}, "customers_writing": writing or 0}
    )
