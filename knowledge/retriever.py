"""Finds the article that answers a question, or says that none does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import yaml
from numpy.typing import NDArray

from knowledge.article import Article, Language, ProductType
from knowledge.confidence import Confidence, evidence
from knowledge.dense import DenseIndex
from knowledge.fusion import best_first, fuse
from knowledge.index import Index
from knowledge.model_choice import SentenceModel
from knowledge.passages import LONGEST
from knowledge.view import View
from knowledge.words import simplify, words

RIGHT_PRODUCT, WRONG_PRODUCT = 0.1, -0.2  # added to the fused score; chosen on the development questions
FAR_BETTER = 0.4  # fused score
OTHER_LANGUAGE = (
    0.1  # added to the centred cosine of a text in the other language; chosen on the same questions
)
DEPTH = 10  # articles that are looked at closely
LONGEST_QUESTION = 2000  # characters; a question beyond that is cut


@dataclass(frozen=True)
class Found:
    """An article by its number and the evidence for it (`knowledge.confidence`)."""

    article: int
    evidence: NDArray[np.float32]


@dataclass(frozen=True)
class Hit:
    """An article found, with the passage that answers and the probability that it does."""

    article: Article
    passage: str
    score: float
    evidence: NDArray[np.float32]


@dataclass(frozen=True)
class Result:
    """The best article first; `fits` tells whether it may be given as the answer."""

    fits: bool
    hits: Sequence[Hit]


@cache
def _product_words() -> dict[ProductType, list[str]]:
    content: dict[ProductType, list[str]] = yaml.safe_load(
        Path(__file__).with_name("products.yml").read_text("utf-8")
    )
    return content


def products_named(question: str) -> set[ProductType]:
    """The products that a question names itself."""
    text = simplify(question).lower()
    return {product for product, names in _product_words().items() if any(name in text for name in names)}


class Retriever:
    """Searches one loaded index; several threads may use it. Without a confidence it finds, but never says "fits"."""

    def __init__(self, index: Index, model: SentenceModel, confidence: Confidence | None) -> None:
        self.index = index
        self.confidence = confidence
        self._model = model
        self._views: dict[Language, View] = {}
        self._names_product = np.array([bool(one.products) for one in index.articles], bool)
        self._of_product = {
            product: np.array([product in one.products for one in index.articles], bool)
            for product in get_args(ProductType)
        }
        # Each language has a centre of its own: what is taken off is also what makes a text Chinese or English.
        kinds = [f"{entry.kind} {index.articles[entry.article].language}" for entry in index.entries]
        self._dense = DenseIndex(index.vectors, kinds)

    def search(
        self, question: str, language: Language, product: ProductType | None, today: date, limit: int = 3
    ) -> Result:
        """At most `limit` articles, best first, each in the question's language if it exists in that language."""
        found, fused = self._ranked(question, language, product, today)
        found = found[:limit]
        if not found:
            return Result(False, [])
        view = self._view(language, today)
        rows = np.stack([one.evidence for one in found])
        scores = self.confidence.probability(rows) if self.confidence else np.zeros(len(found), np.float32)
        hits = [
            Hit(
                self.index.articles[one.article],
                self._passage(view, one.article, fused),
                float(score),
                one.evidence,
            )
            for one, score in zip(found, scores, strict=True)
        ]
        fits = self.confidence is not None and bool(scores[0] >= self.confidence.threshold)
        return Result(fits, hits)

    def ranked(
        self, question: str, language: Language, product: ProductType | None, today: date
    ) -> list[Found]:
        """The ten best articles and what speaks for each."""
        return self._ranked(question, language, product, today)[0]

    def _ranked(
        self, question: str, language: Language, product: ProductType | None, today: date
    ) -> tuple[list[Found], NDArray[np.float32]]:
        """The ten best articles, and the fused score of each entry of the view."""
        question = simplify(question[:LONGEST_QUESTION])
        view = self._view(language, today)
        if not len(view.articles):
            return [], np.zeros(0, np.float32)
        terms, vector = words(question), self._model.encode([question])[0]
        plain = view.dense.cosines(vector)
        centred = view.dense.centred(vector, plain)
        if view.is_foreign is not None:
            centred[view.is_foreign] += OTHER_LANGUAGE
        fused = fuse(self.index.lexical.scores(terms)[view.where], plain, centred, view.is_foreign)
        # An article has to be asked about like this, and to say something about it.
        count = len(self.index.articles)
        asked, said = view.questions.best(fused, count), view.passages.best(fused, count)
        ranks = np.asarray((asked + said) / 2 + self._product_bonus(question, product), np.float32)
        order = [int(one) for one in view.articles[best_first(ranks[view.articles], DEPTH)]]
        rows = evidence(
            question=view.questions.best_of(centred, order),
            passage=view.passages.best_of(centred, order),
            plain=view.all.best_of(plain, order),
            coverage=view.all.best_of(self._coverage(terms, view, order), order),
            ranks=ranks[order],
        )
        return [Found(article, row) for article, row in zip(order, rows, strict=True)], fused

    def _coverage(self, terms: Sequence[str], view: View, articles: Sequence[int]) -> NDArray[np.float32]:
        """Of the entries of these articles, the share of the question's words; 0 for the others."""
        places = np.concatenate([view.all.positions(article) for article in articles])
        covered = np.zeros(len(view.entries), np.float32)
        covered[places] = self.index.lexical.coverage(terms, view.entries[places])
        return covered

    def _view(self, language: Language, today: date) -> View:
        """Kept while the day lasts."""
        view = self._views.get(language)
        if view is None or view.day != today:
            view = View(self.index, self._dense, language, today)
            self._views[language] = view
        return view

    def _product_bonus(self, question: str, product: ProductType | None) -> NDArray[np.float32]:
        wanted = products_named(question) or ({product} if product else set())
        bonus = np.zeros(len(self.index.articles), np.float32)
        if wanted:
            bonus[self._names_product] = WRONG_PRODUCT
            for one in wanted:
                bonus[self._of_product[one]] = RIGHT_PRODUCT
        return bonus

    def _passage(self, view: View, article: int, fused: NDArray[np.float32]) -> str:
        """The passage to quote. Unless it is far better than the first one, which sums the article up, that is
        quoted before it: a rule without its exception, or the other way round, would mislead."""
        own = view.passages.positions(article)
        first, best = int(own[0]), int(own[np.argmax(fused[own])])
        entries = self.index.entries
        summary, text = entries[int(view.entries[first])].text, entries[int(view.entries[best])].text
        both = f"{summary}\n{text}"
        is_clear = fused[best] - fused[first] > FAR_BETTER
        if best == first or is_clear or len(both) > LONGEST[self.index.articles[article].language]:
            return text
        return both
