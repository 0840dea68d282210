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
from knowledge.confidence import evidence, load_confidence
from knowledge.dense import DenseIndex
from knowledge.fusion import fuse
from knowledge.index import Index
from knowledge.model_choice import SentenceModel
from knowledge.passages import LONGEST
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
    """An article by its number, the passage to quote, and the evidence for it (`knowledge.confidence`)."""

    article: int
    passage: str
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
    """Searches one loaded index; several threads may use it."""

    def __init__(self, index: Index, model: SentenceModel) -> None:
        self.index = index
        self._model = model
        self._valid: dict[tuple[Language, date], tuple[list[int], NDArray[np.bool_]]] = {}
        self._article_of = np.array([entry.article for entry in index.entries], np.intp)
        self._is_chinese = np.array([index.articles[one].language == "zh" for one in self._article_of], bool)
        self._names_product = np.array([bool(one.products) for one in index.articles], bool)
        self._of_product = {
            product: np.array([product in one.products for one in index.articles], bool)
            for product in get_args(ProductType)
        }
        # Each language has a centre of its own: what is taken off is also what makes a text Chinese or English.
        kinds = [f"{entry.kind} {index.articles[entry.article].language}" for entry in index.entries]
        self._dense = DenseIndex(index.vectors, kinds)
        self._is_passage = np.array([entry.kind == "passage" for entry in index.entries], bool)

    def search(
        self, question: str, language: Language, product: ProductType | None, today: date, limit: int = 3
    ) -> Result:
        """At most `limit` articles, best first, each in the question's language if it exists in that language."""
        found = self.ranked(question, language, product, today)[:limit]
        if not found:
            return Result(False, [])
        confidence = load_confidence()
        scores = confidence.probability(np.stack([one.evidence for one in found]))
        hits = [
            Hit(self.index.articles[one.article], one.passage, float(score), one.evidence)
            for one, score in zip(found, scores, strict=True)
        ]
        return Result(bool(scores[0] >= confidence.threshold), hits)

    def ranked(
        self, question: str, language: Language, product: ProductType | None, today: date
    ) -> list[Found]:
        """The ten best articles and what speaks for each."""
        question = simplify(question[:LONGEST_QUESTION])
        candidates, allowed = self._candidates(language, today)
        if not candidates:
            return []
        terms, vector = words(question), self._model.encode([question])[0]
        plain = self._dense.cosines(vector)
        centred = self._dense.centred(vector, plain)
        is_foreign = self._is_chinese == (language == "en")
        centred[is_foreign] += OTHER_LANGUAGE
        fused = np.full(len(allowed), -1, np.float32)
        fused[allowed] = fuse(
            self.index.lexical.scores(terms)[allowed], plain[allowed], centred[allowed], is_foreign[allowed]
        )
        # An article has to be asked about like this, and to say something about it.
        asked, said = self._best(fused, ~self._is_passage), self._best(fused, self._is_passage)
        ranks = np.asarray((asked + said) / 2 + self._product_bonus(question, product), np.float32)
        order = [candidates[i] for i in np.argsort(-ranks[candidates], kind="stable")[:DEPTH]]
        rows = evidence(
            question=self._best(centred, ~self._is_passage)[order],
            passage=self._best(centred, self._is_passage)[order],
            plain=self._best(plain)[order],
            coverage=self._best(self.index.lexical.coverage(terms))[order],
            ranks=ranks[order],
        )
        return [
            Found(article, self._passage(article, fused), row)
            for article, row in zip(order, rows, strict=True)
        ]

    def _candidates(self, language: Language, today: date) -> tuple[list[int], NDArray[np.bool_]]:
        """Of every topic valid today the version in the wanted language, else the other one; and their entries."""
        if (kept := self._valid.get((language, today))) is not None:
            return kept
        chosen: dict[str, int] = {}
        for number, article in enumerate(self.index.articles):
            if article.is_valid_on(today) and (article.id not in chosen or article.language == language):
                chosen[article.id] = number
        candidates = list(chosen.values())
        found = candidates, np.isin(self._article_of, candidates)
        self._valid[language, today] = found
        return found

    def _best(
        self, scores: NDArray[np.float32], entries: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float32]:
        """The best score of each article's entries, or of some of them."""
        best = np.full(len(self.index.articles), -1, np.float32)
        of = slice(None) if entries is None else entries
        np.maximum.at(best, self._article_of[of], scores[of])
        return best

    def _product_bonus(self, question: str, product: ProductType | None) -> NDArray[np.float32]:
        wanted = products_named(question) or ({product} if product else set())
        bonus = np.zeros(len(self.index.articles), np.float32)
        if wanted:
            bonus[self._names_product] = WRONG_PRODUCT
            for one in wanted:
                bonus[self._of_product[one]] = RIGHT_PRODUCT
        return bonus

    def _passage(self, article: int, fused: NDArray[np.float32]) -> str:
        """The passage to quote. Unless it is far better than the first one, which sums the article up, that is
        quoted before it: a rule without its exception, or the other way round, would mislead."""
        own = np.flatnonzero((self._article_of == article) & self._is_passage)
        first, best = int(own[0]), int(own[np.argmax(fused[own])])
        text = self.index.entries[best].text
        both = f"{self.index.entries[first].text}\n{text}"
        is_clear = fused[best] - fused[first] > FAR_BETTER
        if best == first or is_clear or len(both) > LONGEST[self.index.articles[article].language]:
            return text
        return both
