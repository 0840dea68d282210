"""Articles for their editors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles import reading, service
from backend.articles.content import Content, Language, ProductType
from backend.articles.models import Article, ArticleRevision, ArticleState
from backend.articles.rendering import to_html
from backend.articles.schemas import (
    ArticleCreate,
    ArticlePage,
    ArticleRead,
    ArticleSave,
    ArticleSummary,
    ArticleVersion,
    Markdown,
    Preview,
    Publish,
    RevisionChoice,
    RevisionSummary,
)
from backend.conversations.bot_api import IdempotencyKeyHeader
from backend.core import clock
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.core.idempotency import once
from backend.core.paging import Cursor, Limit, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1/articles", tags=["articles"])
Reader = Annotated[Principal, Depends(Allowed("articles:read"))]
Writer = Annotated[Principal, Depends(Allowed("articles:write"))]
ArticleId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


def _today(request: Request) -> date:
    return clock.today(request.app.state.settings.zone)


Today = Annotated[date, Depends(_today)]


def _summary(article: Article, newest: ArticleRevision, today: date) -> dict[str, Any]:
    fields = ("id", "topic", "language", "revision", "version", "updated_at")
    plans = ("live_revision", "scheduled_revision", "scheduled_from")
    return {
        **{name: getattr(article, name) for name in (*fields, *plans)},
        **{name: getattr(newest, name) for name in ("title", "products", "tags", "valid_to")},
        "state": article.state_on(today),
        "has_draft": article.revision not in (article.live_revision, article.scheduled_revision),
    }


async def _read(session: AsyncSession, article_id: int, today: date) -> ArticleRead:
    article, newest = await reading.one(session, article_id)
    revisions = [
        RevisionSummary(
            number=one.number,
            title=one.title,
            written_by=writer,
            written_at=one.created_at,
            restored_from=one.restored_from,
        )
        for one, writer in await reading.history(session, article_id)
    ]
    return ArticleRead(
        **_summary(article, newest, today),
        pair=await reading.pair_of(session, article),
        content=Content.model_validate(newest, extra="ignore"),
        revisions=revisions,
    )


async def _write(
    session: AsyncSession,
    principal: Principal,
    key: str,
    act: str,
    body: BaseModel,
    today: date,
    write: Callable[[], Awaitable[Article]],
) -> ArticleRead:
    """Once for this caller and key; the answer is the article as it then was."""

    async def written() -> dict[str, Any]:
        article = await write()
        await session.flush()
        return (await _read(session, article.id, today)).model_dump(mode="json")

    request = {"act": act, **body.model_dump(mode="json")}
    return ArticleRead(**await once(session, f"articles:{principal.name}", key, request, written))


@router.get("", summary="List articles")
async def list_articles(
    session: SessionDep,
    _: Reader,
    today: Today,
    state: Annotated[list[ArticleState] | None, Query()] = None,
    language: Language | None = None,
    product: ProductType | None = None,
    tag: Text = None,
    q: Annotated[
        Text, Query(description="Words of the name, title, text or questions; all must occur.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ArticlePage:
    """By topic, its languages side by side. A product also finds articles that apply to every product."""
    place = decode_cursor(cursor, 2) if cursor else None
    if place and not all(isinstance(part, str) for part in place):
        raise Invalid("This cursor is not valid.")
    query = reading.filtered(today, states=state, language=language, product=product, tag=tag, words=q)
    after = (place[0], place[1]) if place else None
    rows = (await session.execute(reading.by_topic(query, after).limit(limit + 1))).all()
    items = [ArticleSummary(**_summary(row.Article, row.ArticleRevision, today)) for row in rows[:limit]]
    after_last = encode_cursor(items[-1].topic, items[-1].language) if len(rows) > limit else None
    return ArticlePage(items=items, next=after_last, today=today)


@router.post("/preview", summary="Show Markdown as a page would")
async def preview(body: Markdown, _: Writer) -> Preview:
    """Headings, lists, tables, links; nothing that could run or load."""
    return Preview(html=to_html(body.text))


@router.get("/{article_id}", summary="Read an article")
async def read_article(article_id: ArticleId, session: SessionDep, _: Reader, today: Today) -> ArticleRead:
    """Its newest content, how it stands, and its history."""
    return await _read(session, article_id, today)


@router.get("/{article_id}/revisions/{number}", summary="Read an earlier revision")
async def read_revision(article_id: ArticleId, number: ArticleId, session: SessionDep, _: Reader) -> Content:
    """What the article said at that time."""
    return Content.model_validate(await service.revision_of(session, article_id, number), extra="ignore")


@router.post("", summary="Add an article", status_code=201)
async def create_article(
    body: ArticleCreate, session: SessionDep, principal: Writer, today: Today, key: IdempotencyKeyHeader
) -> ArticleRead:
    """A draft. 409 `topic_taken` when the topic has an article in this language."""

    async def write() -> Article:
        return await service.create(session, body.topic, body.language, body.content, principal.agent_id)

    return await _write(session, principal, key, "create", body, today, write)


@router.post("/{article_id}/revisions", summary="Save an edit")
async def save_article(
    article_id: ArticleId,
    body: ArticleSave,
    session: SessionDep,
    principal: Writer,
    today: Today,
    key: IdempotencyKeyHeader,
) -> ArticleRead:
    """A new revision; customers get it once it is published. 409 `version_conflict` when somebody was faster."""

    async def write() -> Article:
        return await service.save(session, article_id, body.version, body.content, principal.agent_id)

    return await _write(session, principal, key, f"save {article_id}", body, today, write)


@router.post("/{article_id}/restore", summary="Go back to an earlier revision")
async def restore_article(
    article_id: ArticleId,
    body: RevisionChoice,
    session: SessionDep,
    principal: Writer,
    today: Today,
    key: IdempotencyKeyHeader,
) -> ArticleRead:
    """Its content becomes the newest revision, to be looked at and published."""

    async def write() -> Article:
        return await service.restore(session, article_id, body.version, body.revision, principal.agent_id)

    return await _write(session, principal, key, f"restore {article_id}", body, today, write)


@router.post("/{article_id}/publish", summary="Publish or schedule")
async def publish_article(
    article_id: ArticleId,
    body: Publish,
    session: SessionDep,
    principal: Writer,
    today: Today,
    key: IdempotencyKeyHeader,
) -> ArticleRead:
    """It answers from its first valid day on: within a minute, or from that day."""

    async def write() -> Article:
        return await service.publish(
            session, article_id, body.version, body.revision, today, principal.agent_id
        )

    return await _write(session, principal, key, f"publish {article_id}", body, today, write)


@router.post("/{article_id}/unschedule", summary="Take a schedule back")
async def unschedule_article(
    article_id: ArticleId,
    body: ArticleVersion,
    session: SessionDep,
    principal: Writer,
    today: Today,
    key: IdempotencyKeyHeader,
) -> ArticleRead:
    """What answers today goes on answering."""

    async def write() -> Article:
        return await service.unschedule(session, article_id, body.version, today, principal.agent_id)

    return await _write(session, principal, key, f"unschedule {article_id}", body, today, write)


@router.post("/{article_id}/retire", summary="Retire an article")
async def retire_article(
    article_id: ArticleId,
    body: ArticleVersion,
    session: SessionDep,
    principal: Writer,
    today: Today,
    key: IdempotencyKeyHeader,
) -> ArticleRead:
    """Customers get it no more, within a minute. Publishing brings it back."""

    async def write() -> Article:
        return await service.retire(session, article_id, body.version, today, principal.agent_id)

    return await _write(session, principal, key, f"retire {article_id}", body, today, write)
