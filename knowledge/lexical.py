"""BM25 over the terms of `knowledge.words`."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
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
        # Each term has the texts that hold it, ascending, and their scores; numpy takes places as they are, uncopied.
        starts = [int(start) for start in bm25.scores["indptr"]]
        self._span = [slice(first, last) for first, last in pairwise(starts)]
        self._texts = np.asarray(bm25.scores["indices"], np.intp)
        self._scores: NDArray[np.float32] = bm25.scores["data"]

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
        scores = np.zeros(self._count, np.float32)
        for term in terms:
            column = self._bm25.vocab_dict.get(term)
            if column is not None:
                span = self._span[column]
                scores[self._texts[span]] += self._scores[span]
        return scores

    def coverage(self, terms: Sequence[str], which: NDArray[np.intp]) -> NDArray[np.float32]:
        """For some texts the share of the question's terms that they hold, rare terms weighing more; 0 to 1."""
        found = np.zeros(len(which), np.float32)
        total = 0.0
        for term in dict.fromkeys(terms):
            column = self._bm25.vocab_dict.get(term)
            texts = self._texts[:0] if column is None else self._texts[self._span[column]]
            weight = float(np.log1p((self._count - len(texts) + 0.5) / (len(texts) + 0.5)))
            total += weight
            if len(texts):
                places = np.minimum(np.searchsorted(texts, which), len(texts) - 1)
                found[texts[places] == which] += weight
        return found / total if total else found
