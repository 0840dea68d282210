"""What an event says: ids, numbers and states; words only of conversations, for who asked for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Interaction, Kind
from backend.core.access import Agent
from backend.tickets.models import Ticket, TicketEvent
from backend.webhooks.models import WebhookEvent

# Not told: what agents write for themselves, and technical steps.
PRIVATE = frozenset({"note", "offered"})


async def describe(session: AsyncSession, event: WebhookEvent) -> tuple[str, dict[str, Any]] | None:
    """The event's type and payload; None when nobody outside is to know."""
    if event.source == "ticket_events":
        return await _ticket(session, event.source_id)
    return await _conversation(session, event.source_id)


async def _ticket(session: AsyncSession, event_id: int) -> tuple[str, dict[str, Any]] | None:
    row = (
        await session.execute(
            select(TicketEvent, Ticket, Agent.username)
            .join(Ticket, Ticket.id == TicketEvent.ticket_id)
            .outerjoin(Agent, Agent.id == TicketEvent.agent_id)
            .where(TicketEvent.id == event_id)
        )
    ).first()
    if row is None or row[0].kind in PRIVATE:
        return None
    event, ticket, agent = row
    return f"ticket.{event.kind}", {
        "ticket": ticket.number,
        "kind": ticket.kind,
        "status": ticket.status,
        "priority": ticket.priority,
        "skill": ticket.skill,
        "channel": ticket.channel,
        "conversation_id": ticket.conversation_id,
        "customer_id": ticket.customer_id,
        "agent": agent,
        "details": event.details,
        "occurred_at": event.occurred_at.isoformat(),
    }


async def _conversation(session: AsyncSession, interaction_id: int) -> tuple[str, dict[str, Any]] | None:
    entry = await session.get(Interaction, interaction_id)
    if entry is None or entry.conversation_id is None or entry.kind in (Kind.CODE, Kind.INTERIM):
        return None
    name = {"inbound": "message_received", "outbound": "message_sent"}.get(entry.direction, str(entry.kind))
    return f"conversation.{name}", {
        "conversation_id": entry.conversation_id,
        "interaction_id": entry.id,
        "customer_id": entry.customer_id,
        "channel": entry.channel,
        "speaker": entry.speaker,
        "kind": entry.kind,
        "language": entry.language,
        "text": entry.text,
        "occurred_at": entry.occurred_at.isoformat(),
    }
