"""The knowledge service follows every change of what may answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles import seed
from backend.articles.models import Article, ArticleRevision
from backend.core import clock
from backend.core.settings import Settings
from tests.articles.conftest import Write, content

Add = Callable[..., Awaitable[dict[str, Any]]]


async def changes(service: httpx.AsyncClient, after: str | None = None) -> dict[str, Any]:
    parameters = {"after": after} if after else {}
    answer = await service.get("/api/v1/articles/changes", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_drafts_are_not_served_and_what_is_published_is(add: Add, service: httpx.AsyncClient) -> None:
    await add("draft-only", is_published=False)
    await add()
    first = await changes(service)
    assert [(one["topic"], len(one["versions"])) for one in first["items"]] == [("cooling-off", 1)]
    assert first["items"][0]["versions"][0] == content()
    assert (first["starts_over"], first["has_more"]) == (True, False)
    again = await changes(service, first["next"])
    assert (again["items"], again["next"], again["starts_over"]) == ([], first["next"], False)


async def test_a_retired_article_is_told_with_nothing_to_serve(
    add: Add, write: Write, service: httpx.AsyncClient
) -> None:
    article = await add()
    cursor = (await changes(service))["next"]
    await write(f"/{article['id']}/retire", {"version": article["version"]})
    assert (await changes(service, cursor))["items"] == [
        {"topic": "cooling-off", "language": "zh", "versions": []}
    ]


async def test_a_schedule_is_served_beside_what_it_will_replace(
    add: Add, write: Write, service: httpx.AsyncClient
) -> None:
    article = await add()
    body = {"version": article["version"], "content": content(title="新的", valid_from="2026-12-01")}
    edited = (await write(f"/{article['id']}/revisions", body)).json()
    await write(f"/{article['id']}/publish", {"version": edited["version"]})
    versions = (await changes(service))["items"][0]["versions"]
    days = [(one["title"], one["valid_from"], one["valid_to"]) for one in versions]
    assert days == [("犹豫期有多久", "2026-01-01", "2026-11-30"), ("新的", "2026-12-01", None)]


async def test_the_feed_pages_in_the_order_of_the_changes(add: Add, service: httpx.AsyncClient) -> None:
    for topic in ("c", "a", "b"):
        await add(topic)
    seen, cursor = [], None
    for _ in range(4):
        query = {"limit": "1", **({"after": cursor} if cursor else {})}
        page = (await service.get("/api/v1/articles/changes", params=query)).json()
        seen += [one["topic"] for one in page["items"]]
        cursor = page["next"]
    assert seen == ["c", "a", "b"]
    assert page["has_more"] is False


async def test_a_cursor_of_another_database_starts_over(add: Add, service: httpx.AsyncClient) -> None:
    from backend.core.paging import encode_cursor

    await add()
    for strange in (encode_cursor("another", 7), encode_cursor("another", 0)):
        found = await changes(service, strange)
        assert found["starts_over"] is True
        assert len(found["items"]) == 1
    refused = await service.get("/api/v1/articles/changes?after=nonsense")
    assert refused.status_code == 422


async def test_the_seed_is_loaded_once_and_never_over_an_edit(
    session: AsyncSession, settings: Settings, add: Add, service: httpx.AsyncClient
) -> None:
    await add("grace-period", title="我们自己的宽限期")
    seeds, today = seed.read_folder(seed.FOLDER), clock.today(settings.zone)
    assert await seed.load(session, seeds, today, publish=True) == len(seeds) - 1
    await session.commit()
    assert await seed.load(session, seeds, today, publish=True) == 0
    await session.commit()
    assert await session.scalar(select(func.count()).select_from(Article)) == len(seeds)
    ours = await session.scalar(
        select(ArticleRevision.title)
        .join(Article, Article.id == ArticleRevision.article_id)
        .where(Article.topic == "grace-period", Article.language == "zh")
    )
    assert ours == "我们自己的宽限期"


async def test_without_a_demo_the_seed_waits_for_an_editor(
    session: AsyncSession, settings: Settings, service: httpx.AsyncClient
) -> None:
    await seed.load(session, seed.read_folder(seed.FOLDER)[:2], clock.today(settings.zone), publish=False)
    await session.commit()
    assert (await changes(service))["items"] == []
