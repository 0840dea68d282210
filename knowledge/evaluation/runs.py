"""Runs a benchmark with BM25 alone, embeddings alone and both together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowledge.confidence import Method, evidence, load_confidence
from knowledge.dense import DenseIndex
from knowledge.encoder import Vectors
from knowledge.evaluation.data import Benchmark, Question
from knowledge.fusion import best_first, fuse
from knowledge.lexical import LexicalIndex
from knowledge.words import words

LOOKED_AT = 100  # a right text further down counts as not found


@dataclass
class Run:
    """What one method did, question by question."""

    ranks: list[int] = field(default_factory=list)  # of the first right text, from 1; 0 means not found
    gave_answer: list[bool] = field(default_factory=list)


def run_methods(
    benchmark: Benchmark, texts: Vectors, questions: Vectors, progress: Callable[[int, int], None]
) -> dict[Method, Run]:
    """Ranks all texts for each question; `texts` and `questions` are the vectors in the benchmark's order."""
    ids = [text.id for text in benchmark.texts]
    lexical = LexicalIndex.build(text.text for text in benchmark.texts)
    dense = DenseIndex(texts, ["text"] * len(ids))
    runs: dict[Method, Run] = {"BM25": Run(), "embeddings": Run(), "hybrid": Run()}
    for number, question in enumerate(benchmark.questions):
        if number % 500 == 0:
            progress(number, len(benchmark.questions))
        terms = words(question.query)
        by_words, plain = lexical.scores(terms), dense.cosines(questions[number])
        centred = dense.centred(questions[number], plain)
        scores: dict[Method, NDArray[np.float32]] = {
            "BM25": by_words,
            "embeddings": plain,
            "hybrid": fuse(by_words, plain, centred),
        }
        for method, values in scores.items():
            order = best_first(values, LOOKED_AT)
            proof = evidence(
                question=centred[order],
                passage=centred[order],
                plain=plain[order],
                coverage=lexical.coverage(terms, order),
                ranks=values[order],
            )
            confidence = load_confidence(method)
            runs[method].gave_answer.append(
                bool(confidence.probability(proof[:1])[0] >= confidence.threshold)
            )
            runs[method].ranks.append(_first_right([ids[i] for i in order], question))
    progress(len(benchmark.questions), len(benchmark.questions))
    return runs


def _first_right(found: Sequence[str], question: Question) -> int:
    relevant = set(question.relevant)
    return next((rank for rank, one in enumerate(found, start=1) if one in relevant), 0)
