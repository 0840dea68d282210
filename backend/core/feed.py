"""What changed since a place in time: the feed that other systems pull, without gaps.

Triggers of the database note every record that is written, whoever writes it. A record gets its place in the feed only
when somebody pulls: places follow the order of commits, however long a transaction took, so that nothing appears behind
a cursor that was already given out. They need no clock and survive a restore, unlike transaction numbers.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Sequence, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base

PLACES = Sequence("feed_places", metadata=Base.metadata)
MOST_AT_ONCE = 5000  # places given by one pull; the rest is left for the next


class FeedEntry(Base):
    """That a record changed; one row a record, so that a pull brings each once, as it is now."""

    __tablename__ = "feed_entries"
    __table_args__ = (
        Index("ix_feed_entries_place", "kind", "place"),
        Index("ix_feed_entries_waiting", "kind", "changed_at", postgresql_where=text("place IS NULL")),
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int | None]
    is_deleted: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def entries_after(session: AsyncSession, kind: str, place: int, limit: int) -> list[FeedEntry]:
    """The records of `kind` that changed after `place`, in the feed's order, at most `limit`."""
    # One puller at a time gives places: else a slower one could commit lower places after higher ones were read.
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 2))"), {"name": f"feed:{kind}"}
    )
    waiting = (
        select(FeedEntry.record_id)
        .where(FeedEntry.kind == kind, FeedEntry.place.is_(None))
        .order_by(FeedEntry.changed_at)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)  # being written again this moment: the next pull brings it
        .cte("waiting")
    )
    await session.execute(
        update(FeedEntry)
        .where(FeedEntry.kind == kind, FeedEntry.record_id.in_(select(waiting.c.record_id)))
        .values(place=PLACES.next_value())
        .execution_options(synchronize_session=False)
    )
    query = select(FeedEntry).where(FeedEntry.kind == kind, FeedEntry.place > place)
    query = query.order_by(FeedEntry.place).limit(limit).execution_options(populate_existing=True)
    return list(await session.scalars(query))
