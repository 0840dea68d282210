"""A stored message and all that decides how it is answered, in one statement: turns are a hot path, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, exists, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.conversations import leases
from backend.conversations.identity import COLUMNS, OPEN_BINDING, Identity, told_by
from backend.conversations.leases import Lease, LeaseLost
from backend.conversations.models import (
    OPEN,
    Binding,
    Contact,
    Conversation,
    InboundMedia,
    InboundMessage,
    InboundState,
    Lane,
    OutboundMessage,
)
from backend.core import business, clock
from backend.core.business import BusinessSetting
from backend.tickets.models import BotTask, Satisfaction, Ticket


@dataclass(frozen=True)
class Waiting:
    """A message, who wrote it, and what there is around it.

    `is_comment_awaited`: the customer chose to say why they rated so. `is_in_step`: the bot does a step for an agent.
    `is_last`: no other message waits. `is_way_free`: no reply is still to be sent.
    """

    inbound: InboundMessage
    contact: Contact
    identity: Identity
    has_files: bool
    is_comment_awaited: bool
    is_in_step: bool
    is_last: bool
    is_way_free: bool
    episode_limits: dict[str, int]


@dataclass(frozen=True)
class Held:
    """A leased conversation, row-locked until the transaction ends, and a stored message of it, if there is one."""

    lease: Lease
    conversation: Conversation
    waiting: Waiting | None


async def take(session: AsyncSession, limit: int) -> list[Held]:
    """Lease up to `limit` conversations whose inbox is due, the longest waiting first, with the first message of each.

    A message that was stored just now may be missing: `hold` finds it.
    """
    rows = await session.execute(TAKE, {"limit": limit, "now": clock.now()})
    return [_held(row, Lease("inbox", row.conversation.id, row.conversation.inbox_fence)) for row in rows]


async def hold(session: AsyncSession, lease: Lease, inbound_id: int | None = None) -> Held:
    """The conversation, and its message of that id, or else its first that waits; raises `LeaseLost`."""
    wanted = {"conversation_id": lease.conversation_id, "fence": lease.fence, "now": clock.now()}
    statement = HOLD
    if inbound_id is not None:
        statement, wanted = HOLD_AGAIN, wanted | {"inbound_id": inbound_id}
    row = (await session.execute(statement, wanted)).first()
    if row is not None and row.version != row.seen_version:
        # Somebody changed the conversation while we waited for its lock; what else was read is from before that.
        row = (await session.execute(statement, wanted)).first()
    if row is None:
        raise LeaseLost(f"{lease.box} of conversation {lease.conversation_id}")
    return _held(row, lease)


def _held(row: Row[Any], lease: Lease) -> Held:
    return Held(lease, row.conversation, _waiting(row) if row.inbound is not None else None)


def _waiting(row: Row[Any]) -> Waiting:
    limits = row.episode_limits["value"] if row.episode_limits else business.DEFAULTS["episode"]
    return Waiting(
        inbound=row.inbound,
        contact=row.Contact,
        identity=told_by(row),
        has_files=row.has_files,
        is_comment_awaited=row.is_comment_awaited,
        is_in_step=row.is_in_step,
        is_last=row.is_last,
        is_way_free=row.is_way_free,
        episode_limits=limits,
    )


def _reading(conversation: Any, message_id: ColumnElement[int] | None = None) -> Select[Any]:
    """Conversations with the message of that id, or else the first that waits."""
    other, wanted = aliased(InboundMessage), select(InboundMessage)
    if message_id is not None:
        wanted = wanted.where(InboundMessage.id == message_id)
    else:
        stored = (InboundMessage.conversation_id == conversation.id) & (
            InboundMessage.state == InboundState.STORED
        )
        wanted = wanted.where(stored).order_by(InboundMessage.seq).limit(1)
    # Lateral: looked up for each conversation, whatever the planner takes the size of the inbox to be.
    inbound = aliased(InboundMessage, wanted.lateral(), name="inbound")
    file = exists().where(InboundMedia.inbound_id == inbound.id)
    comment = (
        exists()
        .where(Ticket.conversation_id == conversation.id)
        .where(Satisfaction.ticket_id == Ticket.id, Satisfaction.comment_awaited)
    )
    step = exists().where(BotTask.conversation_id == conversation.id, BotTask.ended_at.is_(None))
    another = (
        exists()
        .where(other.conversation_id == conversation.id, other.state == InboundState.STORED)
        .where(other.id != inbound.id)
    )
    leaving = exists().where(
        OutboundMessage.conversation_id == conversation.id,
        OutboundMessage.lane == Lane.REPLY,
        OutboundMessage.state.in_(OPEN),
    )
    episode = select(BusinessSetting.value).where(BusinessSetting.key == "episode").scalar_subquery()
    return (
        select(
            conversation,
            inbound,
            Contact,
            *COLUMNS,
            file.label("has_files"),
            comment.label("is_comment_awaited"),
            step.label("is_in_step"),
            (~another).label("is_last"),
            (~leaving).label("is_way_free"),
            episode.label("episode_limits"),
        )
        .select_from(conversation)
        .join(Contact, Contact.id == conversation.contact_id)
        .outerjoin(inbound, true())
        .outerjoin(Binding, OPEN_BINDING)
        .execution_options(populate_existing=True)
    )


def _taking() -> Select[Any]:
    taken = leases.taking("inbox").returning(Conversation).cte("taken")
    return _reading(aliased(Conversation, taken, name="conversation"))


def _holding(message_id: ColumnElement[int] | None = None) -> Select[Any]:
    held, seen = aliased(Conversation, name="conversation"), aliased(Conversation, name="seen")
    return (
        _reading(held, message_id)
        # PostgreSQL's own version of the row: the locked one's, and the one's that was seen before waiting.
        .add_columns(
            literal_column("conversation.xmin::text").label("version"),
            literal_column("seen.xmin::text").label("seen_version"),
        )
        .join(seen, seen.id == held.id)
        .where(held.id == bindparam("conversation_id"), held.inbox_fence == bindparam("fence"))
        .with_for_update(of=held)
    )


# Made once: making them costs more than running them.
TAKE, HOLD, HOLD_AGAIN = (
    _taking(),
    _holding(),
    _holding(bindparam("inbound_id", type_=InboundMessage.id.type)),
)
