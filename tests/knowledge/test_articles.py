"""The seed articles are complete, in pairs, and each says something of its own."""

import re
from itertools import combinations

import pytest

from knowledge.article import Article, MalformedArticle, parse_article
from knowledge.passages import LONGEST, entries_of
from knowledge.source import MarkdownSource

SEED = MarkdownSource().articles()
TOPICS = {one.id for one in SEED}


def pieces(article: Article) -> set[tuple[str, ...]]:
    signs = re.findall(r"[\u4e00-\u9fff]|\w+", article.text)
    return {tuple(signs[i : i + 4]) for i in range(len(signs) - 3)}


def test_there_are_at_least_sixty_topics_each_in_both_languages() -> None:
    assert len(TOPICS) >= 60
    assert {(one.id, one.language) for one in SEED} == {
        (topic, lang) for topic in TOPICS for lang in ("zh", "en")
    }


def test_the_languages_of_a_topic_agree_on_products_and_dates() -> None:
    facts = {(one.id, one.products, one.tags, one.valid_from, one.valid_to) for one in SEED}
    assert len(facts) == len(TOPICS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_articles_share_more_than_thirty_percent_of_their_text(language: str) -> None:
    texts = {one.id: pieces(one) for one in SEED if one.language == language}
    shared = {
        (a, b): len(texts[a] & texts[b]) / min(len(texts[a]), len(texts[b]))
        for a, b in combinations(texts, 2)
    }
    assert max(shared.values()) <= 0.3


@pytest.mark.parametrize("one", SEED, ids=lambda one: f"{one.language}-{one.id}")
def test_an_article_is_thorough_and_asked_about(one: Article) -> None:
    length = len(re.findall("[\u4e00-\u9fff]", one.text)) if one.language == "zh" else len(one.text.split())
    assert 150 <= length <= 650
    assert len(one.questions) >= 3
    is_chinese = [bool(re.search("[\u4e00-\u9fff]", text)) for text in (one.title, one.text, *one.questions)]
    assert set(is_chinese) == {one.language == "zh"}


def test_no_question_leads_to_two_articles() -> None:
    questions = [(question, one.language) for one in SEED for question in one.questions]
    assert len(questions) == len(set(questions))


def test_no_article_holds_a_phone_number_or_markup() -> None:
    assert not [
        one.id for one in SEED if re.search(r"\d{7,}|\d{3,4}-\d{3,4}-\d{3,4}|<[a-z/]|https?:", one.text)
    ]


def test_passages_can_be_quoted_in_one_message() -> None:
    entries = entries_of(SEED)
    too_long = [e.text for e in entries if len(e.text) > LONGEST[SEED[e.article].language] * 1.3]
    assert not too_long


@pytest.mark.parametrize(
    "markdown",
    [
        "no front matter",
        "---\nid: x\n---\ntext",
        "---\nid: [\n---\ntext",
        "---\n- a list\n---\ntext",
    ],
)
def test_a_malformed_article_is_named(markdown: str) -> None:
    with pytest.raises(MalformedArticle, match=r"some\.md"):
        parse_article(markdown, "some.md")
