"""Giving a ticket to somebody else: transfer, assignment by a supervisor, back to the bot."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation, Mode
from backend.core import clock
from backend.core.access import Agent
from backend.core.errors import Invalid
from backend.tickets.history import note_event
from backend.tickets.models import Ticket, TicketStatus
from backend.tickets.service import TicketNotOpen


async def active_agent(session: AsyncSession, agent_id: int) -> Agent:
    """Raises `Invalid` for who cannot serve."""
    agent = await session.scalar(select(Agent).where(Agent.id == agent_id, Agent.is_active))
    if agent is None or agent.role not in ("agent", "supervisor"):
        raise Invalid("There is no such agent who serves customers.")
    return agent


async def assign(
    session: AsyncSession, ticket: Ticket, conversation: Conversation, to: Agent, by: int, note: str | None
) -> None:
    """The ticket is `to`'s from now on, taken from whoever had it. The caller locked the conversation."""
    if ticket.status == TicketStatus.RESOLVED:
        raise TicketNotOpen("This ticket is resolved.")
    await note_event(session, ticket, "assigned", by, note, to=to.id, was=ticket.agent_id)
    ticket.agent_id, ticket.accepted_at = to.id, clock.now()
    ticket.status = TicketStatus.WAITING if ticket.paused_at else TicketStatus.ASSIGNED
    ticket.offered_to = ticket.offered_at = None
    conversation.mode = Mode.HUMAN


async def transfer(session: AsyncSession, ticket: Ticket, skill: str, by: int, note: str | None) -> None:
    """Back into the queue, for another group of skills."""
    if ticket.status == TicketStatus.RESOLVED:
        raise TicketNotOpen("This ticket is resolved.")
    await note_event(session, ticket, "transferred", by, note, skill=skill, was=ticket.skill)
    ticket.skill, ticket.status, ticket.agent_id = skill, TicketStatus.QUEUED, None
    ticket.offered_to = ticket.offered_at = None
