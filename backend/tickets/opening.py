"""Opening a ticket: what is handed to a human, how soon, and to whom; exactly one open ticket a matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Sequence, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import Identity, identity_of
from backend.conversations.models import Contact, Conversation, Interaction, Kind, Mode
from backend.core import business, clock
from backend.core.db import Base
from backend.customers.models import Customer
from backend.notices import surges
from backend.tickets import clocks, merging
from backend.tickets.brief import write_brief
from backend.tickets.history import note_event
from backend.tickets.models import LIVE_KINDS, Complaint, Ticket, TicketKind, TicketStatus
from backend.tickets.service import locked_conversation

NUMBERS = Sequence("ticket_numbers", metadata=Base.metadata)
PRIORITIES = {TicketKind.URGENT: 0, TicketKind.COMPLAINT: 1, TicketKind.DISPUTE: 1, TicketKind.SURRENDER: 2}
SKILLS = {
    TicketKind.COMPLAINT: "complaints",
    TicketKind.DISPUTE: "claims",
    TicketKind.URGENT: "claims",
}


@dataclass(frozen=True)
class ComplaintClass:
    """What a complaint is entered into the register as: product, service or claim; ordinary or major."""

    category: str = "service"
    severity: str = "ordinary"
    product_type: str | None = None


@dataclass(frozen=True)
class Matter:
    """What is handed to a human; `urgency` is normal, upset or urgent."""

    kind: TicketKind
    summary: str
    urgency: str
    complaint: ComplaintClass


async def open_ticket(
    session: AsyncSession,
    zone: ZoneInfo,
    conversation_id: int,
    kind: TicketKind,
    summary: str,
    urgency: str = "normal",
    complaint: ComplaintClass | None = None,
) -> tuple[Ticket, bool]:
    """The open ticket of this matter, and whether it was opened now: exactly one open ticket a matter.

    A matter that was resolved within the last 24 hours is opened again. In service hours a live kind switches the
    conversation to a human at once.
    """
    matter = Matter(kind, summary, urgency, complaint or ComplaintClass())
    conversation = await locked_conversation(session, conversation_id)
    contact = (await session.scalars(select(Contact).where(Contact.id == conversation.contact_id))).one()
    identity = await identity_of(session, contact)
    known = await session.scalar(
        select(Ticket).where(
            Ticket.conversation_id == conversation_id,
            Ticket.kind == matter.kind,
            Ticket.status != TicketStatus.RESOLVED,
        )
    )
    if known is not None:
        _more_urgent(known, matter)
        return known, False
    ticket = await merging.returned(session, conversation_id, matter.kind)
    if ticket is None:
        ticket = await _new_ticket(session, zone, conversation, contact, identity, matter)
    else:
        await merging.reopen(session, ticket, None)
        _more_urgent(ticket, matter)
    hours = await business.setting(session, "service_hours")
    is_open = business.next_opening(hours, clock.now(), zone) is None
    if matter.kind in LIVE_KINDS and is_open:
        conversation.mode = Mode.HUMAN
    session.add(_handoff(conversation, contact, identity, ticket))
    await session.flush()
    if surge := await surges.applying(session, identity.customer_id, matter.summary):
        ticket.skill = surge.skill
        await surges.say_at_once(session, surge, conversation, contact, identity, ticket.id)
    return ticket, True


def _more_urgent(ticket: Ticket, matter: Matter) -> None:
    """What was said since may make an open ticket urgent; never less so."""
    if matter.urgency == "urgent" and ticket.urgency != "urgent":
        ticket.urgency, ticket.priority = "urgent", 0


async def _new_ticket(
    session: AsyncSession,
    zone: ZoneInfo,
    conversation: Conversation,
    contact: Contact,
    identity: Identity,
    matter: Matter,
) -> Ticket:
    opened = clock.now()
    dues = await clocks.dues(session, matter.kind, opened, zone)
    tier = await _tier(session, identity)
    ticket = Ticket(
        number=await _next_number(session, opened, zone),
        kind=matter.kind,
        status=TicketStatus.QUEUED,
        priority=priority(matter, tier),
        urgency=matter.urgency,
        skill=SKILLS.get(matter.kind, "policy_service"),
        summary=matter.summary,
        channel=contact.channel,
        language=conversation.language,
        identity_level=identity.level,
        conversation_id=conversation.id,
        contact_id=contact.id,
        customer_id=identity.customer_id,
        opened_at=opened,
        first_response_due_at=dues.first_response,
        proposal_due_at=dues.proposal,
        resolution_due_at=dues.resolution,
    )
    session.add(ticket)
    await session.flush()
    await note_event(session, ticket, "opened", None)
    await write_brief(session, ticket, conversation)
    if matter.kind == TicketKind.COMPLAINT:
        session.add(
            Complaint(
                ticket_id=ticket.id,
                category=matter.complaint.category,
                severity=matter.complaint.severity,
                product_type=matter.complaint.product_type,
            )
        )
    return ticket


async def _next_number(session: AsyncSession, opened: datetime, zone: ZoneInfo) -> str:
    number = await session.scalar(select(NUMBERS.next_value()))
    return f"T{opened.astimezone(zone).year}{number:06d}"


async def _tier(session: AsyncSession, identity: Identity) -> str | None:
    if identity.customer_id is None:
        return None
    return await session.scalar(select(Customer.tier).where(Customer.id == identity.customer_id))


def priority(matter: Matter, tier: str | None) -> int:
    """0 goes first: injury and danger, then anger and grave complaints, then by kind; gold customers a step ahead."""
    if matter.urgency == "urgent":
        return 0
    if matter.urgency == "upset" or matter.complaint.severity == "major":
        return 1
    usual = PRIORITIES.get(matter.kind, 3)
    return max(1, usual - 1) if tier == "gold" else usual


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
