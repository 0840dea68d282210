"""The feed of articles that the knowledge service follows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from backend.articles import feed
from backend.articles.content import Content
from backend.articles.schemas import ArticleChange, ArticleChanges, ServedVersion
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.core.paging import Limit, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1/articles", tags=["articles"])
Reader = Annotated[Principal, Depends(Allowed("articles:read"))]


@router.get("/changes", summary="Follow what may answer")
async def list_changes(
    session: SessionDep,
    _: Reader,
    after: Annotated[str | None, Query(max_length=500, description="`next` of the call before.")] = None,
    limit: Limit = 100,
) -> ArticleChanges:
    """Everything that changed since the cursor, in the order of the changes; without one, everything."""
    origin, newest = await feed.position(session)
    place = decode_cursor(after, 2) if after else [origin, 0]
    if not isinstance(place[1], int):
        raise Invalid("This cursor is not valid.")
    is_ours = place[0] == origin and place[1] <= newest
    articles = await feed.changed_since(session, place[1] if is_ours else 0, limit)
    items = []
    for article in articles:
        versions = [
            ServedVersion(
                **(Content.model_validate(one, extra="ignore").model_dump() | {"valid_to": last_day})
            )
            for one, last_day in await feed.served(session, article)
        ]
        items.append(ArticleChange(topic=article.topic, language=article.language, versions=versions))
    read_up_to = articles[-1].changed if len(articles) == limit else newest
    return ArticleChanges(
        items=items,
        next=encode_cursor(origin, read_up_to),
        has_more=len(articles) == limit,
        starts_over=not is_ours or not after,
    )
