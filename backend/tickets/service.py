"""What can be done with a ticket; a race is settled in one UPDATE."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import identity_of
from backend.conversations.models import Contact, Conversation, Mode, OutboundMessage
from backend.conversations.outgoing import Attachment, Reply, queue_reply
from backend.core import clock
from backend.core.errors import Conflict, NotFound
from backend.notices import triggers
from backend.tickets import bot_tasks, clocks, satisfaction
from backend.tickets.history import note_event
from backend.tickets.models import LIVE_KINDS, Ticket, TicketEvent, TicketStatus


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
        .values(
            status=TicketStatus.ASSIGNED,
            agent_id=agent_id,
            accepted_at=clock.now(),
            offered_to=None,
            offered_at=None,
        )
        .returning(Ticket)
        .execution_options(populate_existing=True)
    )
    if accepted is None:
        await session.refresh(ticket)
        if ticket.agent_id == agent_id and ticket.status != TicketStatus.RESOLVED:
            return ticket
        raise TicketNotOpen("This ticket was already taken or resolved.")
    conversation.mode = Mode.HUMAN
    await note_event(session, accepted, "accepted", agent_id)
    return accepted


async def own_ticket(session: AsyncSession, number: str, agent_id: int) -> tuple[Ticket, Conversation]:
    """The agent's open ticket and its locked conversation; raises `TicketNotOpen`."""
    ticket = await ticket_by_number(session, number)
    conversation = await locked_conversation(session, ticket.conversation_id)
    await session.refresh(ticket)
    check_own(ticket, agent_id)
    return ticket, conversation


def check_own(ticket: Ticket, agent_id: int) -> None:
    """Raises `TicketNotOpen` unless it is this agent's and open."""
    if ticket.status == TicketStatus.RESOLVED:
        raise TicketNotOpen("This ticket is resolved.")
    if ticket.agent_id != agent_id:
        raise TicketNotOpen("Accept this ticket first.")


async def reply_to_customer(
    session: AsyncSession,
    number: str,
    agent_id: int,
    text: str,
    key: str | None,
    attachment: Attachment | None = None,
) -> OutboundMessage:
    """Queue the agent's words or file for the customer's channel; the same `key` again queues nothing new."""
    ticket, conversation = await own_ticket(session, number, agent_id)
    message_key = f"agent:{ticket.number}:{key}" if key else None
    if message_key:
        known = await session.scalar(select(OutboundMessage).where(OutboundMessage.key == message_key))
        if known is not None:
            return known
    contact = (await session.scalars(select(Contact).where(Contact.id == ticket.contact_id))).one()
    identity = await identity_of(session, contact)
    reply = Reply(
        text=text,
        speaker="agent",
        key=message_key,
        agent_id=agent_id,
        ticket_id=ticket.id,
        attachment=attachment,
    )
    outbound = await queue_reply(session, conversation, contact, identity, reply)
    clocks.resume(ticket)
    ticket.first_responded_at = ticket.first_responded_at or clock.now()
    await note_event(session, ticket, "replied", agent_id)
    return outbound


async def add_note(session: AsyncSession, number: str, agent_id: int, text: str) -> TicketEvent:
    """A private note: agents read it, the customer never does."""
    ticket = await ticket_by_number(session, number)
    return await note_event(session, ticket, "note", agent_id, text)


async def wait_for_customer(session: AsyncSession, number: str, agent_id: int) -> Ticket:
    """Stop the ticket's clocks until the customer writes, or the agent goes on."""
    ticket, _ = await own_ticket(session, number, agent_id)
    if ticket.paused_at is None:
        clocks.pause(ticket)
        await note_event(session, ticket, "waiting", agent_id)
    return ticket


async def go_on(session: AsyncSession, number: str, agent_id: int) -> Ticket:
    """The agent does not wait for the customer any longer: the ticket's clocks run again."""
    ticket, _ = await own_ticket(session, number, agent_id)
    if ticket.paused_at is not None:
        clocks.resume(ticket)
        await note_event(session, ticket, "continued", agent_id)
    return ticket


async def customer_wrote(session: AsyncSession, conversation_id: int) -> None:
    """The customer answered: the clocks of tickets that waited for it go on."""
    waiting = select(Ticket).where(
        Ticket.conversation_id == conversation_id, Ticket.status == TicketStatus.WAITING
    )
    for ticket in await session.scalars(waiting):
        clocks.resume(ticket)
        await note_event(session, ticket, "customer_answered", None)


@dataclass(frozen=True)
class Ending:
    """How a matter ends: the outcome, a private note, and what the customer reads."""

    outcome: str
    note: str | None
    farewell: str
    buttons: list[tuple[str, str]]


async def resolve_ticket(session: AsyncSession, number: str, agent_id: int, ending: Ending) -> Ticket:
    """Close the matter, tell the customer, and give the conversation back to the bot with a clean memory."""
    ticket, conversation = await own_ticket(session, number, agent_id)
    clocks.resume(ticket)
    ticket.status, ticket.outcome, ticket.resolved_at = TicketStatus.RESOLVED, ending.outcome, clock.now()
    await note_event(session, ticket, "resolved", agent_id, ending.note, outcome=ending.outcome)
    await back_to_bot(session, conversation)
    if ending.buttons:
        await satisfaction.ask(session, ticket)
    contact = (await session.scalars(select(Contact).where(Contact.id == ticket.contact_id))).one()
    identity = await identity_of(session, contact)
    reply = Reply(
        text=ending.farewell,
        speaker="system",
        buttons=ending.buttons,
        key=f"resolved:{ticket.number}:{ticket.resolved_at}",
        ticket_id=ticket.id,
    )
    await queue_reply(session, conversation, contact, identity, reply)
    await triggers.ticket_resolved(session, ticket)
    return ticket


async def back_to_bot(session: AsyncSession, conversation: Conversation) -> None:
    """The bot answers again, with a clean memory, unless another ticket keeps the conversation with a human."""
    others = await session.scalar(
        select(func.count()).where(
            Ticket.conversation_id == conversation.id,
            Ticket.status != TicketStatus.RESOLVED,
            (Ticket.agent_id.is_not(None)) | (Ticket.kind.in_(LIVE_KINDS)),
        )
    )
    if others:
        return
    if (task := await bot_tasks.running(session, conversation.id)) is not None:
        await bot_tasks.end(session, conversation, task, "cancelled")
    conversation.mode = Mode.BOT
    conversation.episode += 1
    conversation.episode_turns = 0
    conversation.active_form = None
