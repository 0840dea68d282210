"""Figures of a ranking, with bootstrap confidence intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 20260101
Values = NDArray[np.float64]
DEPTH = 10  # of MRR


@dataclass(frozen=True)
class Interval:
    """An estimate with the bounds of its 95 % confidence interval."""

    value: float
    low: float
    high: float


def accuracy_at_1(ranks: Sequence[int]) -> Values:
    """Per question 1 when the first text is right; ranks count from 1, 0 means not found."""
    first: Values = (np.asarray(ranks) == 1).astype(np.float64)
    return first


def hit_at_3(ranks: Sequence[int]) -> Values:
    """Per question 1 when one of the first three texts is right."""
    found = np.asarray(ranks)
    return ((found >= 1) & (found <= 3)).astype(np.float64)


def reciprocal_rank(ranks: Sequence[int]) -> Values:
    """Per question 1/rank of the first right text among the first ten, else 0."""
    found = np.asarray(ranks, np.float64)
    inverse = np.divide(1.0, found, out=np.zeros_like(found), where=found > 0)
    return np.where(found <= DEPTH, inverse, 0.0)


def mean_interval(values: Values) -> Interval:
    """Mean with percentile bootstrap over questions; of two methods' differences, the paired bootstrap."""
    means = values[_resamples(len(values))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def ratio_interval(part: Values, whole: Values) -> Interval:
    """Sum of `part` over sum of `whole`, both 0 or 1 per question, as precision and recall are."""
    picks = _resamples(len(whole))
    totals = whole[picks].sum(axis=1)
    shares = part[picks].sum(axis=1)[totals > 0] / totals[totals > 0]
    if whole.sum() == 0 or shares.size == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    low, high = np.percentile(shares, [2.5, 97.5])
    return Interval(float(part.sum() / whole.sum()), float(low), float(high))


def _resamples(count: int) -> NDArray[np.int64]:
    """Always the same draws, so that differences are paired and a table can be made again."""
    return np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))
