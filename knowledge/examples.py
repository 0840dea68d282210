"""What a model is tuned on: questions of articles, each with a passage that answers it, in batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.index import Index
from knowledge.words import simplify

BATCH = 16


@dataclass(frozen=True)
class Example:
    """A question and a passage of its own article."""

    topic: str
    language: str
    question: str
    passage: str


def examples_of(index: Index) -> list[Example]:
    """Every question of every article with the passage of that article that the index's own model finds nearest."""
    passages: dict[int, list[int]] = {}
    for place, entry in enumerate(index.entries):
        if entry.kind == "passage":
            passages.setdefault(entry.article, []).append(place)
    found = []
    for place, entry in enumerate(index.entries):
        if entry.kind == "question":
            own = passages[entry.article]
            nearest = own[int(np.argmax(index.vectors[own] @ index.vectors[place]))]
            article = index.articles[entry.article]
            texts = (simplify(index.entries[one].searched) for one in (place, nearest))
            found.append(Example(article.id, article.language, *texts))
    return found


def batches(examples: Sequence[Example], seed: int) -> list[list[Example]]:
    """Shuffled. A batch has one language, because telling languages apart teaches nothing, and no topic twice, because
    every other passage of a batch counts as wrong."""
    draw = np.random.default_rng(seed)
    found: list[list[Example]] = []
    for language in sorted({one.language for one in examples}):
        some = [one for one in examples if one.language == language]
        found += _batches([some[place] for place in draw.permutation(len(some))])
    return [found[place] for place in draw.permutation(len(found))]


def _batches(rest: Sequence[Example]) -> Iterator[list[Example]]:
    while rest:
        batch: list[Example] = []
        later: list[Example] = []
        for one in rest:
            is_taken = len(batch) == BATCH or any(one.topic == other.topic for other in batch)
            (later if is_taken else batch).append(one)
        rest = later
        if len(batch) > 1:  # alone, a passage has no wrong one beside it
            yield batch
