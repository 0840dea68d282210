"""Writing articles: every save is a new revision; publishing, scheduling and retiring only point to one."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles import feed
from backend.articles.content import Content
from backend.articles.models import Article, ArticleRevision
from backend.core import audit, clock
from backend.core.errors import Conflict, Invalid, NotFound, VersionConflict


class TopicTaken(Conflict):
    """There is an article of this topic in this language."""

    code = "topic_taken"


async def create(
    session: AsyncSession, topic: str, language: str, content: Content, agent_id: int | None
) -> Article:
    """A draft. Raises `TopicTaken`."""
    known = await session.scalar(
        select(Article.id).where(Article.topic == topic, Article.language == language)
    )
    if known is not None:
        raise TopicTaken("There is an article with this name in this language already.", article_id=known)
    article = Article(topic=topic, language=language, revision=1)
    session.add(article)
    await session.flush()
    await _add_revision(session, article, content, agent_id)
    await _audit(session, article, "created", agent_id)
    return article


async def save(
    session: AsyncSession, article_id: int, version: int, content: Content, agent_id: int | None
) -> Article:
    """Keep the content as the newest revision; what answers customers stays as it is until it is published.

    Raises `NotFound`, `VersionConflict`.
    """
    article = await _locked(session, article_id, version)
    article.revision += 1
    await _add_revision(session, article, content, agent_id)
    await _audit(session, article, "edited", agent_id)
    return article


async def restore(
    session: AsyncSession, article_id: int, version: int, number: int, agent_id: int | None
) -> Article:
    """Bring an earlier revision back as the newest one. Raises `NotFound`, `VersionConflict`."""
    article = await _locked(session, article_id, version)
    earlier = await revision_of(session, article_id, number)
    article.revision += 1
    await _add_revision(session, article, Content.model_validate(earlier, extra="ignore"), agent_id, number)
    await _audit(session, article, "restored", agent_id, revision=number)
    return article


async def publish(
    session: AsyncSession,
    article_id: int,
    version: int,
    number: int | None,
    today: date,
    agent_id: int | None,
) -> Article:
    """Let a revision (the newest unless named) answer from its first day on: today, or later as a schedule.

    Raises `NotFound`, `VersionConflict`, `Invalid` when its last day is over.
    """
    article = await _locked(session, article_id, version)
    _settle(article, today)
    revision = await revision_of(session, article_id, number or article.revision)
    if revision.valid_to is not None and revision.valid_to < today:
        told = "Its last day is over. Give it a later one, or none."
        raise Invalid(told, field="valid_to", rule="last_day_over", limit="")
    if (
        article.retired_at is not None
    ):  # what answered before it was retired must not come back beside the new one
        article.live_revision = article.scheduled_revision = article.scheduled_from = None
    if revision.valid_from > today:
        article.scheduled_revision, article.scheduled_from = revision.number, revision.valid_from
    else:
        article.live_revision = revision.number
        if article.scheduled_revision == revision.number:
            article.scheduled_revision = article.scheduled_from = None
    article.retired_at = None
    await feed.mark_changed(session, article)
    await _audit(session, article, "published", agent_id, revision=revision.number)
    return article


async def unschedule(
    session: AsyncSession, article_id: int, version: int, today: date, agent_id: int | None
) -> Article:
    """Take back what has not begun yet; what answers today goes on. Raises `Conflict` when nothing is scheduled."""
    article = await _locked(session, article_id, version)
    _settle(article, today)
    if article.scheduled_revision is None:
        raise Conflict("Nothing is scheduled for this article.")
    article.scheduled_revision = article.scheduled_from = None
    await feed.mark_changed(session, article)
    await _audit(session, article, "unscheduled", agent_id)
    return article


async def retire(
    session: AsyncSession, article_id: int, version: int, today: date, agent_id: int | None
) -> Article:
    """It answers no more; publishing brings it back. A draft that never answered may be retired too."""
    article = await _locked(session, article_id, version)
    _settle(article, today)
    if article.retired_at is None:
        article.retired_at = clock.now()
        await feed.mark_changed(session, article)
        await _audit(session, article, "retired", agent_id)
    return article


async def revision_of(session: AsyncSession, article_id: int, number: int) -> ArticleRevision:
    """One revision. Raises `NotFound`."""
    found = await session.scalar(
        select(ArticleRevision).where(
            ArticleRevision.article_id == article_id, ArticleRevision.number == number
        )
    )
    if found is None:
        raise NotFound("There is no such revision.")
    return found


async def _locked(session: AsyncSession, article_id: int, version: int) -> Article:
    article = await session.get(Article, article_id, with_for_update=True)
    if article is None:
        raise NotFound("There is no such article.")
    if article.version != version:
        raise VersionConflict(
            "Somebody else changed this article since you opened it.", version=article.version
        )
    return article


def _settle(article: Article, today: date) -> None:
    """A schedule that has begun is what answers now."""
    if article.scheduled_from is not None and article.scheduled_from <= today:
        article.live_revision = article.scheduled_revision
        article.scheduled_revision = article.scheduled_from = None


async def _add_revision(
    session: AsyncSession,
    article: Article,
    content: Content,
    agent_id: int | None,
    restored_from: int | None = None,
) -> None:
    session.add(
        ArticleRevision(
            article_id=article.id,
            number=article.revision,
            agent_id=agent_id,
            restored_from=restored_from,
            **content.model_dump(),
        )
    )
    await session.flush()


async def _audit(
    session: AsyncSession, article: Article, act: str, agent_id: int | None, **details: int
) -> None:
    actor = f"agent:{agent_id}" if agent_id is not None else "system"
    await audit.record(
        session, actor, f"article.{act}", f"article:{article.language}/{article.topic}", **details
    )
