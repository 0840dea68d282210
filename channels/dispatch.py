"""The outbox's transactions: which message may leave now, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import allowances, leases
from backend.conversations.leases import Lease
from backend.conversations.models import (
    Contact,
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
    attempts: int


async def next_departure(session: AsyncSession, lease: Lease, lane: Lane, vault: Vault) -> Departure | None:
    """The first open message of a lane, marked as being sent; None when nothing may leave now.

    A message that cannot leave any more (expired, no allowance) is closed here and the next one is looked at.
    """
    conversation = await leases.hold(session, lease)
    while outbound := await _first_open(session, conversation.id, lane):
        if outbound.due_at > await _database_now(session):
            return None
        if outbound.expires_at is not None and outbound.expires_at <= clock.now():
            _close(outbound, OutboundState.EXPIRED, "expired")
            continue
        was_sending = outbound.state in (OutboundState.SENDING, OutboundState.IN_DOUBT)
        if was_sending and outbound.lane == Lane.CODE:
            _close(outbound, OutboundState.IN_DOUBT, "a code is never repeated")
            continue
        if not was_sending and not await _is_allowed(session, conversation, outbound):
            _close(outbound, OutboundState.FAILED, "no_allowance")
            continue
        outbound.state = OutboundState.SENDING
        outbound.attempts += 1
        outbound.first_tried_at = outbound.first_tried_at or clock.machine_now()
        return Departure(await _outgoing(session, outbound, vault), was_sending, outbound.attempts)
    return None


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


async def _database_now(session: AsyncSession) -> object:
    return await session.scalar(select(func.now()))


async def _is_allowed(session: AsyncSession, conversation: Conversation, outbound: OutboundMessage) -> bool:
    return outbound.channel != "wechat" or await allowances.spend(session, conversation.contact_id)


async def _outgoing(session: AsyncSession, outbound: OutboundMessage, vault: Vault) -> Outgoing:
    language = cast(Language, outbound.language)
    offered = await session.scalars(
        select(OfferedChoice).where(OfferedChoice.outbound_id == outbound.id).order_by(OfferedChoice.position)
    )
    text = vault.open(outbound.sealed_text, CODE_PURPOSE) if outbound.sealed_text else outbound.text
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
        choices=[Choice(choice.token, localise(choice.title, language), choice.position) for choice in offered],
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


async def try_later(session: AsyncSession, lease: Lease, outbound_id: int, code: str, retry_after: float | None) -> None:
    """Not taken: try again, holding what follows for at most a minute."""
    outbound = await _held(session, lease, outbound_id)
    tried_for = clock.machine_now() - (outbound.first_tried_at or clock.machine_now())
    if tried_for >= HOLD_FOLLOWERS:
        _close(outbound, OutboundState.FAILED, code)
        return
    wait = retry_after or BACK_OFF[min(outbound.attempts, len(BACK_OFF)) - 1]
    outbound.state, outbound.error = OutboundState.QUEUED, code
    outbound.due_at = func.now() + timedelta(seconds=min(wait, 30))  # type: ignore[assignment]


async def is_in_doubt(
    session: AsyncSession, lease: Lease, outbound_id: int, detail: str, is_final: bool
) -> None:
    """Nobody knows whether the platform took it; `is_final` when asking or repeating would not help any more."""
    outbound = await _held(session, lease, outbound_id)
    if is_final or outbound.lane == Lane.CODE:
        _close(outbound, OutboundState.FAILED if outbound.lane != Lane.CODE else OutboundState.IN_DOUBT, detail)
        return
    outbound.state, outbound.error = OutboundState.IN_DOUBT, detail
    outbound.due_at = func.now() + timedelta(seconds=2)  # type: ignore[assignment]


async def finish(session: AsyncSession, lease: Lease) -> None:
    """Give the lease back; the next look is when the first open message is due."""
    conversation = await leases.hold(session, lease)
    first_due = await session.scalar(
        select(func.min(OutboundMessage.due_at)).where(
            OutboundMessage.conversation_id == conversation.id,
            OutboundMessage.state.in_((OutboundState.QUEUED, OutboundState.SENDING))
            | ((OutboundMessage.state == OutboundState.IN_DOUBT) & (OutboundMessage.lane != Lane.CODE)),
        )
    )
    leases.release(conversation, "outbox", None)
    conversation.outbox_due_at = first_due


async def recipient_opted_out(session: AsyncSession, message: Outgoing) -> bool:
    """Whether this recipient told us to stop, on this channel."""
    contact = await session.scalar(
        select(Contact).where(
            Contact.channel == message.channel,
            Contact.account == message.account,
            Contact.external_id == message.recipient,
        )
    )
    return contact is not None and (contact.opted_out_at is not None or contact.unfollowed_at is not None)
