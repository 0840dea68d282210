"""Tickets as the console reads them: with customer, agent, mode and unread messages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.api import AgentName
from backend.conversations.models import Conversation, Interaction
from backend.core.access import Agent
from backend.customers.models import Customer
from backend.tickets import bot_tasks, service
from backend.tickets.models import Satisfaction, Ticket, TicketEvent, TicketLink
from backend.tickets.schemas import (
    About,
    BotTaskRead,
    CustomerName,
    Rating,
    TicketDetail,
    TicketEventRead,
    TicketRead,
)


def ticket_rows() -> Select[Any]:
    unread = (
        select(func.count().label("messages"), func.max(Interaction.id).label("newest"))
        .where(
            Interaction.conversation_id == Ticket.conversation_id,
            Interaction.id > Ticket.read_up_to,
            Interaction.direction == "inbound",
            Interaction.occurred_at >= Ticket.opened_at,
        )
        .lateral("unread")
    )
    people = (Customer.id, Customer.name, Agent.id, Agent.name)
    return (
        select(Ticket, Conversation.mode, *people, unread.c.messages, unread.c.newest)
        .select_from(Ticket)
        .join(unread, true())
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(Agent, Agent.id == Ticket.agent_id)
    )


async def read_tickets(session: AsyncSession, query: Select[Any]) -> list[TicketRead]:
    found = []
    rows = await session.execute(query)
    for ticket, mode, customer_id, customer_name, agent_id, agent_name, unread, newest in rows:
        values = {name: getattr(ticket, name) for name in TicketRead.model_fields if hasattr(ticket, name)}
        found.append(
            TicketRead(
                **values,
                mode=mode,
                customer=CustomerName(id=customer_id, name=customer_name) if customer_id else None,
                agent=AgentName(id=agent_id, name=agent_name) if agent_id else None,
                unread=unread,
                newest_unread=newest,
            )
        )
    return found


async def one(session: AsyncSession, number: str) -> TicketRead:
    ticket = await service.ticket_by_number(session, number)
    return (await read_tickets(session, ticket_rows().where(Ticket.id == ticket.id)))[0]


async def detail(session: AsyncSession, number: str) -> TicketDetail:
    """One ticket with everything that belongs to it; raises `NotFound`."""
    summary = await one(session, number)
    ticket = await service.ticket_by_number(session, number)
    events = await _events(session, ticket)
    task = await bot_tasks.running(session, ticket.conversation_id)
    answer = await session.get(Satisfaction, ticket.id)
    merged = await session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None
    links = await session.scalars(select(TicketLink).where(TicketLink.ticket_id == ticket.id))
    return TicketDetail(
        **summary.model_dump(),
        events=events,
        notes=[event for event in events if event.kind == "note"],
        links=[About.model_validate({"kind": link.kind, "number": link.number}) for link in links],
        bot_task=BotTaskRead.model_validate(task) if task else None,
        satisfaction=Rating.model_validate(answer) if answer else None,
        merged_into=merged.number if merged else None,
        position=await service.queue_position(session, ticket),
    )


async def _events(session: AsyncSession, ticket: Ticket) -> list[TicketEventRead]:
    rows = await session.execute(
        select(TicketEvent, Agent.id, Agent.name)
        .outerjoin(Agent, Agent.id == TicketEvent.agent_id)
        .where(TicketEvent.ticket_id == ticket.id)
        .order_by(TicketEvent.id)
    )
    return [
        TicketEventRead(
            id=event.id,
            kind=event.kind,
            agent=AgentName(id=agent_id, name=agent_name) if agent_id else None,
            text=event.text,
            details=event.details,
            occurred_at=event.occurred_at,
        )
        for event, agent_id, agent_name in rows
    ]
