"""Looks through what was answered since the last look, apart from the turns: they are neither slowed nor broken."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.conversations.models import InboundMessage, Interaction
from backend.core import business
from backend.review.judging import Finding, Turn, judge, judge_earlier, turn_of
from backend.review.masking import mask, pattern_of
from backend.review.models import ReviewItem, ReviewProgress, State
from backend.review.naming import names_for

AT_ONCE = 500
BACK = 3  # turns: two that may be corrected, and the one before them, which tells whether a form waited


@dataclass(frozen=True)
class _Said:
    own: Interaction
    command: str | None


async def collect(session: AsyncSession) -> int:
    """Note the messages to look at; gives how many turns were read, `AT_ONCE` at most. Run by one worker at a time.

    An entry's id is taken before its transaction commits: so only what was there at the last look already is read
    now, by when every earlier one has committed.
    """
    progress = await _progress(session)
    newest = await session.scalar(select(func.max(Interaction.id))) or 0
    replies = await _replies(session, progress.done_to, progress.seen_to)
    least = float((await business.setting(session, "review"))["confidence_below"])
    for inbound_id in replies.values():
        await _note(session, await _turns(session, inbound_id), least)
    if len(replies) == AT_ONCE:  # the rest of this stretch is left for the next time
        progress.done_to = max(replies)
    else:
        progress.done_to, progress.seen_to = progress.seen_to, max(newest, progress.seen_to)
    return len(replies)


async def _progress(session: AsyncSession) -> ReviewProgress:
    progress = await session.get(ReviewProgress, 1)
    if progress is None:
        progress = ReviewProgress(id=1, done_to=0, seen_to=0)
        session.add(progress)
    return progress


async def _replies(session: AsyncSession, after: int, until: int) -> dict[int, int]:
    """The bot's first replies in this stretch of the record, and the messages that they answer."""
    query = (
        select(Interaction.id, Interaction.inbound_id)
        .where(
            Interaction.id > after,
            Interaction.id <= until,
            Interaction.position == 1,
            Interaction.speaker == "bot",
            Interaction.intent.is_not(None),
        )
        .order_by(Interaction.id)
        .limit(AT_ONCE)
    )
    return {row.id: row.inbound_id for row in await session.execute(query)}


async def _turns(session: AsyncSession, inbound_id: int) -> list[_Said]:
    """This message and the turns before it in its conversation, newest first."""
    this, own = aliased(Interaction), aliased(Interaction)
    query = (
        select(own, InboundMessage.command)
        .join(this, this.conversation_id == own.conversation_id)
        .join(InboundMessage, InboundMessage.id == own.inbound_id)
        .where(this.inbound_id == inbound_id, this.position == 0)
        .where(own.position == 0, own.intent.is_not(None), own.id <= this.id)
        .order_by(own.id.desc())
        .limit(1 + BACK)
    )
    return [_Said(*row) for row in await session.execute(query)]


def _judged(said: list[_Said], least: float) -> list[Finding]:
    """What the newest of these turns tells of itself and of the two before it."""
    turns: list[Turn] = []
    for place, one in enumerate(said):
        before = said[place + 1].own if place + 1 < len(said) else None
        is_going_on = before is not None and before.episode == one.own.episode
        asked = before.details.get("step") if before is not None and is_going_on else None
        turns.append(turn_of(one.own, one.command, asked))
    found = [judge_earlier(turns[0], earlier, place) for place, earlier in enumerate(turns[1:BACK], 1)]
    own = judge(turns[0], least)
    return [one for one in found if one] + ([Finding(turns[0].inbound_id, own)] if own else [])


async def _note(session: AsyncSession, said: list[_Said], least: float) -> None:
    by_id = {one.own.inbound_id: one.own for one in said}
    for finding in _judged(said, least):
        item = await session.scalar(select(ReviewItem).where(ReviewItem.inbound_id == finding.inbound_id))
        if item is None:
            item = await _new_item(session, by_id[finding.inbound_id])
        if item is None or item.state != State.OPEN:
            continue
        if finding.reason not in item.reasons:
            item.reasons = [*item.reasons, finding.reason]
        item.suggested = finding.suggested or item.suggested
        session.add(item)
        await session.flush()


async def _new_item(session: AsyncSession, own: Interaction) -> ReviewItem | None:
    """None for what has no words of its own, or was emptied since."""
    details = own.details
    masked = mask(own.text, await names_for(session, own.customer_id, details.get("people") or []))
    pattern = pattern_of(masked.text, masked.entities)
    if not pattern:
        return None
    return ReviewItem(
        inbound_id=own.inbound_id,
        channel=own.channel,
        language=own.language,
        text=masked.text,
        entities=masked.entities,
        pattern=pattern,
        intent=own.intent,
        confidence=own.confidence,
        guesses=details.get("guesses") or [],
        model=details.get("model"),
        reasons=[],
        said_at=own.occurred_at,
        state=State.OPEN,
        version=1,
    )
