"""The service as its callers see it (docs/contracts.md)."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from knowledge import app as service
from knowledge import follow, index
from knowledge.article import Article
from knowledge.settings import ServiceSettings
from tests.knowledge.conftest import WordModel

CONTRACT = json.loads(
    (Path(__file__).parents[1] / "contracts" / "actions_to_knowledge.json").read_text("utf-8")
)
TOKEN = {"Authorization": "Bearer secret"}


def settings(folder: Path) -> ServiceSettings:
    return ServiceSettings(
        _env_file=None, data_dir=folder, service_token="secret", now="2026-11-22T00:00:00Z"
    )


@pytest.fixture
def client(
    tmp_path: Path, articles: list[Article], model: WordModel, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A service whose index is ready; following the articles has tests of its own."""
    given = settings(tmp_path)
    index.save(index.build(articles, model, None, lambda done, total: None), given.index_folder)
    monkeypatch.setattr(follow, "load_model", lambda settings: model)
    monkeypatch.setattr("knowledge.source.MarkdownSource.articles", lambda source: articles)
    with TestClient(service.create_app(given)) as client:
        for _ in range(200):
            if client.get("/health").status_code == 200:
                break
            time.sleep(0.02)
        yield client


def test_health_counts_what_is_loaded(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "articles": 6, "passages": 6, "model": "words"}


def test_a_question_is_answered_with_passage_and_source(client: TestClient) -> None:
    body = {"query": "How long is the grace period", "language": "en", "product_type": None, "limit": 3}
    found = client.post("/search", json=body, headers=TOKEN).json()
    assert found["fits"] is True
    score = found["answer"].pop("score")
    assert 0 < score <= 1
    assert found["answer"] == {
        "article": "grace",
        "language": "en",
        "title": "How long is the grace period",
        "passage": "You have 60 days to pay.",
        "source": "条款",
    }
    assert len(found["others"]) == 2
    assert set(found["others"][0]) == {"article", "language", "title", "score"}


def test_the_answers_are_those_of_the_contract(client: TestClient) -> None:
    search, article = CONTRACT["search"], CONTRACT["article"]
    found = client.post(search["path"], json=search["body"], headers=TOKEN).json()
    assert found["fits"] is True
    for given, agreed in (
        (found["answer"], search["answer"]["answer"]),
        (found["others"][0], search["answer"]["others"][0]),
    ):
        assert set(given) == set(agreed)
    assert {**found["answer"], "score": 0} == {**search["answer"]["answer"], "score": 0}
    assert client.get(article["path"], headers=TOKEN).json() == article["answer"]
    nothing = CONTRACT["search_nothing_fits"]
    assert set(client.post(nothing["path"], json=nothing["body"], headers=TOKEN).json()) == set(
        nothing["answer"]
    )


def test_nothing_fits_leaves_the_answer_empty(client: TestClient) -> None:
    found = client.post("/search", json={"query": "zebra"}, headers=TOKEN).json()
    assert (found["fits"], found["answer"]) == (False, None)
    assert len(found["others"]) == 3


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer sécret"}]
)
def test_a_caller_without_the_token_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}
    assert client.post("/search", json={"query": "宽限期"}, headers=encoded).status_code == 401
    assert client.get("/articles/grace", headers=encoded).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"query": ""}, {"query": "x", "limit": 0}, {"query": "x", "product_type": "pet"}]
)
def test_a_malformed_question_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.post("/search", json=body, headers=TOKEN).status_code == 422


def test_an_article_is_read_in_the_wanted_language_or_the_other(client: TestClient) -> None:
    read = client.get("/articles/grace?language=en", headers=TOKEN).json()
    assert (read["language"], read["text"]) == ("en", "You have 60 days to pay.")
    assert client.get("/articles/flood?language=zh", headers=TOKEN).json()["language"] == "en"
    assert client.get("/articles/nothing", headers=TOKEN).status_code == 404


def test_until_the_index_is_there_the_service_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def idle(self: follow.Follower) -> None:
        return

    monkeypatch.setattr(follow.Follower, "run", idle)
    with TestClient(service.create_app(settings(tmp_path))) as client:
        assert client.get("/health").status_code == 503
        assert client.post("/search", json={"query": "宽限期"}, headers=TOKEN).status_code == 503


def test_a_trial_shows_what_speaks_for_each_article(client: TestClient) -> None:
    body = {"query": "How long is the grace period", "language": "en"}
    found = client.post("/explain", json=body, headers=TOKEN).json()
    assert found["fits"] is True
    assert 0 < found["threshold"] < 1
    assert len(found["index"]) == 16
    best = found["hits"][0]
    assert (best["article"], best["passage"]) == ("grace", "You have 60 days to pay.")
    assert set(best["evidence"]) == {"question", "passage", "plain", "coverage", "lead"}
    assert client.post("/explain", json=body).status_code == 401
