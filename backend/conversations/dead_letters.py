"""Messages that failed for good, in either direction: seen, sent on their way again, or put aside."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import (
    CompoundSelect,
    String,
    and_,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.conversations.models import (
    Contact,
    Conversation,
    DismissedLetter,
    InboundMessage,
    InboundState,
    Interaction,
    Lane,
    Mode,
    OutboundMessage,
    OutboundState,
)
from backend.conversations.outgoing import due_now
from backend.core import clock

Direction = Literal["inbound", "outbound"]
REACHED = (OutboundState.SENT, OutboundState.DELIVERED, OutboundState.READ)
# The platform said that this person does not want our messages, or that the address is none.
NEVER_AGAIN = frozenset({"21610", "21614", "21211", "30006", "43004", "43019", "48002", "50005", "refused"})


class Letter(NamedTuple):
    """A row of the list, as the database gives it."""

    direction: Direction
    id: int
    conversation_id: int
    customer_id: int | None
    channel: str
    lane: str
    text: str
    reason: str
    state: str
    created_at: datetime


def letters() -> CompoundSelect[*tuple[Any, ...]]:
    """Every dead letter that nobody put aside."""
    said = aliased(Interaction)
    dismissed = select(DismissedLetter.message_id)
    heard = (
        select(
            literal("inbound", String).label("direction"),
            InboundMessage.id,
            InboundMessage.conversation_id,
            said.customer_id,
            Contact.channel,
            as_type(null(), String).label("lane"),
            InboundMessage.text,
            func.coalesce(InboundMessage.last_error, "unknown").label("reason"),
            InboundMessage.state,
            InboundMessage.created_at,
        )
        .join(Contact, Contact.id == InboundMessage.contact_id)
        .outerjoin(said, and_(said.inbound_id == InboundMessage.id, said.position == 0))
        .where(
            InboundMessage.state == InboundState.FAILED,
            InboundMessage.id.not_in(dismissed.where(DismissedLetter.direction == "inbound")),
        )
    )
    sent = (
        select(
            literal("outbound", String),
            OutboundMessage.id,
            OutboundMessage.conversation_id,
            said.customer_id,
            OutboundMessage.channel,
            OutboundMessage.lane,
            OutboundMessage.text,
            func.coalesce(OutboundMessage.error, "unknown"),
            OutboundMessage.state,
            OutboundMessage.created_at,
        )
        .outerjoin(said, said.outbound_id == OutboundMessage.id)
        .where(
            _is_dead(), OutboundMessage.id.not_in(dismissed.where(DismissedLetter.direction == "outbound"))
        )
    )
    return heard.union_all(sent)


def _is_dead() -> Any:
    """Failed for good; what is in doubt is still looked after, but for codes, which are never repeated."""
    failed = OutboundMessage.state.in_((OutboundState.FAILED, OutboundState.EXPIRED))
    return or_(
        failed, (OutboundMessage.state == OutboundState.IN_DOUBT) & (OutboundMessage.lane == Lane.CODE)
    )


async def replay(session: AsyncSession, direction: Direction, message_id: int) -> str | None:
    """Send this letter on its way again; gives why not, when that makes no sense any more."""
    known = InboundMessage if direction == "inbound" else OutboundMessage
    conversation_id = await session.scalar(select(known.conversation_id).where(known.id == message_id))
    if conversation_id is None:
        return "not_found"
    # In the order that everybody locks in: the conversation first.
    conversation = await session.get_one(Conversation, conversation_id, with_for_update=True)
    if direction == "inbound":
        return await _ask_again(session, conversation, message_id)
    return await _send_again(session, conversation, message_id)


async def _ask_again(session: AsyncSession, conversation: Conversation, message_id: int) -> str | None:
    inbound = await session.get_one(InboundMessage, message_id, populate_existing=True)
    if inbound.state != InboundState.FAILED:
        return "not_dead"
    if conversation.mode == Mode.HUMAN:
        return "with_agent"
    later = InboundMessage.conversation_id == conversation.id, InboundMessage.seq > inbound.seq
    answered = InboundMessage.state.in_((InboundState.ANSWERED, InboundState.TO_AGENT))
    if await session.scalar(select(exists().where(*later, answered))):
        return "superseded"
    # The places of the answer become free; what was said before (apology, ticket) stays in the record.
    old = update(OutboundMessage).where(OutboundMessage.inbound_id == inbound.id)
    await session.execute(old.values(position=-OutboundMessage.id))
    told = update(Interaction).where(Interaction.inbound_id == inbound.id, Interaction.position != 0)
    await session.execute(told.values(position=-Interaction.id))
    inbound.state, inbound.attempts = InboundState.STORED, 0
    inbound.first_failed_at = inbound.last_error = None
    conversation.interim_at = None
    conversation.inbox_due_at = cast(Any, func.now())
    return None


async def _send_again(session: AsyncSession, conversation: Conversation, message_id: int) -> str | None:
    outbound = await session.get_one(OutboundMessage, message_id, populate_existing=True)
    if outbound.lane == Lane.CODE:
        return "code"
    if outbound.state not in (OutboundState.FAILED, OutboundState.EXPIRED):
        return "not_dead"
    if outbound.expires_at is not None and outbound.expires_at <= clock.now():
        return "expired"
    if outbound.error in NEVER_AGAIN:
        return "refused"
    if outbound.agent_id is None and outbound.lane == Lane.REPLY and await _has_moved_on(session, outbound):
        return "superseded"
    outbound.state, outbound.error = OutboundState.QUEUED, None
    outbound.first_tried_at = outbound.repeated_at = None
    outbound.due_at = cast(Any, func.now())
    due_now(conversation)
    return None


async def _has_moved_on(session: AsyncSession, outbound: OutboundMessage) -> bool:
    """Whether a later reply reached the customer: the bot's old one would only confuse."""
    later = exists().where(
        OutboundMessage.conversation_id == outbound.conversation_id,
        OutboundMessage.id > outbound.id,
        OutboundMessage.lane == Lane.REPLY,
        OutboundMessage.inbound_id.is_distinct_from(outbound.inbound_id),
        OutboundMessage.state.in_(REACHED),
    )
    return bool(await session.scalar(select(later)))


async def dismiss(
    session: AsyncSession, direction: Direction, message_id: int, agent_id: int | None
) -> str | None:
    """Put this letter aside; gives why not, when it is none."""
    listed = letters().subquery()
    is_listed = select(exists().where(listed.c.direction == direction, listed.c.id == message_id))
    if not await session.scalar(is_listed):
        return "not_dead"
    aside = insert(DismissedLetter).values(
        direction=direction, message_id=message_id, agent_id=agent_id, dismissed_at=clock.now()
    )
    await session.execute(aside.on_conflict_do_nothing())
    return None
