"""Labelling what the bot may have misunderstood, and giving it out as training data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.errors import Conflict, Invalid, NotFound, VersionConflict
from backend.review import understanding
from backend.review.masking import mask, pattern_of
from backend.review.models import Reason, ReviewExport, ReviewItem, State

AT_ONCE = 200


class NothingToExport(Conflict):
    """Nothing was labelled since the last export."""

    code = "nothing_to_export"


class AlreadyExported(Conflict):
    """What was given out cannot be taken back."""

    code = "already_exported"


def listed(
    state: State | None,
    reason: Reason | None,
    intent: str | None,
    language: str | None,
    channel: str | None,
) -> Select[Any]:
    """The items that fit; what is not given does not narrow."""
    wanted: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (ReviewItem.state, state),
            (ReviewItem.intent, intent),
            (ReviewItem.language, language),
            (ReviewItem.channel, channel),
        )
        if value is not None
    ]
    if reason is not None:
        wanted.append(type_coerce(ReviewItem.reasons, JSONB).contains([reason]))
    return select(ReviewItem).where(*wanted)


async def count(session: AsyncSession) -> dict[str, int]:
    """How many are open, labelled and not given out yet, given out, and skipped."""
    is_out = ReviewItem.export_id.is_not(None)
    of = func.count().filter
    row = (
        await session.execute(
            select(
                of(ReviewItem.state == State.OPEN).label("open"),
                of(ReviewItem.state == State.LABELLED, ~is_out).label("labelled"),
                of(is_out).label("exported"),
                of(ReviewItem.state == State.SKIPPED).label("skipped"),
            )
        )
    ).one()
    return dict(row._mapping)


async def read(session: AsyncSession, item_id: int, *, for_update: bool = False) -> ReviewItem:
    """Raises `NotFound`."""
    item = await session.get(ReviewItem, item_id, with_for_update=for_update or None, populate_existing=True)
    if item is None:
        raise NotFound("There is no such message on the list.")
    return item


async def _to_change(session: AsyncSession, item_id: int, version: int) -> ReviewItem:
    item = await read(session, item_id, for_update=True)
    if item.version != version:
        raise VersionConflict
    if item.export_id is not None:
        raise AlreadyExported("This message was exported already. Its label cannot be changed any more.")
    return item


def _decide(item: ReviewItem, state: State, label: str | None, agent_id: int | None) -> None:
    item.state, item.label, item.version = state, label, item.version + 1
    item.decided_by, item.decided_at = agent_id, clock.now()


async def label(
    session: AsyncSession,
    item_id: int,
    version: int,
    intent: str,
    entities: list[dict[str, Any]],
    text: str | None,
    agent_id: int | None,
) -> ReviewItem:
    """Say what was meant; `text` replaces the wording, to take out what tells who the customer is.

    Raises `Invalid` for an intent or entity that the bot does not know, and for marks that do not fit the text.
    """
    item = await _to_change(session, item_id, version)
    if text is not None and text != item.text:
        masked = mask(text)
        item.text = masked.text
        # Marks count from what is kept: where a number or a name was taken out, only those found anew are right.
        entities = entities if len(masked.text) == len(text) else masked.entities
    _check(item.text, intent, entities)
    item.entities = sorted(entities, key=lambda one: one["start"])
    item.pattern = pattern_of(item.text, item.entities)
    _decide(item, State.LABELLED, intent, agent_id)
    await session.flush()
    return item


def _check(text: str, intent: str, entities: Iterable[dict[str, Any]]) -> None:
    if intent not in understanding.intents():
        raise Invalid("The bot has no such intent.")
    last = 0
    for one in sorted(entities, key=lambda one: one["start"]):
        if one["entity"] not in understanding.entities():
            raise Invalid("The bot has no such entity.")
        if not last <= one["start"] < one["end"] <= len(text) or not text[one["start"] : one["end"]].strip():
            raise Invalid("A marked part is not in the text, or overlaps another one.")
        last = one["end"]


async def label_alike(session: AsyncSession, item: ReviewItem, agent_id: int | None) -> int:
    """Give the label to open items that differ in numbers, names and marks only; how many there were."""
    query = _alike(item).where(ReviewItem.state == State.OPEN).with_for_update(skip_locked=True)
    others = list(await session.scalars(query))
    for other in others:
        _decide(other, State.LABELLED, item.label, agent_id)
    await session.flush()
    return len(others)


async def count_alike(session: AsyncSession, item: ReviewItem) -> int:
    """How many other open items differ in numbers, names and marks only."""
    query = _alike(item).where(ReviewItem.state == State.OPEN)
    return await session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _alike(item: ReviewItem) -> Select[Any]:
    return select(ReviewItem).where(ReviewItem.pattern == item.pattern, ReviewItem.id != item.id)


async def skip(session: AsyncSession, item_id: int, version: int, agent_id: int | None) -> ReviewItem:
    """Put an item aside without a label."""
    item = await _to_change(session, item_id, version)
    _decide(item, State.SKIPPED, None, agent_id)
    await session.flush()
    return item


async def reopen(session: AsyncSession, item_id: int, version: int) -> ReviewItem:
    """Take back a label or a skip. Raises `AlreadyExported`."""
    item = await _to_change(session, item_id, version)
    _decide(item, State.OPEN, None, None)
    item.decided_at = None
    await session.flush()
    return item


async def skip_many(session: AsyncSession, ids: list[int], agent_id: int | None) -> list[int]:
    """Put these aside as far as they are open; gives those that were."""
    query = select(ReviewItem).where(ReviewItem.id.in_(ids), ReviewItem.state == State.OPEN)
    found = list(await session.scalars(query.order_by(ReviewItem.id).with_for_update()))
    for item in found:
        _decide(item, State.SKIPPED, None, agent_id)
    await session.flush()
    return [item.id for item in found]


async def export(session: AsyncSession, agent_id: int | None) -> ReviewExport:
    """Give out every labelled message that was not given out yet. Raises `NothingToExport`."""
    wanted = (ReviewItem.state == State.LABELLED, ReviewItem.export_id.is_(None))
    ids = list(await session.scalars(select(ReviewItem.id).where(*wanted).with_for_update()))
    if not ids:
        raise NothingToExport("Nothing was labelled since the last export.")
    made = ReviewExport(examples=len(ids), created_by=agent_id, created_at=clock.now())
    session.add(made)
    await session.flush()
    await session.execute(update(ReviewItem).where(ReviewItem.id.in_(ids)).values(export_id=made.id))
    return made


async def exported(session: AsyncSession, export_id: int) -> list[ReviewItem]:
    """The items of an export, as far as they were not erased since. Raises `NotFound`."""
    if await session.get(ReviewExport, export_id) is None:
        raise NotFound("There is no such export.")
    return list(await session.scalars(select(ReviewItem).where(ReviewItem.export_id == export_id)))
