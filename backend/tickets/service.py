"""What can be done with a ticket; a race is settled in one UPDATE."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Sequence, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import Identity, identity_of
from backend.conversations.models import Contact, Conversation, Interaction, Kind, Mode, OutboundMessage
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import business, clock
from backend.core.db import Base
from backend.core.errors import Conflict, NotFound
from backend.tickets.models import Ticket, TicketEvent, TicketKind, TicketStatus

NUMBERS = Sequence("ticket_numbers", metadata=Base.metadata)
# The customer waits for a person in the chat: the bot steps back as soon as someone is on duty.
LIVE_KINDS = frozenset({TicketKind.INQUIRY, TicketKind.URGENT})
PRIORITIES = {TicketKind.URGENT: 0, TicketKind.COMPLAINT: 1, TicketKind.DISPUTE: 1, TicketKind.SURRENDER: 2}
SKILLS = {
    TicketKind.COMPLAINT: "complaints",
    TicketKind.DISPUTE: "claims",
    TicketKind.URGENT: "claims",
}


class TicketNotOpen(Conflict):
    """The ticket is assigned to another agent, or resolved."""

    code = "ticket_not_open"


async def ticket_by_number(session: AsyncSession, number: str) -> Ticket:
    """Raises `NotFound`."""
    ticket = await session.scalar(select(Ticket).where(Ticket.number == number.strip().upper()))
    if ticket is None:
        raise NotFound("There is no such ticket.")
    return ticket


async def locked_conversation(session: AsyncSession, conversation_id: int) -> Conversation:
    """The conversation, row-locked until the transaction ends."""
    lock = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    return (await session.scalars(lock.execution_options(populate_existing=True))).one()


async def open_ticket(
    session: AsyncSession,
    zone: ZoneInfo,
    conversation_id: int,
    kind: TicketKind,
    summary: str,
    urgency: str = "normal",
) -> tuple[Ticket, bool]:
    """The open ticket of this matter, and whether it was made now: exactly one open ticket a matter.

    In service hours a live kind switches the conversation to a human at once.
    """
    conversation = await locked_conversation(session, conversation_id)
    contact = (await session.scalars(select(Contact).where(Contact.id == conversation.contact_id))).one()
    identity = await identity_of(session, contact)
    known = await session.scalar(
        select(Ticket).where(
            Ticket.conversation_id == conversation_id,
            Ticket.kind == kind,
            Ticket.status != TicketStatus.RESOLVED,
        )
    )
    if known is not None:
        return known, False
    ticket = await _new_ticket(session, zone, conversation, contact, identity, kind, summary, urgency)
    hours = await business.setting(session, "service_hours")
    is_open = business.next_opening(hours, clock.now(), zone) is None
    if kind in LIVE_KINDS and (is_open or urgency == "urgent"):
        conversation.mode = Mode.HUMAN
    await _note_event(session, ticket, "opened", None)
    session.add(_handoff(conversation, contact, identity, ticket))
    await session.flush()
    return ticket, True


async def _new_ticket(
    session: AsyncSession,
    zone: ZoneInfo,
    conversation: Conversation,
    contact: Contact,
    identity: Identity,
    kind: TicketKind,
    summary: str,
    urgency: str,
) -> Ticket:
    opened = clock.now()
    first_hours, outcome_hours = (await business.setting(session, "ticket_clocks"))[kind]
    number = await session.scalar(select(NUMBERS.next_value()))
    ticket = Ticket(
        number=f"T{opened.astimezone(zone).year}{number:06d}",
        kind=kind,
        status=TicketStatus.QUEUED,
        priority=0 if urgency == "urgent" else PRIORITIES.get(kind, 3),
        urgency=urgency,
        skill=SKILLS.get(kind, "policy_service"),
        summary=summary,
        channel=contact.channel,
        language=conversation.language,
        identity_level=identity.level,
        conversation_id=conversation.id,
        contact_id=contact.id,
        customer_id=identity.customer_id,
        opened_at=opened,
        first_response_due_at=opened + timedelta(hours=first_hours),
        resolution_due_at=opened + timedelta(hours=outcome_hours),
    )
    session.add(ticket)
    await session.flush()
    return ticket


def _handoff(conversation: Conversation, contact: Contact, identity: Identity, ticket: Ticket) -> Interaction:
    return Interaction(
        customer_id=identity.customer_id,
        contact_id=contact.id,
        conversation_id=conversation.id,
        channel=contact.channel,
        direction="internal",
        speaker="system",
        kind=Kind.HANDOFF,
        text=ticket.number,
        details={"kind": ticket.kind, "urgency": ticket.urgency},
        language=conversation.language,
        episode=conversation.episode,
        level=identity.level,
        ticket_id=ticket.id,
        occurred_at=ticket.opened_at,
    )


async def _note_event(
    session: AsyncSession,
    ticket: Ticket,
    kind: str,
    agent_id: int | None,
    text: str | None = None,
    **details: Any,
) -> TicketEvent:
    event = TicketEvent(
        ticket_id=ticket.id, kind=kind, agent_id=agent_id, text=text, details=details, occurred_at=clock.now()
    )
    session.add(event)
    await session.flush()
    return event


async def queue_position(session: AsyncSession, ticket: Ticket) -> int | None:
    """1 is next; None when the ticket does not wait in the queue."""
    if ticket.status != TicketStatus.QUEUED:
        return None
    ahead = await session.scalar(
        select(func.count()).where(
            Ticket.status == TicketStatus.QUEUED,
            (Ticket.priority < ticket.priority)
            | ((Ticket.priority == ticket.priority) & (Ticket.id < ticket.id)),
        )
    )
    return (ahead or 0) + 1


async def accept_ticket(session: AsyncSession, number: str, agent_id: int) -> Ticket:
    """Give the ticket to this agent, who now answers the conversation. Accepting one's own ticket again is fine."""
    ticket = await ticket_by_number(session, number)
    conversation = await locked_conversation(session, ticket.conversation_id)
    accepted = await session.scalar(
        update(Ticket)
        .where(Ticket.id == ticket.id, Ticket.status == TicketStatus.QUEUED)
        .values(status=TicketStatus.ASSIGNED, agent_id=agent_id, accepted_at=clock.now())
        .returning(Ticket)
        .execution_options(populate_existing=True)
    )
    if accepted is None:
        await session.refresh(ticket)
        if ticket.agent_id == agent_id and ticket.status != TicketStatus.RESOLVED:
            return ticket
        raise TicketNotOpen("This ticket was already taken or resolved.")
    conversation.mode = Mode.HUMAN
    await _note_event(session, accepted, "accepted", agent_id)
    return accepted


async def _own_ticket(session: AsyncSession, number: str, agent_id: int) -> tuple[Ticket, Conversation]:
    """The agent's open ticket and its locked conversation; raises `TicketNotOpen`."""
    ticket = await ticket_by_number(session, number)
    conversation = await locked_conversation(session, ticket.conversation_id)
    await session.refresh(ticket)
    if ticket.status == TicketStatus.RESOLVED:
        raise TicketNotOpen("This ticket is resolved.")
    if ticket.agent_id != agent_id:
        raise TicketNotOpen("Accept this ticket first.")
    return ticket, conversation


async def reply_to_customer(
    session: AsyncSession, number: str, agent_id: int, text: str, key: str | None
) -> OutboundMessage:
    """Queue the agent's reply to the customer's channel; the same `key` again queues nothing new."""
    ticket, conversation = await _own_ticket(session, number, agent_id)
    message_key = f"agent:{ticket.number}:{key}" if key else None
    if message_key:
        known = await session.scalar(select(OutboundMessage).where(OutboundMessage.key == message_key))
        if known is not None:
            return known
    contact = (await session.scalars(select(Contact).where(Contact.id == ticket.contact_id))).one()
    identity = await identity_of(session, contact)
    reply = Reply(text=text, speaker="agent", key=message_key, agent_id=agent_id, ticket_id=ticket.id)
    outbound = await queue_reply(session, conversation, contact, identity, reply)
    ticket.first_responded_at = ticket.first_responded_at or clock.now()
    await _note_event(session, ticket, "replied", agent_id)
    return outbound


async def add_note(session: AsyncSession, number: str, agent_id: int, text: str) -> TicketEvent:
    """A private note: agents read it, the customer never does."""
    ticket = await ticket_by_number(session, number)
    return await _note_event(session, ticket, "note", agent_id, text)


async def resolve_ticket(
    session: AsyncSession, number: str, agent_id: int, outcome: str, note: str | None, farewell: str
) -> Ticket:
    """Close the matter, tell the customer, and give the conversation back to the bot with a clean memory."""
    ticket, conversation = await _own_ticket(session, number, agent_id)
    ticket.status, ticket.outcome, ticket.resolved_at = TicketStatus.RESOLVED, outcome, clock.now()
    await _note_event(session, ticket, "resolved", agent_id, note, outcome=outcome)
    others = await session.scalar(
        select(func.count()).where(
            Ticket.conversation_id == conversation.id,
            Ticket.status != TicketStatus.RESOLVED,
            (Ticket.agent_id.is_not(None)) | (Ticket.kind.in_(LIVE_KINDS)),
        )
    )
    if not others:
        conversation.mode = Mode.BOT
        conversation.episode += 1
        conversation.episode_turns = 0
        conversation.active_form = None
    contact = (await session.scalars(select(Contact).where(Contact.id == ticket.contact_id))).one()
    identity = await identity_of(session, contact)
    reply = Reply(
        text=farewell,
        speaker="system",
        key=f"resolved:{ticket.number}:{ticket.resolved_at}",
        ticket_id=ticket.id,
    )
    await queue_reply(session, conversation, contact, identity, reply)
    return ticket
