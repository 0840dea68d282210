"""Editors add, edit, publish, schedule and retire articles, and go back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.audit import AuditEntry
from tests.articles.conftest import Write, content

Add = Callable[..., Awaitable[dict[str, Any]]]


async def read(editor: httpx.AsyncClient, article_id: int) -> dict[str, Any]:
    found: dict[str, Any] = (await editor.get(f"/api/v1/articles/{article_id}")).json()
    return found


async def test_a_new_article_is_a_draft_until_it_is_published(add: Add, write: Write) -> None:
    draft = await add(is_published=False)
    assert (draft["state"], draft["has_draft"], draft["live_revision"]) == ("draft", True, None)
    published = (await write(f"/{draft['id']}/publish", {"version": draft["version"]})).json()
    assert (published["state"], published["has_draft"], published["live_revision"]) == ("published", False, 1)


async def test_an_edit_answers_nobody_until_it_is_published(add: Add, write: Write) -> None:
    article = await add()
    body = {"version": article["version"], "content": content(text="现在是 20 天。")}
    edited = (await write(f"/{article['id']}/revisions", body)).json()
    assert (edited["revision"], edited["live_revision"], edited["has_draft"]) == (2, 1, True)
    assert edited["content"]["text"] == "现在是 20 天。"
    published = (await write(f"/{article['id']}/publish", {"version": edited["version"]})).json()
    assert (published["live_revision"], published["has_draft"]) == (2, False)


async def test_of_two_editors_the_slower_one_is_told(add: Add, write: Write) -> None:
    article = await add()
    first = await write(f"/{article['id']}/revisions", {"version": article["version"], "content": content()})
    assert first.status_code == 200
    second = await write(
        f"/{article['id']}/revisions", {"version": article["version"], "content": content(title="别的")}
    )
    assert (second.status_code, second.json()["code"]) == (409, "version_conflict")
    assert second.json()["version"] == first.json()["version"]


async def test_the_same_key_saves_once(add: Add, write: Write, editor: httpx.AsyncClient) -> None:
    article = await add()
    body = {"version": article["version"], "content": content(title="改过")}
    first = await write(f"/{article['id']}/revisions", body, key="k")
    again = await write(f"/{article['id']}/revisions", body, key="k")
    assert again.json() == first.json()
    assert (await read(editor, article["id"]))["revision"] == 2


async def test_a_later_first_day_makes_a_schedule_that_can_be_taken_back(add: Add, write: Write) -> None:
    article = await add()
    body = {"version": article["version"], "content": content(title="新的", valid_from="2026-12-01")}
    edited = (await write(f"/{article['id']}/revisions", body)).json()
    planned = (await write(f"/{article['id']}/publish", {"version": edited["version"]})).json()
    assert (planned["state"], planned["live_revision"], planned["scheduled_revision"]) == ("published", 1, 2)
    assert planned["scheduled_from"] == "2026-12-01"
    back = (await write(f"/{article['id']}/unschedule", {"version": planned["version"]})).json()
    assert (back["live_revision"], back["scheduled_revision"], back["has_draft"]) == (1, None, True)


async def test_a_schedule_begins_by_itself(
    add: Add, editor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = await add(valid_from="2026-12-01")
    assert article["state"] == "scheduled"
    monkeypatch.setenv("ANDA_NOW", "2026-11-30T16:00:00Z")  # the first minute of December in Shanghai
    assert (await read(editor, article["id"]))["state"] == "published"
    listed = (await editor.get("/api/v1/articles?state=published")).json()["items"]
    assert [one["id"] for one in listed] == [article["id"]]


async def test_a_retired_article_comes_back_by_publishing(add: Add, write: Write) -> None:
    article = await add()
    retired = (await write(f"/{article['id']}/retire", {"version": article["version"]})).json()
    assert retired["state"] == "retired"
    back = (await write(f"/{article['id']}/publish", {"version": retired["version"]})).json()
    assert back["state"] == "published"


async def test_an_earlier_revision_can_be_brought_back(
    add: Add, write: Write, editor: httpx.AsyncClient
) -> None:
    article = await add()
    body = {"version": article["version"], "content": content(text="写错了。")}
    wrong = (await write(f"/{article['id']}/revisions", body)).json()
    restored = (await write(f"/{article['id']}/restore", {"version": wrong["version"], "revision": 1})).json()
    assert restored["content"] == article["content"]
    numbers = [(one["number"], one["restored_from"], one["written_by"]) for one in restored["revisions"]]
    assert numbers == [(3, 1, "周敏"), (2, None, "周敏"), (1, None, "周敏")]
    second = await editor.get(f"/api/v1/articles/{article['id']}/revisions/2")
    assert second.json()["text"] == "写错了。"


async def test_a_topic_has_one_article_a_language_and_they_know_each_other(add: Add, write: Write) -> None:
    chinese = await add()
    english = await add(language="en", title="Cooling off", text="15 days.")
    assert (english["pair"], chinese["pair"]) == (chinese["id"], None)
    body = {"topic": "cooling-off", "language": "zh", "content": content()}
    refused = await write("", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "topic_taken")


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "  "},
        {"text": ""},
        {"questions": []},
        {"products": ["pet"]},
        {"valid_to": "2025-12-31"},
        {"colour": "red"},
        {"source": ""},
    ],
)
async def test_what_cannot_be_an_article_is_refused(write: Write, changes: dict[str, Any]) -> None:
    answer = await write("", {"topic": "x", "language": "zh", "content": content(**changes)})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_what_is_over_cannot_be_published(add: Add, write: Write) -> None:
    article = await add(is_published=False, valid_to="2026-11-21")
    answer = await write(f"/{article['id']}/publish", {"version": article["version"]})
    assert answer.status_code == 422


async def test_agents_read_and_only_supervisors_write(
    sign_in: Callable[..., Awaitable[httpx.AsyncClient]], client: httpx.AsyncClient, add: Add
) -> None:
    article = await add()
    agent = await sign_in("agent")
    assert (await agent.get(f"/api/v1/articles/{article['id']}")).status_code == 200
    for path in ("", f"/{article['id']}/retire", "/preview"):
        answer = await agent.post(f"/api/v1/articles{path}", json={}, headers={"Idempotency-Key": "a"})
        assert answer.status_code == 403
    assert (await client.get("/api/v1/articles")).status_code == 401


async def test_the_list_is_found_by_words_state_language_product_and_tag(
    add: Add, editor: httpx.AsyncClient
) -> None:
    life = await add()
    await add(language="en", title="Cooling off", text="15 days to cancel.", questions=["changed my mind"])
    auto = await add("towing", products=["auto"], tags=["claims"], title="拖车", is_published=False)
    everything = await add("complaints", products=[], tags=[], title="投诉 100%")

    async def found(query: str) -> list[int]:
        answer = await editor.get(f"/api/v1/articles?{query}")
        return [one["id"] for one in answer.json()["items"]]

    assert await found("q=changed mind") == [life["id"] + 1]
    assert await found("q=%25") == [everything["id"]]
    assert await found("state=draft") == [auto["id"]]
    assert await found("language=en") == [life["id"] + 1]
    assert await found("product=auto") == [everything["id"], auto["id"]]
    assert await found("tag=claims") == [auto["id"]]
    first = (await editor.get("/api/v1/articles?limit=3")).json()
    rest = (await editor.get(f"/api/v1/articles?limit=3&cursor={first['next']}")).json()
    topics = [(one["topic"], one["language"]) for one in first["items"] + rest["items"]]
    assert topics == sorted(topics)
    assert (len(topics), rest["next"]) == (4, None)


async def test_each_act_is_audited_without_what_the_article_says(add: Add, session: AsyncSession) -> None:
    await add()
    entries = (
        await session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("article.")))
    ).all()
    assert [one.action for one in entries] == ["article.created", "article.published"]
    assert {one.target for one in entries} == {"article:zh/cooling-off"}


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[press](javascript:alert(1))",
        "[press](data:text/html,<script>alert(1)</script>)",
        "<svg/onload=alert(1)>",
        '<a href="https://x.example" onclick="alert(1)">x</a>',
        "![x](https://evil.example/pixel.png)",
        "<style>body{display:none}</style>",
        "`</code><script>alert(1)</script>`",
    ],
)
async def test_a_preview_holds_nothing_that_runs_or_loads(write: Write, text: str) -> None:
    html = (await write("/preview", {"text": text})).json()["html"]
    for bad in ("<script", "<img", "<svg", "<style", 'href="javascript', 'href="data', '<a href="https://x'):
        assert bad not in html.lower()


async def test_a_preview_shows_headings_lists_and_links(write: Write) -> None:
    html = (await write("/preview", {"text": "## 材料\n- 发票\n\n[官网](https://example.com)"})).json()[
        "html"
    ]
    assert "<h2>材料</h2>" in html
    assert "<li>发票</li>" in html
    assert 'href="https://example.com"' in html
    assert "noopener" in html
