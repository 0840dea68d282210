"""Fits the "nothing fits" decision to the calibration questions: `python -m knowledge.calibrate`.

Writes `knowledge/confidence.json`. The test questions are never looked at here.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.confidence import Confidence, Method, save_confidences
from knowledge.evaluation.data import Question, read_lines
from knowledge.index import load
from knowledge.model_choice import load_model
from knowledge.retriever import Retriever
from knowledge.settings import Settings

QUESTIONS = Path(__file__).parent / "evaluation" / "calibration.jsonl"
ANSWER_FROM = 0.667  # probability; so a wrong answer counts twice as much as a missing one
RIDGE, STEPS = 0.02, 50

# Columns of the evidence that each method may use.
COLUMNS: dict[Method, list[int]] = {"BM25": [3], "embeddings": [2], "hybrid": [0, 1, 2, 3, 4]}

Matrix = NDArray[np.float64]


def observations(
    retriever: Retriever, questions: Sequence[Question], settings: Settings
) -> tuple[Matrix, Matrix]:
    """Evidence for the best article of each question, and 1 where that article answers it."""
    rows, right = [], []
    for question in questions:
        best = retriever.ranked(
            question.query, "en" if question.lang == "en" else "zh", None, settings.today()
        )[0]
        rows.append(best.evidence)
        right.append(retriever.index.articles[best.article].id in question.relevant)
    return np.array(rows, np.float64), np.array(right, np.float64)


def fit(rows: Matrix, right: Matrix, columns: Sequence[int]) -> Confidence:
    """Ridge logistic regression by Newton's method on standardised features."""
    all_columns, rows = rows.shape[1], rows[:, columns]
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    design = np.hstack([(rows - mean) / spread, np.ones((len(rows), 1))])
    penalty = RIDGE * len(rows) * np.diag([1.0] * rows.shape[1] + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (chance - right) + penalty @ weights
        curve = design.T @ (design * (chance * (1 - chance))[:, None]) + penalty
        weights -= np.linalg.solve(curve, slope)
    scaled = weights[:-1] / spread
    bias = float(weights[-1] - scaled @ mean)
    full = np.zeros(all_columns)
    full[columns] = scaled
    return Confidence(tuple(round(float(w), 4) for w in full), round(bias, 4), ANSWER_FROM)


def main() -> None:
    """Fits, saves and prints."""
    settings = Settings()
    retriever = Retriever(load(settings.index_folder), load_model(settings))
    rows, right = observations(retriever, read_lines(QUESTIONS, Question), settings)
    fitted = {method: fit(rows, right, columns) for method, columns in COLUMNS.items()}
    save_confidences(fitted)
    for method, confidence in fitted.items():
        given = confidence.probability(rows.astype(np.float32)) >= confidence.threshold
        print(
            f"{method}: answers {int(given.sum())} of {len(right)}, {right[given].mean():.3f} of them right"
        )


if __name__ == "__main__":
    main()
