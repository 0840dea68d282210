"""The table of figures."""

from collections.abc import Mapping, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from knowledge.evaluation.data import Question
from knowledge.evaluation.metrics import (
    Interval,
    accuracy_at_1,
    hit_at_3,
    mean_interval,
    ratio_interval,
    reciprocal_rank,
)
from knowledge.evaluation.runs import Run

FIGURES = (("accuracy@1", accuracy_at_1), ("hit@3", hit_at_3), ("MRR@10", reciprocal_rank))


def print_report(questions: Sequence[Question], runs: Mapping[str, Run], console: Console) -> None:
    """One table of figures with 95 % confidence intervals, one of paired differences to the last method."""
    answerable = np.array([bool(question.relevant) for question in questions])
    console.print(
        f"{len(questions)} questions, {int((~answerable).sum())} of them without an answer in the corpus; "
        "in brackets 95 % confidence intervals (bootstrap over questions)"
    )
    console.print(_figures(answerable, runs))
    if len(runs) > 1:
        console.print(_differences(answerable, runs))


def _figures(answerable: np.ndarray[tuple[int], np.dtype[np.bool_]], runs: Mapping[str, Run]) -> Table:
    table = Table(
        "", *(name for name, _ in FIGURES), "nothing fits: precision", "recall", "answers given: right"
    )
    for method, run in runs.items():
        ranks = np.array(run.ranks)
        silent = ~np.array(run.gave_answer)
        first_right = ranks == 1
        cells = [
            mean_interval(figure(ranks[answerable].tolist())) for _, figure in FIGURES if answerable.any()
        ]
        decisions = [
            ratio_interval((silent & ~answerable).astype(float), silent.astype(float)),
            ratio_interval((silent & ~answerable).astype(float), (~answerable).astype(float)),
            ratio_interval((~silent & first_right).astype(float), (~silent).astype(float)),
        ]
        table.add_row(method, *map(shown, [*cells, *decisions]))
    return table


def _differences(answerable: np.ndarray[tuple[int], np.dtype[np.bool_]], runs: Mapping[str, Run]) -> Table:
    """Paired: the same resampled questions for both methods."""
    *others, best = runs
    table = Table("paired difference", *(name for name, _ in FIGURES))
    for other in others:
        cells = []
        for _, figure in FIGURES:
            ours, theirs = (
                figure(np.array(runs[method].ranks)[answerable].tolist()) for method in (best, other)
            )
            cells.append(mean_interval(ours - theirs))
        table.add_row(f"{best} − {other}", *(shown(cell, signed=True) for cell in cells))
    return table


def shown(interval: Interval, signed: bool = False) -> str:
    """`.390 [.347, .433]`; a dash when there was nothing to measure."""
    if np.isnan(interval.value):
        return "–"
    form = "{:+.3f}" if signed else "{:.3f}"
    low, value, high = (form.format(number) for number in (interval.low, interval.value, interval.high))
    return f"{value} [{low}, {high}]"
