"""Finds the article that answers a question, or says that none does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from knowledge.article import Article, Language, ProductType
from knowledge.confidence import evidence, load_confidence
from knowledge.fusion import fuse
from knowledge.index import Index
from knowledge.model_choice import SentenceModel
from knowledge.words import simplify, words

RIGHT_PRODUCT, WRONG_PRODUCT = 0.1, -0.2  # added to the fused score; chosen on the development questions
LONGEST_QUESTION = 2000  # characters; a question beyond that is cut


@dataclass(frozen=True)
class Hit:
    """An article found, with the passage that answers and the probability that it does."""

    article: Article
    passage: str
    score: float


@dataclass(frozen=True)
class Result:
    """The best article first; `fits` tells whether it may be given as the answer."""

    fits: bool
    hits: Sequence[Hit]


@cache
def _product_words() -> dict[ProductType, list[str]]:
    content: dict[ProductType, list[str]] = yaml.safe_load(Path(__file__).with_name("products.yml").read_text("utf-8"))
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
        self._article_of = np.array([entry.article for entry in index.entries])
        self._is_passage = np.array([entry.kind == "passage" for entry in index.entries])

    def search(
        self, question: str, language: Language, product: ProductType | None, today: date, limit: int = 3
    ) -> Result:
        """At most `limit` articles, best first, each in the question's language if it exists in that language."""
        question = simplify(question[:LONGEST_QUESTION])
        candidates = self._candidates(language, today)
        if not candidates:
            return Result(False, [])
        terms = words(question)
        cosine = self.index.vectors @ self._model.encode([question])[0]
        allowed = np.isin(self._article_of, candidates)
        fused = np.full(len(allowed), -np.inf, np.float32)
        fused[allowed] = fuse(self.index.lexical.scores(terms)[allowed], cosine[allowed])
        ranks = self._best(fused) + self._product_bonus(question, product)
        order = sorted(candidates, key=lambda article: -ranks[article])[:limit]
        scores = self._probabilities(order, cosine, self.index.lexical.coverage(terms), allowed)
        hits = [
            Hit(self.index.articles[article], self._passage(article, fused), float(score))
            for article, score in zip(order, scores, strict=True)
        ]
        return Result(bool(scores[0] >= load_confidence().threshold), hits)

    def _candidates(self, language: Language, today: date) -> list[int]:
        """Of every topic valid today the version in the wanted language, else the other one."""
        chosen: dict[str, int] = {}
        for number, article in enumerate(self.index.articles):
            if article.is_valid_on(today) and (article.id not in chosen or article.language == language):
                chosen[article.id] = number
        return list(chosen.values())

    def _best(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """The best score of each article's entries."""
        best = np.full(len(self.index.articles), -np.inf, np.float32)
        np.maximum.at(best, self._article_of, scores)
        return best

    def _product_bonus(self, question: str, product: ProductType | None) -> NDArray[np.float32]:
        wanted = products_named(question) or ({product} if product else set())
        bonus = np.zeros(len(self.index.articles), np.float32)
        if wanted:
            for number, article in enumerate(self.index.articles):
                if article.products:
                    bonus[number] = RIGHT_PRODUCT if wanted & set(article.products) else WRONG_PRODUCT
        return bonus

    def _probabilities(
        self, order: list[int], cosine: NDArray[np.float32], coverage: NDArray[np.float32], allowed: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        best = self._best(cosine)
        passage = self._best(np.where(self._is_passage, cosine, -np.inf).astype(np.float32))
        rows = evidence(best[order], passage[order], self._best(coverage)[order], float(cosine[allowed].mean()))
        return load_confidence().probability(rows)

    def _passage(self, article: int, fused: NDArray[np.float32]) -> str:
        own = np.flatnonzero((self._article_of == article) & self._is_passage)
        return self.index.entries[int(own[np.argmax(fused[own])])].text
