"""A stored message and all that decides how it is answered, in one statement: turns are a hot path, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.conversations.identity import COLUMNS, OPEN_BINDING, Identity, told_by
from backend.conversations.models import (
    OPEN,
    Binding,
    Contact,
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


async def first(session: AsyncSession, conversation_id: int) -> Waiting | None:
    """The next stored message in sequence; the caller holds the conversation."""
    values = {"conversation_id": conversation_id, "now": clock.now()}
    row = (await session.execute(FIRST, values)).first()
    return _waiting(row) if row is not None else None


async def again(session: AsyncSession, inbound_id: int) -> Waiting:
    """The same of a message that was begun; the caller holds the conversation."""
    return _waiting((await session.execute(AGAIN, {"inbound_id": inbound_id, "now": clock.now()})).one())


def _waiting(row: Row[Any]) -> Waiting:
    limits = row.episode_limits["value"] if row.episode_limits else business.DEFAULTS["episode"]
    return Waiting(
        inbound=row.InboundMessage,
        contact=row.Contact,
        identity=told_by(row),
        has_files=row.has_files,
        is_comment_awaited=row.is_comment_awaited,
        is_in_step=row.is_in_step,
        is_last=row.is_last,
        is_way_free=row.is_way_free,
        episode_limits=limits,
    )


def _statement() -> Select[Any]:
    other, conversation_id = aliased(InboundMessage), InboundMessage.conversation_id
    file = exists().where(InboundMedia.inbound_id == InboundMessage.id)
    comment = (
        exists()
        .where(Ticket.conversation_id == conversation_id)
        .where(Satisfaction.ticket_id == Ticket.id, Satisfaction.comment_awaited)
    )
    step = exists().where(BotTask.conversation_id == conversation_id, BotTask.ended_at.is_(None))
    another = (
        exists()
        .where(other.conversation_id == conversation_id, other.state == InboundState.STORED)
        .where(other.id != InboundMessage.id)
    )
    leaving = exists().where(
        OutboundMessage.conversation_id == conversation_id,
        OutboundMessage.lane == Lane.REPLY,
        OutboundMessage.state.in_(OPEN),
    )
    episode = select(BusinessSetting.value).where(BusinessSetting.key == "episode").scalar_subquery()
    return (
        select(
            InboundMessage,
            Contact,
            *COLUMNS,
            file.label("has_files"),
            comment.label("is_comment_awaited"),
            step.label("is_in_step"),
            (~another).label("is_last"),
            (~leaving).label("is_way_free"),
            episode.label("episode_limits"),
        )
        .join(Contact, Contact.id == InboundMessage.contact_id)
        .outerjoin(Binding, OPEN_BINDING)
    )


# Made once: making them costs more than running them.
FIRST = (
    _statement()
    .where(
        InboundMessage.conversation_id == bindparam("conversation_id"),
        InboundMessage.state == InboundState.STORED,
    )
    .order_by(InboundMessage.seq)
    .limit(1)
)
AGAIN = _statement().where(InboundMessage.id == bindparam("inbound_id"))
