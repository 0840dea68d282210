"""Knowledge: articles from the draft to retirement, and what was asked of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.api.good_requests.insured import TODAY
from tests.api.good_requests.world import Ask, World, bare, good, some

ARTICLE = "/api/v1/articles/{article_id}"
bare("GET /api/v1/articles", "GET /api/v1/articles/changes", "GET /api/v1/articles/questions")
bare("GET /api/v1/articles/questions/count")


def content(valid_from: str = "2026-01-01") -> dict[str, Any]:
    return {
        "title": "犹豫期有多久",
        "text": "自签收保单之日起 15 天内可以无条件退保，退还全部保险费。",
        "products": ["life"],
        "tags": ["cooling-off"],
        "questions": ["签完保险反悔了怎么办", "犹豫期几天"],
        "source": "《人身保险业务基本服务规定》",
        "valid_from": valid_from,
    }


def written(world: World, valid_from: str = "2026-01-01") -> tuple[dict[str, Any], int]:
    """What fills the path to a new draft, and its version."""
    body = {"topic": some("topic-"), "language": "zh", "content": content(valid_from)}
    made = world.do("admin", "POST /api/v1/articles", json=body)
    return {"article_id": made["id"]}, made["version"]


def published(world: World, valid_from: str = "2026-01-01") -> tuple[dict[str, Any], int]:
    fill, version = written(world, valid_from)
    made = world.do("admin", f"POST {ARTICLE}/publish", json={"version": version}, **fill)
    return fill, made["version"]


@good("POST /api/v1/articles")
def add(world: World, role: str) -> Ask:
    return Ask(json={"topic": some("topic-"), "language": "zh", "content": content()})


@good("POST /api/v1/articles/preview")
def preview(world: World, role: str) -> Ask:
    return Ask(json={"text": "## 犹豫期\n15 天"})


@good("POST /api/v1/articles/try")
def trial(world: World, role: str) -> Ask:
    return Ask(json={"query": "签完字反悔了咋整", "language": "zh"})


@good(f"GET {ARTICLE}")
def read(world: World, role: str) -> Ask:
    return Ask(written(world)[0])


@good(f"GET {ARTICLE}/revisions/{{number}}")
def revision(world: World, role: str) -> Ask:
    return Ask(written(world)[0] | {"number": 1})


@good(f"POST {ARTICLE}/publish")
def publish(world: World, role: str) -> Ask:
    fill, version = written(world)
    return Ask(fill, {"version": version})


@good(f"POST {ARTICLE}/restore")
def restore(world: World, role: str) -> Ask:
    fill, version = written(world)
    body = {"version": version, "content": content() | {"title": "犹豫期"}}
    saved = world.do("admin", f"POST {ARTICLE}/revisions", json=body, **fill)
    return Ask(fill, {"version": saved["version"], "revision": 1})


@good(f"POST {ARTICLE}/retire")
def retire(world: World, role: str) -> Ask:
    fill, version = published(world)
    return Ask(fill, {"version": version})


@good(f"POST {ARTICLE}/revisions")
def save(world: World, role: str) -> Ask:
    fill, version = written(world)
    return Ask(fill, {"version": version, "content": content() | {"title": "犹豫期"}})


@good(f"POST {ARTICLE}/unschedule")
def unschedule(world: World, role: str) -> Ask:
    fill, version = published(world, str(TODAY + timedelta(days=30)))
    return Ask(fill, {"version": version})
