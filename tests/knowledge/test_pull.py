"""The service pulls what changed of the articles over HTTP, and goes on without the api."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from knowledge import follow
from knowledge.build_index import bring_up_to_date
from knowledge.confidence import load_confidence
from knowledge.pull import ApiAway, Puller
from knowledge.settings import ServiceSettings
from knowledge.source import MarkdownSource, PulledSource
from tests.knowledge.conftest import WordModel

API = "http://127.0.0.1:8999"
CHANGES = f"{API}/api/v1/articles/changes"


def version(title: str = "宽限期", **fields: Any) -> dict[str, Any]:
    return {
        "title": title,
        "text": "有60天。",
        "products": ["life"],
        "tags": [],
        "questions": ["晚交怎么办"],
        "source": "条款",
        "valid_from": "2026-01-01",
        "valid_to": None,
        **fields,
    }


def page(*items: tuple[str, str, list[dict[str, Any]]], cursor: str = "c1", **flags: bool) -> dict[str, Any]:
    changes = [{"topic": topic, "language": lang, "versions": versions} for topic, lang, versions in items]
    return {"items": changes, "next": cursor, "has_more": False, "starts_over": False, **flags}


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(
        _env_file=None, data_dir=tmp_path, service_token="secret", api_url=API, now="2026-11-22T00:00:00Z"
    )


@pytest.fixture
def source(settings: ServiceSettings, seed_folder: Path) -> PulledSource:
    return PulledSource(settings.pulled_file, MarkdownSource(seed_folder))


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


def titles(source: PulledSource) -> list[str]:
    return [one.title for one in source.articles()]


def test_until_the_first_pull_the_seed_is_what_there_is(
    settings: ServiceSettings, source: PulledSource, api: respx.MockRouter
) -> None:
    api.get(CHANGES).mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(ApiAway):
        Puller(settings, source).pull()
    assert titles(source) == ["宽限期"]


def test_changes_are_added_replaced_and_taken_away(
    settings: ServiceSettings, source: PulledSource, api: respx.MockRouter
) -> None:
    puller = Puller(settings, source)
    pages = [
        page(("grace", "zh", [version()]), ("theft", "zh", [version("被盗")]), starts_over=True),
        page(("grace", "zh", [version("新")]), ("theft", "zh", []), cursor="c2"),
        page(cursor="c2"),
    ]
    route = api.get(CHANGES).mock(side_effect=[httpx.Response(200, json=one) for one in pages])
    assert [puller.pull() for _ in pages] == [True, True, False]
    assert titles(source) == ["新"]
    asked = [call.request.url.params.get("after") for call in route.calls]
    assert asked == [None, "c1", "c2"]
    assert route.calls.last.request.headers["authorization"] == "Bearer secret"


def test_a_long_feed_is_read_to_its_end(
    settings: ServiceSettings, source: PulledSource, api: respx.MockRouter
) -> None:
    pages = [
        page(("b", "zh", [version("乙")]), cursor="c1", has_more=True, starts_over=True),
        page(("a", "en", [version("A")]), cursor="c2"),
    ]
    api.get(CHANGES).mock(side_effect=[httpx.Response(200, json=one) for one in pages])
    Puller(settings, source).pull()
    assert [(one.language, one.id) for one in source.articles()] == [("en", "a"), ("zh", "b")]


def test_another_database_replaces_everything(
    settings: ServiceSettings, source: PulledSource, api: respx.MockRouter
) -> None:
    api.get(CHANGES).respond(json=page(("old", "zh", [version("旧")]), starts_over=True))
    Puller(settings, source).pull()
    api.get(CHANGES).respond(json=page(starts_over=True, cursor="c9"))
    Puller(settings, source).pull()
    assert titles(source) == []


@pytest.mark.parametrize("status", [401, 500])
def test_a_refusal_leaves_the_articles_as_they_are(
    settings: ServiceSettings, source: PulledSource, api: respx.MockRouter, status: int
) -> None:
    api.get(CHANGES).respond(json=page(("grace", "zh", [version("甲")]), starts_over=True))
    Puller(settings, source).pull()
    api.get(CHANGES).respond(status)
    with pytest.raises(ApiAway):
        Puller(settings, source).pull()
    assert titles(source) == ["甲"]


def test_a_pulled_change_reaches_the_index_and_an_empty_one_answers_nothing(
    settings: ServiceSettings,
    source: PulledSource,
    api: respx.MockRouter,
    model: WordModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow, "load_model", lambda settings: model)
    follower = follow.Follower(settings, source, Puller(settings, source))

    def follow_once() -> int:
        follower.pull()
        if follower.is_behind():
            bring_up_to_date(settings, source, model, lambda done, total: None)
        follower.load_newest()
        assert follower.retriever is not None
        return len(follower.retriever.search("宽限期", "zh", None, settings.today()).hits)

    api.get(CHANGES).mock(side_effect=httpx.ConnectError("refused"))
    assert follow_once() == 1  # the seed
    api.get(CHANGES).respond(
        json=page(("grace", "zh", [version()]), ("theft", "zh", [version("被盗")]), starts_over=True)
    )
    assert follow_once() == 2
    api.get(CHANGES).respond(json=page(starts_over=True, cursor="c2"))
    assert follow_once() == 0


def test_of_two_versions_the_one_of_the_day_answers(
    settings: ServiceSettings, source: PulledSource, api: respx.MockRouter, model: WordModel
) -> None:
    from knowledge.index import build
    from knowledge.retriever import Retriever

    versions = [
        version("现在的宽限期", valid_to="2026-11-30"),
        version("以后的宽限期", valid_from="2026-12-01"),
    ]
    api.get(CHANGES).respond(json=page(("grace", "zh", versions), starts_over=True))
    Puller(settings, source).pull()
    articles = source.articles()
    retriever = Retriever(build(articles, model, None, lambda done, total: None), model, load_confidence())
    answers = [
        retriever.search("宽限期", "zh", None, day).hits[0].article.title
        for day in (settings.today(), articles[1].valid_from)
    ]
    assert answers == ["现在的宽限期", "以后的宽限期"]
