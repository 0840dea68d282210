"""The part of an index that may answer on one day in one language: only that is compared with a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge.article import Language
from knowledge.dense import DenseIndex
from knowledge.index import Index

Positions = NDArray[np.intp]


class Group:
    """Some entries of a view, and the article that each belongs to."""

    def __init__(self, positions: Positions, article_of: Positions) -> None:
        order = np.argsort(article_of[positions], kind="stable")
        self._positions = positions[order]
        self._articles, self._starts = np.unique(article_of[self._positions], return_index=True)
        own = np.split(self._positions, self._starts[1:]) if len(self._positions) else []
        self._of: dict[int, Positions] = dict(zip(self._articles.tolist(), own, strict=True))

    def best(self, scores: NDArray[np.float32], count: int) -> NDArray[np.float32]:
        """The best score of each of `count` articles; -1 for an article without entries here."""
        best = np.full(count, -1, np.float32)
        if len(self._positions):
            best[self._articles] = np.maximum.reduceat(scores[self._positions], self._starts)
        return best

    def best_of(self, scores: NDArray[np.float32], articles: Sequence[int]) -> NDArray[np.float32]:
        """The same for a few articles only."""
        found = [scores[self._of[one]].max() if one in self._of else -1 for one in articles]
        return np.array(found, np.float32)

    def positions(self, article: int) -> Positions:
        """The entries of an article that has some here, in order."""
        return self._of[article]


class View:
    """Of every topic valid on `day` the version in `language`, else the other one; and their entries."""

    def __init__(self, index: Index, dense: DenseIndex, language: Language, day: date) -> None:
        self.day = day
        self.articles: Positions = np.array(_chosen(index, language, day), np.intp)
        article_of = np.array([entry.article for entry in index.entries], np.intp)
        self.entries: Positions = np.flatnonzero(np.isin(article_of, self.articles))
        article_of = article_of[self.entries]
        # Entries that follow one another, as those of a language mostly do, are looked at where they are, uncopied.
        first, last = (int(self.entries[0]), int(self.entries[-1])) if len(self.entries) else (0, -1)
        is_block = last - first + 1 == len(self.entries)
        self.where: slice | Positions = slice(first, last + 1) if is_block else self.entries
        own = [index.entries[int(entry)] for entry in self.entries]
        is_passage = np.array([entry.kind == "passage" for entry in own], bool)
        wanted = "en" if language == "en" else "zh"
        is_foreign = np.array([index.articles[entry.article].language != wanted for entry in own], bool)
        self.is_foreign = is_foreign if is_foreign.any() else None
        self.dense = dense.part(self.where)
        self.passages = Group(np.flatnonzero(is_passage), article_of)
        self.questions = Group(np.flatnonzero(~is_passage), article_of)
        self.all = Group(np.arange(len(own)), article_of)


def _chosen(index: Index, language: Language, day: date) -> Sequence[int]:
    chosen: dict[str, int] = {}
    for number, article in enumerate(index.articles):
        if article.is_valid_on(day) and (article.id not in chosen or article.language == language):
            chosen[article.id] = number
    return list(chosen.values())
