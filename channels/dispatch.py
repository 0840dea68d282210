"""The outbox's transactions: which message may leave now, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import allowances, leases
from backend.conversations.leases import Lease
from backend.conversations.models import (
    NEXT_MESSAGE,
    OPEN,
    Contact,
    Conversation,
    Interaction,
    Lane,
    OfferedChoice,
    OutboundMessage,
    OutboundState,
)
from backend.conversations.outgoing import Queued
from backend.conversations.refusals import record_refusal
from backend.core import clock
from channels.ready import Ways, ready
from channels.sending import Outgoing, SendRejected, Sent
from channels.sms.parse import MAINLAND
from channels.waiting import Waiting
from channels.ways import HELD, choose, hold, tell_that_it_waits

HOLD_FOLLOWERS = timedelta(seconds=60)
BACK_OFF = [1.0, 2.0, 5.0, 10.0, 15.0]


@dataclass(frozen=True)
class Departure:
    """A message about to leave; `in_doubt` when an earlier try may have reached the platform already."""

    message: Outgoing
    in_doubt: bool


async def next_departure(
    session: AsyncSession, lease: Lease, lanes: tuple[Lane, ...], ways: Ways
) -> Departure | None:
    """The first open message of these lanes, marked as being sent; None when nothing may leave now.

    A message that cannot leave any more (expired, no way left) is closed here and the next one is looked at. One that
    is not due yet holds all that is behind it, in its lane and in those after it.
    """
    conversation = await leases.hold(session, lease)
    for lane in lanes:
        while found := await _first_open(session, conversation.id, lane, ways):
            outbound, is_due = found
            if not is_due:
                return None
            if departure := await _depart(session, conversation, outbound, ways):
                return departure
    return None


def leaves_at_once(conversation: Conversation, found: Waiting, ways: Ways) -> bool:
    """Whether an answer's first reply can be stored as being sent: nothing is before it, to be chosen or to be spent.

    The caller holds the conversation.
    """
    contact = found.contact
    return (
        found.is_way_free
        and conversation.outbox_leased_until is None
        and contact.channel not in allowances.COUNTED | ways.fetched
        and not contact.has_refused
        and not contact.external_id.startswith(MAINLAND)
    )


async def leave_at_once(
    session: AsyncSession, conversation: Conversation, reply: Queued, ways: Ways
) -> tuple[Lease, Departure] | None:
    """Lease the outbox for a reply that was queued in this very transaction; None when it goes the usual way.

    The caller holds the conversation, and nothing stands before this reply in its lane.
    """
    outbound = reply.outbound
    if outbound.channel in ways.fetched or (lease := leases.take_held(conversation, "outbox")) is None:
        return None
    if outbound.state == OutboundState.SENDING:  # it was stored so
        return lease, Departure(await ready(session, ways, outbound, reply.choices), in_doubt=False)
    departure = await _depart(session, conversation, outbound, ways, reply.recipient, reply.choices)
    if departure is None:
        leases.give_back(conversation, lease)
        return None
    return lease, departure


async def _depart(
    session: AsyncSession,
    conversation: Conversation,
    outbound: OutboundMessage,
    ways: Ways,
    recipient: Contact | None = None,
    choices: Sequence[OfferedChoice] | None = None,
) -> Departure | None:
    """Mark a message as being sent; or close or hold it, which gives None.

    `recipient` and `choices` are its own, where they are known; they are read otherwise.
    """
    if outbound.expires_at is not None and outbound.expires_at <= clock.now():
        await _close(session, outbound, OutboundState.EXPIRED, "expired")
        return None
    was_sending = outbound.state in (OutboundState.SENDING, OutboundState.IN_DOUBT)
    if was_sending and outbound.lane == Lane.CODE:
        await _close(session, outbound, OutboundState.IN_DOUBT, "a code is never repeated")
        return None
    # A try that the platform refused for now has chosen its way, and spent its allowance, already.
    if outbound.first_tried_at is None:
        refusal = await choose(session, ways, conversation, outbound, recipient)
        if refusal == HELD:
            await hold(session, outbound, "no_allowance")
        elif refusal is not None:
            await _close(session, outbound, OutboundState.FAILED, refusal)
        if refusal is not None:
            return None
    outbound.attempts += 0 if was_sending else 1
    outbound.state = OutboundState.IN_DOUBT if was_sending else OutboundState.SENDING
    outbound.first_tried_at = outbound.first_tried_at or clock.machine_now()
    return Departure(await ready(session, ways, outbound, choices), was_sending)


async def may_repeat(session: AsyncSession, lease: Lease, outbound_id: int) -> bool:
    """Whether a message in doubt, of which the platform knows nothing, is sent once more; noted before it leaves."""
    conversation = await leases.hold(session, lease)
    outbound = await session.get_one(OutboundMessage, outbound_id, with_for_update=True)
    is_human = outbound.payload.get("speaker") == "agent"
    costs = outbound.channel in allowances.COUNTED and outbound.via is None
    # Each part of a long message may be repeated once; what was repeated before is no reason to lose the rest.
    is_first = outbound.repeated_at is None or outbound.payload.get("repeated_part", 0) < outbound.parts_sent
    may = is_first and (not costs or await allowances.spend(session, conversation.contact_id, is_human))
    if not may:
        await _close(session, outbound, OutboundState.FAILED, "outcome_unknown")
        return False
    outbound.repeated_at = clock.machine_now()
    outbound.payload = outbound.payload | {"repeated_part": outbound.parts_sent}
    outbound.attempts += 1
    return True


async def _first_open(
    session: AsyncSession, conversation_id: int, lane: Lane, ways: Ways
) -> tuple[OutboundMessage, bool] | None:
    """The lane's first message that the outbox sends, and whether it is due."""
    is_open = OutboundMessage.state.in_(OPEN)
    if lane == Lane.CODE:  # a code in doubt is closed: it stays so
        is_open = OutboundMessage.state.in_((OutboundState.QUEUED, OutboundState.SENDING))
    found = await session.execute(
        select(OutboundMessage, OutboundMessage.due_at <= func.now())
        .where(
            OutboundMessage.conversation_id == conversation_id,
            OutboundMessage.lane == lane,
            is_open,
            _is_ours_to_send(ways),
        )
        .order_by(OutboundMessage.id)
        .limit(1)
    )
    row = found.first()
    return (row[0], row[1]) if row is not None else None


def _is_ours_to_send(ways: Ways) -> ColumnElement[bool]:
    """Not what another message carries, or what is held for the customer's next one.

    Of a fetched channel only notices are: a template may take them, or their sender hears that there is no way.
    """
    is_ours = OutboundMessage.carried_by.is_(None) & OutboundMessage.via.is_distinct_from(NEXT_MESSAGE)
    if not ways.fetched:
        return is_ours
    return is_ours & (OutboundMessage.channel.not_in(ways.fetched) | (OutboundMessage.lane == Lane.NOTICE))


async def waiting_to_be_fetched(
    session: AsyncSession, conversation_id: int, channel: str
) -> list[OutboundMessage]:
    """A conversation's queued replies on a channel whose platform fetches them, in order."""
    queued = select(OutboundMessage).where(
        OutboundMessage.conversation_id == conversation_id,
        OutboundMessage.channel == channel,
        OutboundMessage.state == OutboundState.QUEUED,
        OutboundMessage.lane == Lane.REPLY,
        OutboundMessage.via.is_(None),
    )
    return list(await session.scalars(queued.order_by(OutboundMessage.id)))


async def _close(
    session: AsyncSession, outbound: OutboundMessage, state: OutboundState, error: str | None
) -> None:
    """Settle a message, and with it those that it carries."""
    outbound.state, outbound.error = state, error
    outbound.sealed_text = None
    carried = update(OutboundMessage).where(OutboundMessage.carried_by == outbound.id)
    await session.execute(carried.values(state=state, error=error, sent_at=outbound.sent_at))


async def _held(session: AsyncSession, lease: Lease, outbound_id: int) -> OutboundMessage:
    await leases.hold(session, lease)
    return await session.get_one(OutboundMessage, outbound_id, with_for_update=True)


async def was_sent(session: AsyncSession, lease: Lease, outbound_id: int, sent: Sent) -> None:
    """The platform took it, or a part of it: then the next part is due."""
    outbound = await _held(session, lease, outbound_id)
    outbound.platform_id, outbound.sent_at = sent.platform_id, clock.now()
    if sent.segments is not None:
        outbound.segments = (outbound.segments or 0) + sent.segments
        await _note_segments(session, outbound)
    if not sent.is_all:
        outbound.parts_sent += 1
        outbound.state, outbound.error, outbound.first_tried_at = OutboundState.QUEUED, None, None
    elif outbound.state in OPEN:
        await _close(session, outbound, OutboundState.SENT, None)


async def _note_segments(session: AsyncSession, outbound: OutboundMessage) -> None:
    entry = await session.scalar(select(Interaction).where(Interaction.outbound_id == outbound.id))
    if entry is not None:
        entry.details = entry.details | {"segments": outbound.segments}


async def was_rejected(session: AsyncSession, lease: Lease, outbound_id: int, code: str) -> None:
    """It will never leave."""
    await _close(session, await _held(session, lease, outbound_id), OutboundState.FAILED, code)


async def was_refused(
    session: AsyncSession, lease: Lease, outbound_id: int, error: SendRejected, ways: Ways
) -> None:
    """The platform will never take it: remember who stopped our messages, and try another way if one is open."""
    outbound = await _held(session, lease, outbound_id)
    if error.opted_out:
        await record_refusal(session, outbound.channel, outbound.account, outbound.recipient, error.code)
    if outbound.channel in allowances.COUNTED and outbound.via is None and not outbound.payload.get("notice"):
        conversation = await session.get_one(Conversation, outbound.conversation_id)
        if error.is_over or error.opted_out:
            await allowances.exhaust(session, conversation.contact_id)
            await tell_that_it_waits(session, ways, conversation, outbound, by_template=error.is_over)
        if error.is_over:
            await hold(session, outbound, error.code)
            return
    await _close(session, outbound, OutboundState.FAILED, error.code)


async def try_later(
    session: AsyncSession, lease: Lease, outbound_id: int, code: str, retry_after: float | None
) -> None:
    """This try was not taken: try again, holding what follows for at most a minute.

    A message that was in doubt before stays in doubt.
    """
    outbound = await _held(session, lease, outbound_id)
    state = OutboundState.QUEUED if outbound.state == OutboundState.SENDING else OutboundState.IN_DOUBT
    await _wait(session, outbound, state, code, retry_after)


async def is_in_doubt(session: AsyncSession, lease: Lease, outbound_id: int, detail: str) -> None:
    """Nobody knows whether the platform took it. A code in doubt stays so: it is never repeated."""
    outbound = await _held(session, lease, outbound_id)
    if outbound.lane == Lane.CODE:
        await _close(session, outbound, OutboundState.IN_DOUBT, detail)
    else:
        await _wait(session, outbound, OutboundState.IN_DOUBT, detail, None)


async def _wait(
    session: AsyncSession, outbound: OutboundMessage, state: OutboundState, error: str, seconds: float | None
) -> None:
    """Look at it again after a back-off, but give it up once it has held its followers for a minute."""
    tried_for = clock.machine_now() - (outbound.first_tried_at or clock.machine_now())
    if tried_for >= HOLD_FOLLOWERS:
        await _close(session, outbound, OutboundState.FAILED, error)
        return
    step = min(int(tried_for.total_seconds() // 5), len(BACK_OFF) - 1)
    outbound.state, outbound.error = state, error
    outbound.due_at = cast(Any, func.now() + timedelta(seconds=min(seconds or BACK_OFF[step], 30)))


async def finish(session: AsyncSession, lease: Lease, ways: Ways, stays: bool) -> bool:
    """Give the lease back; the next look is when the first open message is due.

    Gives True, and keeps the lease, when one is due now and whoever serves it `stays` for that.
    """
    conversation = await leases.hold(session, lease)
    first_due = func.min(OutboundMessage.due_at)
    found = await session.execute(
        select(first_due, first_due <= func.now()).where(
            OutboundMessage.conversation_id == conversation.id,
            _is_ours_to_send(ways),
            OutboundMessage.state.in_((OutboundState.QUEUED, OutboundState.SENDING))
            | ((OutboundMessage.state == OutboundState.IN_DOUBT) & (OutboundMessage.lane != Lane.CODE)),
        )
    )
    due_at, is_due = found.one()
    if is_due and stays:
        return True
    leases.release(conversation, "outbox", None)
    conversation.outbox_due_at = due_at
    return False
