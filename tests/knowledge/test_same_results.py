"""What is searched fast is found as the plain way finds it: by sorting and adding one text after the other."""

from datetime import date

import numpy as np
import pytest

from knowledge import index
from knowledge.article import Article, Language
from knowledge.confidence import load_confidence
from knowledge.fusion import best_first, fuse
from knowledge.lexical import LexicalIndex
from knowledge.retriever import OTHER_LANGUAGE, RIGHT_PRODUCT, WRONG_PRODUCT, Retriever, products_named
from knowledge.source import MarkdownSource
from knowledge.words import simplify, words
from tests.knowledge.conftest import WordModel

TODAY = date(2026, 11, 23)
QUESTIONS: list[tuple[str, Language]] = [
    ("签完字反悔了咋整", "zh"),
    ("车险免赔额是多少 车险", "zh"),
    ("how soon can i claim for a hospital stay", "en"),
    ("grace period for premium", "zh"),
    ("zebra", "en"),
]


@pytest.fixture(scope="module")
def searched() -> Retriever:
    """Some topics in both languages, some in one, so that one language's articles lie apart in the index."""
    seed = MarkdownSource().articles()[::3]
    model = WordModel()
    return Retriever(index.build(seed, model, None, lambda done, total: None), model, load_confidence())


def plainly(retriever: Retriever, question: str, language: Language) -> list[tuple[str, list[float]]]:
    """Titles and evidence of the ten best articles, computed over the whole index, article by article."""
    text, built = simplify(question), retriever.index
    chosen: dict[str, int] = {}
    for number, one in enumerate(built.articles):
        if one.id not in chosen or one.language == language:
            chosen[one.id] = number
    kept = [place for place, entry in enumerate(built.entries) if entry.article in set(chosen.values())]
    entries = [built.entries[place] for place in kept]
    vector = WordModel().encode([text])[0]
    plain = retriever._dense.cosines(vector)
    centred = retriever._dense.centred(vector, plain)[kept]
    plain = plain[kept]
    foreign = np.array([built.articles[entry.article].language != language for entry in entries])
    centred[foreign] += OTHER_LANGUAGE
    known = [term for term in words(text) if term in built.lexical._bm25.vocab_dict]
    lexical = built.lexical._bm25.get_scores(known) if known else np.zeros(len(built.entries), np.float32)
    fused = fuse(lexical[kept], plain, centred, foreign)
    covered = built.lexical.coverage(words(text), np.arange(len(built.entries)))[kept]

    def best(scores: np.ndarray, article: int, *kinds: str) -> float:
        own = [scores[i] for i, e in enumerate(entries) if e.article == article and e.kind in kinds]
        return max(own, default=np.float32(-1))

    wanted = products_named(text)
    ranks: dict[int, np.float32] = {}
    for article in chosen.values():
        products = built.articles[article].products
        bonus = (RIGHT_PRODUCT if wanted & set(products) else WRONG_PRODUCT) if wanted and products else 0
        both = np.float32(best(fused, article, "question") + best(fused, article, "passage"))
        ranks[article] = np.float32(both / 2 + np.float32(bonus))
    order = sorted(ranks, key=lambda article: -ranks[article])[:10]
    others = [ranks[order[1]], *[ranks[order[0]]] * 9]
    return [
        (
            built.articles[article].title,
            [
                best(centred, article, "question"),
                best(centred, article, "passage"),
                best(plain, article, "question", "passage"),
                best(covered, article, "question", "passage"),
                ranks[article] - other,
            ],
        )
        for article, other in zip(order, others, strict=True)
    ]


@pytest.mark.parametrize(("question", "language"), QUESTIONS)
def test_the_same_articles_with_the_same_evidence_in_the_same_order(
    searched: Retriever, question: str, language: Language
) -> None:
    found = searched.search(question, language, None, TODAY, 10)
    expected = plainly(searched, question, language)
    assert [hit.article.title for hit in found.hits] == [title for title, _ in expected]
    np.testing.assert_array_equal(
        [hit.evidence for hit in found.hits], np.array([row for _, row in expected], np.float32)
    )


def test_words_score_as_the_library_scores_them() -> None:
    texts = [entry.text for entry in MarkdownSource().articles()]
    lexical = LexicalIndex.build(texts)
    for question, _ in QUESTIONS[:4]:
        terms = [term for term in words(question) * 2 if term in lexical._bm25.vocab_dict]
        np.testing.assert_array_equal(lexical.scores(terms), lexical._bm25.get_scores(terms))


def test_coverage_of_some_texts_is_that_of_all_texts() -> None:
    articles: list[Article] = MarkdownSource().articles()
    lexical = LexicalIndex.build(one.text for one in articles)
    terms, some = words("宽限期 保费 grace unheardof"), np.array([165, 3, 80])
    of_all = lexical.coverage(terms, np.arange(len(articles)))
    np.testing.assert_array_equal(lexical.coverage(terms, some), of_all[some])
    weights, holds = {}, {term: np.array([term in words(one.text) for one in articles]) for term in terms}
    for term, texts in holds.items():
        weights[term] = np.log1p((len(articles) - texts.sum() + 0.5) / (texts.sum() + 0.5))
    plainly_counted = sum(holds[term] * weight for term, weight in weights.items()) / sum(weights.values())
    np.testing.assert_allclose(of_all, plainly_counted, rtol=1e-5)


def test_the_best_are_those_that_sorting_finds() -> None:
    values = np.random.default_rng(3).integers(0, 40, 500).astype(np.float32)
    for count in (1, 10, 100, 900):
        np.testing.assert_array_equal(best_first(values, count), np.argsort(-values, kind="stable")[:count])
