"""The figures are what they say, and a faulty benchmark is named."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from knowledge.evaluation.data import MalformedBenchmark, read_benchmark
from knowledge.evaluation.metrics import (
    accuracy_at_1,
    hit_at_3,
    mean_interval,
    ratio_interval,
    reciprocal_rank,
)
from knowledge.evaluation.report import print_report
from knowledge.evaluation.runs import run_methods
from tests.knowledge.conftest import WordModel

TEXTS = [
    {"id": "a", "lang": "zh", "text": "宽限期是60天，期间仍有保障"},
    {"id": "b", "lang": "zh", "text": "被盗后24小时内报警"},
    {"id": "c", "lang": "en", "text": "the deductible is 500 yuan per accident"},
    {"id": 4, "lang": "en", "text": "claims are decided in five working days"},
]
QUESTIONS = [
    {"query": "宽限期有多少天", "lang": "zh", "relevant": ["a"]},
    {"query": "deductible per accident", "lang": "en", "relevant": ["c"]},
    {"query": "claims decided", "lang": "en", "relevant": [4]},
    {"query": "zebra", "lang": "en", "relevant": []},
]


def write(path: Path, lines: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


def test_figures_of_known_ranks() -> None:
    ranks = [1, 3, 0, 10, 11]
    assert accuracy_at_1(ranks).tolist() == [1, 0, 0, 0, 0]
    assert hit_at_3(ranks).tolist() == [1, 1, 0, 0, 0]
    assert reciprocal_rank(ranks).tolist() == pytest.approx([1, 1 / 3, 0, 0.1, 0])


def test_the_interval_holds_the_mean_and_narrows_with_more_questions() -> None:
    few, many = (mean_interval(np.tile([0.0, 1.0, 1.0], n)) for n in (5, 500))
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert many.value == pytest.approx(2 / 3)


def test_a_ratio_of_nothing_is_not_a_number() -> None:
    nothing = ratio_interval(np.zeros(3), np.zeros(3))
    assert np.isnan(nothing.value)
    assert ratio_interval(np.array([1.0, 0, 0]), np.array([1.0, 1, 0])).value == 0.5


def test_the_three_methods_are_ranked_and_reported(tmp_path: Path) -> None:
    benchmark = read_benchmark(write(tmp_path / "c", TEXTS), write(tmp_path / "q", QUESTIONS))
    model = WordModel()
    texts = model.encode([text.text for text in benchmark.texts])
    questions = model.encode([question.query for question in benchmark.questions])
    runs = run_methods(benchmark, texts, questions, lambda done, total: None)
    assert {method: run.ranks for method, run in runs.items()} == {
        "BM25": [1, 1, 1, 0],
        "embeddings": [1, 1, 1, 0],
        "hybrid": [1, 1, 1, 0],
    }
    assert runs["hybrid"].gave_answer[-1] is False
    printed = io.StringIO()
    print_report(
        benchmark.questions, {str(m): run for m, run in runs.items()}, Console(file=printed, width=200)
    )
    assert "hybrid − BM25" in printed.getvalue()
    assert "1.000 [1.000, 1.000]" in printed.getvalue()


@pytest.mark.parametrize(
    ("texts", "questions", "said"),
    [
        ([{"id": "a"}], QUESTIONS, "c, line 1"),
        (TEXTS[:1], QUESTIONS, "unknown texts"),
        ([TEXTS[0], TEXTS[0]], QUESTIONS[:1], "same id"),
        ([], QUESTIONS, "at least one"),
        (TEXTS, [{"query": "x"}], "q, line 1"),
    ],
)
def test_a_faulty_benchmark_is_named(
    tmp_path: Path, texts: list[dict[str, object]], questions: list[dict[str, object]], said: str
) -> None:
    with pytest.raises(MalformedBenchmark, match=said):
        read_benchmark(write(tmp_path / "c", texts), write(tmp_path / "q", questions))
