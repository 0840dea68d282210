"""The service follows the newest index, and the index the newest articles."""

from pathlib import Path

import pytest

from knowledge import follow, index
from knowledge.article import Article
from knowledge.build_index import bring_up_to_date
from knowledge.settings import Settings
from knowledge.source import MarkdownSource
from tests.knowledge.conftest import WordModel


class FixedSource:
    def __init__(self, articles: list[Article]) -> None:
        self.given = articles

    def articles(self) -> list[Article]:
        return self.given


@pytest.fixture
def settings(tmp_path: Path, model: WordModel, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(follow, "load_model", lambda settings: model)
    return Settings(_env_file=None, data_dir=tmp_path)


def no_progress(done: int, total: int) -> None:
    pass


def test_a_new_version_is_swapped_in(settings: Settings, articles: list[Article], model: WordModel) -> None:
    source = FixedSource(articles[:3])
    follower = follow.Follower(settings, source)
    follower.load_newest()
    assert follower.retriever is None
    assert follower.is_behind()
    bring_up_to_date(settings, source, model, no_progress)
    follower.load_newest()
    assert follower.retriever is not None
    assert len(follower.retriever.index.articles) == 3
    source.given = articles
    assert follower.is_behind()
    bring_up_to_date(settings, source, model, no_progress)
    follower.load_newest()
    assert len(follower.retriever.index.articles) == 6
    assert not follower.is_behind()


def test_the_same_articles_are_not_built_twice(
    settings: Settings, seed_folder: Path, model: WordModel
) -> None:
    source = MarkdownSource(seed_folder)
    first, is_new = bring_up_to_date(settings, source, model, no_progress)
    assert is_new
    model.encoded.clear()
    again, is_new = bring_up_to_date(settings, source, model, no_progress)
    assert (is_new, model.encoded, again.version) == (False, [], first.version)


def test_an_index_of_another_format_is_built_again(
    settings: Settings, articles: list[Article], model: WordModel
) -> None:
    source = FixedSource(articles)
    built, _ = bring_up_to_date(settings, source, model, no_progress)
    (settings.index_folder / built.version / "index.json").write_text("{}", "utf-8")
    again, is_new = bring_up_to_date(settings, source, model, no_progress)
    assert is_new
    assert index.load(settings.index_folder).version == again.version


def test_vectors_of_another_model_never_serve(
    settings: Settings, articles: list[Article], model: WordModel
) -> None:
    bring_up_to_date(settings, FixedSource(articles), model, no_progress)
    model.fingerprint = "words-2"
    follower = follow.Follower(settings, FixedSource(articles))
    follower.load_newest()
    assert follower.retriever is None
