"""Exams that two models sit, and whether the second one is better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.evaluation.data import Question
from knowledge.evaluation.metrics import Interval, mean_interval, reciprocal_rank
from knowledge.evaluation.runs import Run


@dataclass(frozen=True)
class Exam:
    """Questions, and what the model did with them; `decides` says whether they count."""

    questions: Sequence[Question]
    run: Run
    decides: bool = True


def is_better(before: Mapping[str, Exam], after: Mapping[str, Exam]) -> bool:
    """Better beyond doubt in one exam that decides, worse beyond doubt in none of them."""
    found = [gain(exam, after[name]) for name, exam in before.items() if exam.decides]
    return any(one.low > 0 for one in found) and all(one.high >= 0 for one in found)


def gain(before: Exam, after: Exam) -> Interval:
    """The paired difference of MRR@10."""
    answerable = np.array([bool(one.relevant) for one in before.questions])
    was, now = (reciprocal_rank(np.array(one.run.ranks)[answerable].tolist()) for one in (before, after))
    return mean_interval(now - was)
