"""What a web contact may see: the messages of the present person only, and which of them still wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.delivery import record_status
from backend.conversations.models import (
    Binding,
    Contact,
    Conversation,
    InboundMessage,
    Interaction,
    Kind,
    OfferedChoice,
    OutboundMessage,
    OutboundState,
)
from backend.core import clock
from backend.core.access import Agent
from backend.core.language import Language, localise
from channels.web import ACCOUNT, CHANNEL
from channels.web.payloads import Said

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
    choices = await _choices(session, [outbound for outbound, _ in rows])
    return [(o.recipient, _said(o, agent, o.text, choices)) for o, agent in rows]


async def history(session: AsyncSession, sender: str) -> list[Said]:
    """The last messages of the present person, oldest first."""
    rows = list((await session.execute(_history_query(sender))).all())[::-1]
    choices = await _choices(session, [outbound for _, _, outbound, _ in rows if outbound])
    return [
        _said(outbound, agent, interaction.text, choices) if outbound else _heard(interaction, external_id)
        for interaction, external_id, outbound, agent in rows
    ]


def _history_query(sender: str) -> Select[Interaction, str, OutboundMessage, str]:
    return (
        select(Interaction, InboundMessage.external_id, OutboundMessage, Agent.name)
        .join(Contact, Contact.id == Interaction.contact_id)
        .outerjoin(OutboundMessage, OutboundMessage.id == Interaction.outbound_id)
        .outerjoin(
            InboundMessage,
            (InboundMessage.id == Interaction.inbound_id) & (Interaction.direction == "inbound"),
        )
        .outerjoin(Agent, Agent.id == Interaction.agent_id)
        .where(
            Contact.channel == CHANNEL,
            Contact.account == ACCOUNT,
            Contact.external_id == sender,
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


async def conversation_of(session: AsyncSession, sender: str) -> int | None:
    """The id of this contact's conversation; None before the first message."""
    return await session.scalar(
        select(Conversation.id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Contact.channel == CHANNEL, Contact.account == ACCOUNT, Contact.external_id == sender)
    )


async def acknowledge(
    session: AsyncSession, ids: Collection[int], state: OutboundState
) -> list[OutboundMessage]:
    """Record that the customer has these messages; gives those whose state moved."""
    moved = [await record_status(session, CHANNEL, ACCOUNT, str(number), state) for number in sorted(ids)]
    return [message for message in moved if message is not None]


async def _choices(
    session: AsyncSession, outbounds: Sequence[OutboundMessage]
) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    if not outbounds:
        return found
    languages = {outbound.id: cast(Language, outbound.language) for outbound in outbounds}
    offered = await session.scalars(
        select(OfferedChoice)
        .where(OfferedChoice.outbound_id.in_(languages))
        .order_by(OfferedChoice.outbound_id, OfferedChoice.position)
    )
    for choice in offered:
        title = localise(choice.title, languages[choice.outbound_id])
        found.setdefault(choice.outbound_id, []).append((choice.token, title))
    return found


def _said(
    outbound: OutboundMessage, agent: str | None, text: str, choices: dict[int, list[tuple[str, str]]]
) -> Said:
    language = cast(Language, outbound.language)
    link = outbound.payload.get("link")
    return Said(
        id=str(outbound.id),
        direction="out",
        text=localise(text, language),
        at=outbound.created_at,
        kind=outbound.kind,
        speaker=outbound.payload.get("speaker", "bot"),
        agent=agent,
        language=language,
        state=outbound.state,
        choices=choices.get(outbound.id, []),
        link={**link, "title": localise(link.get("title") or "", language)} if link else None,
    )


def _heard(interaction: Interaction, external_id: str | None) -> Said:
    return Said(
        id=external_id or f"record-{interaction.id}",
        direction="in",
        text=interaction.text,
        at=interaction.occurred_at,
        type=interaction.details.get("type", "text"),
        language=interaction.language,
    )
