"""Which agent a waiting ticket rings at: by skill, language, capacity, presence; the last agent first, then in turn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation, OutboundMessage
from backend.core import business, clock
from backend.core.access import Agent
from backend.tickets.history import note_event
from backend.tickets.models import Ticket, TicketEvent, TicketStatus

AT_ONCE = 50
SURGE = "surge"  # everybody takes part in a catastrophe's queue


@dataclass
class Desk:
    """An agent who is here, and how much is on the desk."""

    agent: Agent
    load: int
    last_accepted: float


async def offer_waiting(session: AsyncSession, present: Collection[int]) -> list[Ticket]:
    """Let waiting tickets ring at the fitting agents among `present`; gives those that ring anew or no longer."""
    rules = await business.setting(session, "routing")
    lapsed = clock.now() - timedelta(seconds=rules["offer_seconds"])
    waiting = await session.scalars(
        select(Ticket)
        .where(Ticket.status == TicketStatus.QUEUED)
        .where(Ticket.offered_at.is_(None) | (Ticket.offered_at < lapsed) | Ticket.offered_to.not_in(present))
        .order_by(Ticket.priority, Ticket.opened_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    desks = await _desks(session, present)
    ringing = []
    for ticket in waiting:
        desk = await _choose(session, ticket, desks, rules["capacity"])
        if desk is None:
            if ticket.offered_to is not None:
                ringing.append(ticket)
            ticket.offered_to = ticket.offered_at = None
            continue
        ticket.offered_to, ticket.offered_at = desk.agent.id, clock.now()
        desk.load += 1
        await note_event(session, ticket, "offered", desk.agent.id)
        ringing.append(ticket)
    return ringing


async def _desks(session: AsyncSession, present: Collection[int]) -> list[Desk]:
    held = (
        select(Ticket.agent_id, func.count().label("load"))
        .where(Ticket.status.in_((TicketStatus.ASSIGNED, TicketStatus.WAITING)))
        .group_by(Ticket.agent_id)
        .subquery()
    )
    last = select(func.max(Ticket.accepted_at)).where(Ticket.agent_id == Agent.id).scalar_subquery()
    rows = await session.execute(
        select(Agent, func.coalesce(held.c.load, 0), last)
        .outerjoin(held, held.c.agent_id == Agent.id)
        .where(Agent.id.in_(present), Agent.is_active)
        .order_by(Agent.id)
    )
    return [Desk(agent, load, at.timestamp() if at else 0.0) for agent, load, at in rows]


async def _choose(session: AsyncSession, ticket: Ticket, desks: list[Desk], capacity: int) -> Desk | None:
    able = [
        desk
        for desk in desks
        if _fits(desk.agent, ticket) and (desk.load < capacity or ticket.urgency == "urgent")
    ]
    tried = await _tried(session, ticket)
    # After everybody was asked once, the round begins again.
    fresh = [desk for desk in able if desk.agent.id not in tried] or able
    if not fresh:
        return None
    known = await _last_agent(session, ticket)
    return next(
        (desk for desk in fresh if desk.agent.id == known),
        min(fresh, key=lambda desk: (desk.load, desk.last_accepted, desk.agent.id)),
    )


def _fits(agent: Agent, ticket: Ticket) -> bool:
    language = "en" if ticket.language == "en" else "zh"
    return (ticket.skill == SURGE or ticket.skill in agent.skills) and language in agent.languages


async def _tried(session: AsyncSession, ticket: Ticket) -> set[int]:
    """Who was asked since the ticket last came into the queue."""
    entered = (
        select(func.max(TicketEvent.id))
        .where(
            TicketEvent.ticket_id == ticket.id,
            TicketEvent.kind.in_(("opened", "reopened", "transferred", "given_back")),
        )
        .scalar_subquery()
    )
    query = select(TicketEvent.agent_id).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "offered", TicketEvent.id > entered
    )
    return {agent for agent in await session.scalars(query) if agent is not None}


async def _last_agent(session: AsyncSession, ticket: Ticket) -> int | None:
    """Who served this person last, on whatever channel."""
    same: Any = Ticket.contact_id == ticket.contact_id
    if ticket.customer_id is not None:
        same |= Ticket.customer_id == ticket.customer_id
    query = select(Ticket.agent_id).where(same, Ticket.agent_id.is_not(None), Ticket.id != ticket.id)
    return await session.scalar(query.order_by(Ticket.accepted_at.desc()).limit(1))


async def give_back_unanswered(session: AsyncSession, present: Collection[int]) -> list[Ticket]:
    """Back to the queue: tickets whose customer has waited too long for an agent who is away or never answered."""
    rules = await business.setting(session, "routing")
    limit = clock.now() - timedelta(minutes=rules["unanswered_minutes"])
    answered = (
        select(func.max(OutboundMessage.created_at))
        .where(
            OutboundMessage.conversation_id == Ticket.conversation_id, OutboundMessage.agent_id.is_not(None)
        )
        .scalar_subquery()
    )
    never = Ticket.first_responded_at.is_(None) & (Ticket.accepted_at < limit)
    gone = (
        Ticket.agent_id.not_in(present)
        & (Conversation.last_inbound_at < limit)
        & (Conversation.last_inbound_at > func.coalesce(answered, Ticket.accepted_at))
    )
    late = await session.scalars(
        select(Ticket)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(Ticket.status == TicketStatus.ASSIGNED, never | gone)
        .limit(AT_ONCE)
        .with_for_update(of=Ticket, skip_locked=True)
    )
    back = []
    for ticket in late:
        await note_event(session, ticket, "given_back", ticket.agent_id, reason="unanswered")
        ticket.status, ticket.agent_id = TicketStatus.QUEUED, None
        ticket.offered_to = ticket.offered_at = None
        back.append(ticket)
    return back
