"""The outbox's transactions: which message may leave now, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import allowances, leases
from backend.conversations.leases import Lease
from backend.conversations.models import (
    Conversation,
    Lane,
    OfferedChoice,
    OutboundMessage,
    OutboundState,
)
from backend.conversations.verification import CODE_PURPOSE
from backend.core import clock
from backend.core.crypto import Vault
from backend.core.language import Language, localise
from channels.sending import Choice, Outgoing, Sent

HOLD_FOLLOWERS = timedelta(seconds=60)
BACK_OFF = [1.0, 2.0, 5.0, 10.0, 15.0]
OPEN = (OutboundState.QUEUED, OutboundState.SENDING, OutboundState.IN_DOUBT)


@dataclass(frozen=True)
class Departure:
    """A message about to leave; `in_doubt` when an earlier try may have reached the platform already."""

    message: Outgoing
    in_doubt: bool


async def next_departure(
    session: AsyncSession, lease: Lease, lane: Lane, vault: Vault, fetched: frozenset[str] = frozenset()
) -> Departure | None:
    """The first open message of a lane, marked as being sent; None when nothing may leave now.

    Messages of the channels in `fetched` are not sent: their platform fetches them.

    A message that cannot leave any more (expired, no allowance) is closed here and the next one is looked at.
    """
    conversation = await leases.hold(session, lease)
    if lane == Lane.NOTICE and await _first_open(session, conversation.id, Lane.REPLY):
        return None
    while outbound := await _first_open(session, conversation.id, lane):
        if outbound.channel in fetched or outbound.due_at > await _database_now(session):
            return None
        if outbound.expires_at is not None and outbound.expires_at <= clock.now():
            _close(outbound, OutboundState.EXPIRED, "expired")
            continue
        was_sending = outbound.state in (OutboundState.SENDING, OutboundState.IN_DOUBT)
        if was_sending and outbound.lane == Lane.CODE:
            _close(outbound, OutboundState.IN_DOUBT, "a code is never repeated")
            continue
        # A try that the platform refused for now has spent its allowance already.
        is_first = outbound.first_tried_at is None
        if is_first and not await _is_allowed(session, conversation, outbound):
            _close(outbound, OutboundState.FAILED, "no_allowance")
            continue
        outbound.attempts += 0 if was_sending else 1
        outbound.state = OutboundState.IN_DOUBT if was_sending else OutboundState.SENDING
        outbound.first_tried_at = outbound.first_tried_at or clock.machine_now()
        return Departure(await _outgoing(session, outbound, vault), was_sending)
    return None


async def may_repeat(session: AsyncSession, lease: Lease, outbound_id: int) -> bool:
    """Whether a message in doubt, of which the platform knows nothing, is sent once more; noted before it leaves."""
    conversation = await leases.hold(session, lease)
    outbound = await session.get_one(OutboundMessage, outbound_id, with_for_update=True)
    if outbound.repeated_at is not None or not await _is_allowed(session, conversation, outbound):
        _close(outbound, OutboundState.FAILED, "outcome_unknown")
        return False
    outbound.repeated_at = clock.machine_now()
    outbound.attempts += 1
    return True


async def _first_open(session: AsyncSession, conversation_id: int, lane: Lane) -> OutboundMessage | None:
    is_open = OutboundMessage.state.in_(OPEN)
    if lane == Lane.CODE:  # a code in doubt is closed: it stays so
        is_open = OutboundMessage.state.in_((OutboundState.QUEUED, OutboundState.SENDING))
    return await session.scalar(
        select(OutboundMessage)
        .where(OutboundMessage.conversation_id == conversation_id, OutboundMessage.lane == lane, is_open)
        .order_by(OutboundMessage.id)
        .limit(1)
    )


async def _database_now(session: AsyncSession) -> datetime:
    return (await session.scalars(select(func.now()))).one()


async def _is_allowed(session: AsyncSession, conversation: Conversation, outbound: OutboundMessage) -> bool:
    return outbound.channel != "wechat" or await allowances.spend(session, conversation.contact_id)


async def waiting_to_be_fetched(
    session: AsyncSession, conversation_id: int = 0, rows: list[OutboundMessage] | None = None
) -> list[tuple[OutboundMessage, Outgoing]]:
    """A conversation's queued replies and notices in order, or the given `rows`, each ready to be rendered."""
    if rows is None:
        queued = select(OutboundMessage).where(
            OutboundMessage.conversation_id == conversation_id,
            OutboundMessage.state == OutboundState.QUEUED,
            OutboundMessage.lane != Lane.CODE,
        )
        rows = list(await session.scalars(queued.order_by(OutboundMessage.id)))
    return [(row, await _outgoing(session, row)) for row in rows]


async def _outgoing(session: AsyncSession, outbound: OutboundMessage, vault: Vault | None = None) -> Outgoing:
    language = cast(Language, outbound.language)
    offered = await session.scalars(
        select(OfferedChoice).where(OfferedChoice.outbound_id == outbound.id).order_by(OfferedChoice.position)
    )
    text = vault.open(outbound.sealed_text, CODE_PURPOSE) if vault and outbound.sealed_text else outbound.text
    return Outgoing(
        id=outbound.id,
        channel=outbound.channel,
        account=outbound.account,
        recipient=outbound.recipient,
        lane=outbound.lane,
        kind=outbound.kind,
        text=localise(text, language),
        language=language,
        speaker=outbound.payload.get("speaker", "bot"),
        created_at=outbound.created_at,
        client_id=f"anda-{outbound.id}",
        choices=[
            Choice(choice.token, localise(choice.title, language), choice.position) for choice in offered
        ],
        link=outbound.payload.get("link"),
    )


def _close(outbound: OutboundMessage, state: OutboundState, error: str | None) -> None:
    outbound.state, outbound.error = state, error
    outbound.sealed_text = None


async def _held(session: AsyncSession, lease: Lease, outbound_id: int) -> OutboundMessage:
    await leases.hold(session, lease)
    return await session.get_one(OutboundMessage, outbound_id, with_for_update=True)


async def was_sent(session: AsyncSession, lease: Lease, outbound_id: int, sent: Sent) -> None:
    """The platform took it."""
    outbound = await _held(session, lease, outbound_id)
    if outbound.state in OPEN:
        _close(outbound, OutboundState.SENT, None)
    outbound.platform_id, outbound.segments = sent.platform_id, sent.segments
    outbound.sent_at = clock.now()


async def was_rejected(session: AsyncSession, lease: Lease, outbound_id: int, code: str) -> None:
    """The platform will never take it."""
    _close(await _held(session, lease, outbound_id), OutboundState.FAILED, code)


async def try_later(
    session: AsyncSession, lease: Lease, outbound_id: int, code: str, retry_after: float | None
) -> None:
    """This try was not taken: try again, holding what follows for at most a minute.

    A message that was in doubt before stays in doubt.
    """
    outbound = await _held(session, lease, outbound_id)
    state = OutboundState.QUEUED if outbound.state == OutboundState.SENDING else OutboundState.IN_DOUBT
    _wait(outbound, state, code, retry_after)


async def is_in_doubt(session: AsyncSession, lease: Lease, outbound_id: int, detail: str) -> None:
    """Nobody knows whether the platform took it. A code in doubt stays so: it is never repeated."""
    outbound = await _held(session, lease, outbound_id)
    if outbound.lane == Lane.CODE:
        _close(outbound, OutboundState.IN_DOUBT, detail)
    else:
        _wait(outbound, OutboundState.IN_DOUBT, detail, None)


def _wait(outbound: OutboundMessage, state: OutboundState, error: str, seconds: float | None) -> None:
    """Look at it again after a back-off, but give it up once it has held its followers for a minute."""
    tried_for = clock.machine_now() - (outbound.first_tried_at or clock.machine_now())
    if tried_for >= HOLD_FOLLOWERS:
        _close(outbound, OutboundState.FAILED, error)
        return
    step = min(int(tried_for.total_seconds() // 5), len(BACK_OFF) - 1)
    outbound.state, outbound.error = state, error
    outbound.due_at = cast(Any, func.now() + timedelta(seconds=min(seconds or BACK_OFF[step], 30)))


async def finish(session: AsyncSession, lease: Lease, fetched: frozenset[str] = frozenset()) -> None:
    """Give the lease back; the next look is when the first open message is due."""
    conversation = await leases.hold(session, lease)
    first_due = await session.scalar(
        select(func.min(OutboundMessage.due_at)).where(
            OutboundMessage.conversation_id == conversation.id,
            OutboundMessage.channel.not_in(fetched),
            OutboundMessage.state.in_((OutboundState.QUEUED, OutboundState.SENDING))
            | ((OutboundMessage.state == OutboundState.IN_DOUBT) & (OutboundMessage.lane != Lane.CODE)),
        )
    )
    leases.release(conversation, "outbox", None)
    conversation.outbox_due_at = first_due
