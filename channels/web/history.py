"""What a web contact may see: the messages of the present person only, and which of them still wait."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.delivery import record_status
from backend.conversations.models import (
    Binding,
    Contact,
    Conversation,
    InboundMedia,
    InboundMessage,
    InboundState,
    Interaction,
    Kind,
    Mode,
    OutboundFile,
    OutboundMessage,
    OutboundState,
)
from backend.core import clock
from backend.core.access import Agent
from channels.web import ACCOUNT, CHANNEL
from channels.web.rows import choices_of, files_of, heard, said
from channels.web.said import Said

LENGTH = 50
WAITING = (OutboundState.SENDING, OutboundState.SENT)
RELEASED = (*WAITING, OutboundState.DELIVERED, OutboundState.READ)
VISIBLE = (Kind.MESSAGE, Kind.INTERIM, Kind.NOTICE)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def _period_start() -> ColumnElement[datetime]:
    """When the last binding of the joined contact ended: what was said before belongs to somebody else."""
    ended = func.least(Binding.expires_at, func.coalesce(Binding.ended_at, Binding.expires_at))
    latest = select(func.max(ended)).where(Binding.contact_id == Contact.id, ended <= clock.now())
    return func.coalesce(latest.correlate(Contact).scalar_subquery(), BEGINNING)


async def waiting(
    session: AsyncSession, senders: Collection[str], also: Collection[int] = ()
) -> list[tuple[str, Said]]:
    """(sender, message) of all that these contacts have not acknowledged, and of `also`, in order."""
    query = (
        select(OutboundMessage, Agent.name)
        .join(
            Contact,
            (Contact.channel == OutboundMessage.channel)
            & (Contact.account == OutboundMessage.account)
            & (Contact.external_id == OutboundMessage.recipient),
        )
        .outerjoin(Agent, Agent.id == OutboundMessage.agent_id)
        .where(
            OutboundMessage.channel == CHANNEL,
            OutboundMessage.account == ACCOUNT,
            OutboundMessage.recipient.in_(senders),
            or_(OutboundMessage.state.in_(WAITING), OutboundMessage.id.in_(also)),
            OutboundMessage.state.in_(RELEASED),
            OutboundMessage.created_at > _period_start(),
        )
        .order_by(OutboundMessage.id)
    )
    rows = (await session.execute(query)).all()
    choices = await choices_of(session, [outbound for outbound, _ in rows])
    return [(o.recipient, said(o, agent, o.text, choices)) for o, agent in rows]


async def history(session: AsyncSession, sender: str) -> list[Said]:
    """The last messages of the present person, oldest first."""
    rows = list((await session.execute(_history_query(sender))).all())[::-1]
    choices = await choices_of(session, [outbound for _, _, outbound, _, _ in rows if outbound])
    files = await files_of(session, [inbound.id for _, inbound, _, _, _ in rows if inbound])
    return [
        said(outbound, agent, interaction.text, choices)
        if outbound
        else heard(interaction, inbound, read_seq, files)
        for interaction, inbound, outbound, agent, read_seq in rows
    ]


def _history_query(sender: str) -> Select[Interaction, InboundMessage, OutboundMessage, str, int]:
    return (
        select(Interaction, InboundMessage, OutboundMessage, Agent.name, Conversation.read_seq)
        .join(Contact, Contact.id == Interaction.contact_id)
        .join(Conversation, Conversation.id == Interaction.conversation_id)
        .outerjoin(OutboundMessage, OutboundMessage.id == Interaction.outbound_id)
        .outerjoin(
            InboundMessage,
            (InboundMessage.id == Interaction.inbound_id) & (Interaction.direction == "inbound"),
        )
        .outerjoin(Agent, Agent.id == Interaction.agent_id)
        .where(
            _is_web(sender),
            Interaction.kind.in_(VISIBLE),
            Interaction.occurred_at > _period_start(),
            or_(
                Interaction.direction == "inbound",
                (OutboundMessage.state.in_(RELEASED)) & (OutboundMessage.recipient == sender),
            ),
        )
        .order_by(Interaction.id.desc())
        .limit(LENGTH)
    )


def _is_web(sender: str) -> ColumnElement[bool]:
    return and_(Contact.channel == CHANNEL, Contact.account == ACCOUNT, Contact.external_id == sender)


async def period_starts(session: AsyncSession, senders: Collection[str]) -> dict[str, datetime]:
    """Since when what each of these contacts said is the present person's."""
    found = select(Contact.external_id, _period_start()).where(
        Contact.channel == CHANNEL, Contact.account == ACCOUNT, Contact.external_id.in_(senders)
    )
    return {row[0]: row[1] for row in await session.execute(found)}


async def is_answering(session: AsyncSession, sender: str) -> bool:
    """Whether the bot is about to answer this contact."""
    waiting = (
        select(InboundMessage.id)
        .join(Contact, Contact.id == InboundMessage.contact_id)
        .join(Conversation, Conversation.id == InboundMessage.conversation_id)
        .where(_is_web(sender), InboundMessage.state == InboundState.STORED, Conversation.mode == Mode.BOT)
    )
    return await session.scalar(waiting.limit(1)) is not None


async def sent_file_of(session: AsyncSession, sender: str, outbound_id: int) -> OutboundFile | None:
    """A file that was sent to the present person here; None for anybody else's."""
    return await session.scalar(
        select(OutboundFile)
        .join(OutboundMessage, OutboundMessage.id == OutboundFile.outbound_id)
        .join(Conversation, Conversation.id == OutboundMessage.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(
            _is_web(sender),
            OutboundFile.outbound_id == outbound_id,
            OutboundMessage.channel == CHANNEL,
            OutboundMessage.recipient == sender,
            OutboundMessage.state.in_(RELEASED),
            OutboundMessage.created_at > _period_start(),
        )
    )


async def file_of(session: AsyncSession, sender: str, media_id: int) -> InboundMedia | None:
    """A stored file that the present person handed in here; None for anybody else's."""
    return await session.scalar(
        select(InboundMedia)
        .join(InboundMessage, InboundMessage.id == InboundMedia.inbound_id)
        .join(Contact, Contact.id == InboundMessage.contact_id)
        .where(
            _is_web(sender),
            InboundMedia.id == media_id,
            InboundMedia.stored_name.is_not(None),
            InboundMessage.received_at > _period_start(),
        )
    )


async def message_of(session: AsyncSession, sender: str, message_id: str) -> InboundMessage | None:
    """The message that this contact's client named so, if it is stored already."""
    return await session.scalar(
        select(InboundMessage)
        .join(Contact, Contact.id == InboundMessage.contact_id)
        .where(_is_web(sender), InboundMessage.external_id == message_id)
    )


async def conversation_of(session: AsyncSession, sender: str) -> int | None:
    """The id of this contact's conversation; None before the first message."""
    return await session.scalar(
        select(Conversation.id).join(Contact, Contact.id == Conversation.contact_id).where(_is_web(sender))
    )


async def acknowledge(
    session: AsyncSession, ids: Collection[int], state: OutboundState
) -> list[OutboundMessage]:
    """Record that the customer has these messages; gives those whose state moved."""
    moved = [await record_status(session, CHANNEL, ACCOUNT, str(number), state) for number in sorted(ids)]
    return [message for message in moved if message is not None]
