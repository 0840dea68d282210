"""One ranking out of BM25, cosine and centred cosine, each brought to a scale of its own question, then weighed."""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

LEXICAL_WEIGHT = 0.4  # chosen on 2,500 development questions of an outside benchmark (docs/decisions/032)
SPREAD = 100  # the best texts that set the scale


def fuse(
    lexical: Scores,
    plain: Scores,
    centred: Scores,
    is_foreign: NDArray[np.bool_] | None = None,
    weight: float = LEXICAL_WEIGHT,
) -> Scores:
    """Scores of about -1 to 1 that are comparable between the texts for one question, not between questions.

    The two cosines err differently: which of them is better depends on the texts, and their mean on neither. Texts in
    another language than the question's share no words with it and lie apart: the centred cosine alone judges them.
    """
    meaning = _scaled(centred)
    both = (_scaled(plain) + meaning) / 2
    fused = (weight * _scaled(lexical) + (1 - weight) * both).astype(np.float32)
    return fused if is_foreign is None else np.where(is_foreign, meaning, fused)


def best_first(values: Scores, count: int) -> NDArray[np.intp]:
    """Places of the highest values; among equals the earlier one first. Only the best are sorted."""
    count = min(count, len(values))
    border = np.partition(values, -count)[-count]
    above = np.flatnonzero(values >= border)
    order: NDArray[np.intp] = above[np.argsort(-values[above], kind="stable")][:count]
    return order


def _scaled(scores: Scores) -> Scores:
    """The best text gets 1, the worst of the best hundred 0: where a score's scale starts says little."""
    count = min(SPREAD, len(scores))
    best = np.partition(scores, -count)[-count:]
    low, high = best.min(), best.max()
    if high <= low:
        return np.zeros_like(scores)
    scaled: Scores = np.maximum((scores - low) / (high - low), -1).astype(np.float32)
    return scaled
