"""Which article answers a question."""

from datetime import date

import numpy as np
import pytest

from knowledge import index
from knowledge.article import Article
from knowledge.confidence import load_confidence
from knowledge.retriever import Retriever, products_named
from tests.knowledge.conftest import WordModel, article

TODAY = date(2026, 11, 22)


def retriever(articles: list[Article], model: WordModel) -> Retriever:
    return Retriever(index.build(articles, model, None, lambda done, total: None), model, load_confidence())


def test_the_answer_is_in_the_language_of_the_question(articles: list[Article], model: WordModel) -> None:
    searched = retriever(articles, model)
    for question, language in (("How long is the grace period", "en"), ("宽限期多久", "zh")):
        first = searched.search(question, language, None, TODAY).hits[0].article  # type: ignore[arg-type]
        assert (first.id, first.language) == ("grace", language)


def test_an_article_of_the_other_language_serves_when_there_is_no_own(
    articles: list[Article], model: WordModel
) -> None:
    first = retriever(articles, model).search("my car was flooded", "zh", None, TODAY).hits[0].article
    assert (first.id, first.language) == ("flood", "en")


@pytest.mark.parametrize(("product", "expected"), [("auto", "deductible-auto"), ("home", "deductible-home")])
def test_the_product_of_the_conversation_decides_between_twins(
    articles: list[Article], model: WordModel, product: str, expected: str
) -> None:
    found = retriever(articles, model).search("免赔额", "zh", product, TODAY)  # type: ignore[arg-type]
    assert found.hits[0].article.id == expected


def test_a_product_named_in_the_question_wins_over_the_conversation(
    articles: list[Article], model: WordModel
) -> None:
    found = retriever(articles, model).search("家财险的免赔额", "zh", "auto", TODAY)
    assert found.hits[0].article.id == "deductible-home"
    assert products_named("車險和医疗险") == {"auto", "medical"}


def test_an_article_answers_only_while_it_is_valid(model: WordModel) -> None:
    old = article("old", "zh", "旧规定", "旧规定。", valid_to=date(2026, 6, 30))
    coming = article("coming", "zh", "新规定", "新规定。", valid_from=date(2027, 1, 1))
    searched = retriever([old, coming], model)
    assert [hit.article.id for hit in searched.search("规定", "zh", None, date(2026, 6, 30)).hits] == ["old"]
    assert searched.search("规定", "zh", None, TODAY).hits == []
    assert not searched.search("规定", "zh", None, TODAY).fits


def test_the_passage_quoted_is_the_one_that_answers(articles: list[Article], model: WordModel) -> None:
    hit = retriever(articles, model).search("被盗要报警回执材料", "zh", None, TODAY).hits[0]
    assert "报警回执" in hit.passage


@pytest.mark.parametrize(
    ("summary_score", "section_score", "quoted"),
    [(0.5, 0.7, "总述。\n不赔\n渗漏。"), (0.3, 0.9, "不赔\n渗漏。"), (0.7, 0.5, "总述。")],
)
def test_a_section_is_quoted_with_the_summary_unless_it_is_far_better(
    model: WordModel, summary_score: float, section_score: float, quoted: str
) -> None:
    summary = "总述。" * 40
    searched = retriever([article("burst", "zh", "水管", f"{summary}\n\n## 不赔\n渗漏。")], model)
    fused = np.array([summary_score, section_score, 0, 0], np.float32)
    assert searched._passage(searched._view("zh", TODAY), 0, fused) == quoted.replace("总述。", summary)


@pytest.mark.parametrize("question", ["", "？", "x" * 100_000, "宽限期" * 5000])
def test_any_text_gets_a_result(articles: list[Article], model: WordModel, question: str) -> None:
    assert len(retriever(articles, model).search(question, "zh", None, TODAY, limit=2).hits) == 2
