"""What the knowledge service follows: every change of what may answer, in the order of the commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles.models import Article, ArticleFeed, ArticleRevision


async def mark_changed(session: AsyncSession, article: Article) -> None:
    """Give the article the next number of the feed. The row stays locked until this transaction ends, so that no
    reader sees a number before every smaller one."""
    article.changed = (
        await session.execute(
            update(ArticleFeed).values(changed=ArticleFeed.changed + 1).returning(ArticleFeed.changed)
        )
    ).scalar_one()


async def position(session: AsyncSession) -> tuple[str, int]:
    """The database's name for itself, and the number of its last change."""
    row = (await session.execute(select(ArticleFeed.origin, ArticleFeed.changed))).one()
    return row.origin, row.changed


async def changed_since(session: AsyncSession, number: int, limit: int) -> Sequence[Article]:
    """Articles whose last change is later, in the order of the changes."""
    query = select(Article).where(Article.changed > number).order_by(Article.changed).limit(limit)
    return (await session.scalars(query)).all()


async def served(session: AsyncSession, article: Article) -> list[tuple[ArticleRevision, date | None]]:
    """The revisions that answer, today or later, each with its last day; none of a retired article.

    A scheduled revision ends the one before it, so that the change of day needs no message.
    """
    wanted = [article.live_revision, article.scheduled_revision]
    if article.retired_at is not None or not any(wanted):
        return []
    found = {
        one.number: one
        for one in await session.scalars(
            select(ArticleRevision).where(
                ArticleRevision.article_id == article.id, ArticleRevision.number.in_(wanted)
            )
        )
    }
    answers = []
    for number in wanted:
        if number is not None:
            revision = found[number]
            ends = [revision.valid_to] if revision.valid_to else []
            if number == article.live_revision and article.scheduled_from is not None:
                ends.append(article.scheduled_from - timedelta(days=1))
            answers.append((revision, min(ends) if ends else None))
    return answers
