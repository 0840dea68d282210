"""The index is built once, kept in versions and swapped in one step."""

from pathlib import Path

import numpy as np
import pytest

from knowledge import index
from knowledge.article import Article
from tests.knowledge.conftest import WordModel, article


def no_progress(done: int, total: int) -> None:
    pass


def test_a_saved_index_is_read_back_as_it_was(
    tmp_path: Path, articles: list[Article], model: WordModel
) -> None:
    built = index.build(articles, model, None, no_progress)
    index.save(built, tmp_path)
    read = index.load(tmp_path)
    assert (read.version, read.articles, read.entries) == (built.version, built.articles, built.entries)
    np.testing.assert_array_equal(read.vectors, built.vectors)
    terms = ["宽限"]
    np.testing.assert_array_equal(read.lexical.scores(terms), built.lexical.scores(terms))


def test_only_new_texts_are_encoded(articles: list[Article], model: WordModel) -> None:
    known = index.build(articles, model, None, no_progress)
    model.encoded.clear()
    more = [*articles, article("new", "zh", "新文章", "新的内容。")]
    built = index.build(more, model, known, no_progress)
    assert model.encoded == ["新文章", "新文章", "新文章\n新的内容。"]
    assert len(built.vectors) == len(built.entries)


def test_vectors_of_another_model_are_not_reused(articles: list[Article], model: WordModel) -> None:
    known = index.build(articles, model, None, no_progress)
    model.encoded.clear()
    model.fingerprint = "words-2"
    index.build(articles, model, known, no_progress)
    assert len(model.encoded) == len(known.entries)


def test_the_version_follows_articles_and_model(articles: list[Article]) -> None:
    same, other = index.version_of(articles, "a"), index.version_of(articles[:-1], "a")
    assert same == index.version_of(list(articles), "a")
    assert len({same, other, index.version_of(articles, "b")}) == 3


def test_the_current_and_the_previous_version_are_kept(
    tmp_path: Path, articles: list[Article], model: WordModel
) -> None:
    versions = []
    for count in (3, 4, 5):
        built = index.build(articles[:count], model, None, no_progress)
        index.save(built, tmp_path)
        versions.append(built.version)
    assert index.current_version(tmp_path) == versions[-1]
    assert {path.name for path in tmp_path.iterdir()} == {"current", *versions[1:]}


def test_a_missing_index_is_said(tmp_path: Path) -> None:
    with pytest.raises(index.IndexMissing, match="build_index"):
        index.load(tmp_path)
