"""BM25 over the terms of `knowledge.words`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.words import words

SATURATION, LENGTH = 1.2, 0.75  # k1 and b


class LexicalIndex:
    """Scores every text of a fixed list against a question."""

    def __init__(self, bm25: bm25s.BM25) -> None:
        self._bm25 = bm25
        self._count: int = bm25.scores["num_docs"]
        self._starts: NDArray[np.int32] = bm25.scores["indptr"]
        self._texts: NDArray[np.int32] = bm25.scores["indices"]

    @classmethod
    def build(cls, texts: Iterable[str]) -> "LexicalIndex":
        """Indexes the texts; their order is the order of scores."""
        bm25 = bm25s.BM25(method="lucene", k1=SATURATION, b=LENGTH)
        # The library indexes nothing without a word: without texts there is one that nobody asks for.
        bm25.index([words(text) for text in texts] or [[""]], show_progress=False)
        return cls(bm25)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Reads what `save` wrote."""
        return cls(bm25s.BM25.load(folder, show_progress=False))

    def save(self, folder: Path) -> None:
        """Writes the index into a new folder."""
        self._bm25.save(folder, show_progress=False)

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """BM25 scores, one for each text; all zero when no term is known."""
        known = [term for term in terms if term in self._bm25.vocab_dict]
        if not known:
            return np.zeros(self._count, np.float32)
        scores: NDArray[np.float32] = self._bm25.get_scores(known)
        return scores

    def coverage(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """For each text the share of the question's terms that it contains, rare terms weighing more; 0 to 1."""
        found = np.zeros(self._count, np.float32)
        total = 0.0
        for term in set(terms):
            column = self._bm25.vocab_dict.get(term)
            texts = (
                self._texts[:0]
                if column is None
                else self._texts[self._starts[column] : self._starts[column + 1]]
            )
            weight = float(np.log1p((self._count - len(texts) + 0.5) / (len(texts) + 0.5)))
            total += weight
            found[texts] += weight
        return found / total if total else found
