"""Articles as editors look for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, String, cast, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles.models import Article, ArticleRevision, ArticleState, state_expression
from backend.core.access import Agent
from backend.core.errors import NotFound


def filtered(
    today: date,
    *,
    states: Sequence[ArticleState] | None = None,
    language: str | None = None,
    product: str | None = None,
    tag: str | None = None,
    words: str | None = None,
) -> Select[Article, ArticleRevision]:
    """Articles with their newest revision, narrowed down. A product also finds what applies to every product."""
    query = select(Article, ArticleRevision).join(
        ArticleRevision,
        (ArticleRevision.article_id == Article.id) & (ArticleRevision.number == Article.revision),
    )
    if states:
        query = query.where(state_expression(today).in_([state.value for state in states]))
    if language:
        query = query.where(Article.language == language)
    if product:
        products = cast(ArticleRevision.products, JSONB)
        query = query.where(or_(products.contains([product]), func.jsonb_array_length(products) == 0))
    if tag:
        query = query.where(cast(ArticleRevision.tags, JSONB).contains([tag]))
    for word in (words or "").split():
        query = query.where(_mentions(word))
    return query


def _mentions(word: str) -> Any:
    places = (
        Article.topic,
        ArticleRevision.title,
        ArticleRevision.text,
        cast(ArticleRevision.questions, String),
    )
    return or_(*(place.icontains(word, autoescape=True) for place in places))


def by_topic(
    query: Select[Article, ArticleRevision], after: tuple[str, str] | None
) -> Select[Article, ArticleRevision]:
    """In the order of their topics, the languages of a topic side by side."""
    if after:
        query = query.where(tuple_(Article.topic, Article.language) > tuple_(*after))
    return query.order_by(Article.topic, Article.language)


async def one(session: AsyncSession, article_id: int) -> tuple[Article, ArticleRevision]:
    """An article and its newest revision. Raises `NotFound`."""
    row = (await session.execute(filtered(date.max).where(Article.id == article_id))).first()
    if row is None:
        raise NotFound("There is no such article.")
    return row.Article, row.ArticleRevision


async def pair_of(session: AsyncSession, article: Article) -> int | None:
    """The id of the topic's article in the other language."""
    return await session.scalar(
        select(Article.id).where(Article.topic == article.topic, Article.language != article.language)
    )


async def history(session: AsyncSession, article_id: int) -> Sequence[tuple[ArticleRevision, str | None]]:
    """Every revision with its writer's name, newest first."""
    rows = await session.execute(
        select(ArticleRevision, Agent.name)
        .outerjoin(Agent, Agent.id == ArticleRevision.agent_id)
        .where(ArticleRevision.article_id == article_id)
        .order_by(ArticleRevision.number.desc())
    )
    return [(row.ArticleRevision, row.name) for row in rows]
