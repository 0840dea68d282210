"""Fits the "nothing fits" decision to the calibration questions: `python -m knowledge.calibrate`.

They are asked of the articles that come with the product, whatever articles are in use, because the decision belongs
to the sentence model. Writes `knowledge/confidence.json`, or a file of the data folder for a model that
ANDA_KNOWLEDGE_MODEL names. The test questions are never looked at here.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge import index
from knowledge.confidence import Confidence, Method, save_confidences
from knowledge.evaluation.data import Question, read_lines
from knowledge.model_choice import ModelUnusable, SentenceModel, load_model
from knowledge.retriever import Retriever
from knowledge.settings import Settings
from knowledge.source import MarkdownSource

QUESTIONS = Path(__file__).parent / "evaluation" / "calibration.jsonl"
ANSWER_FROM = 0.667  # probability; so a wrong answer counts twice as much as a missing one
RIDGE, STEPS = 0.02, 50

# Columns of the evidence that each method may use.
COSINES, LEAD = {0, 1, 2}, 4
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
    """A logistic regression in which no evidence speaks against an article: a column whose weight comes out negative is
    left out, or a question that resembles nothing could be answered for that very reason."""
    weights, bias = _regression(rows[:, columns], right)
    if len(columns) > 1 and weights.min() < 0:
        left = [column for column, weight in zip(columns, weights, strict=True) if weight > weights.min()]
        # Without a cosine that says something, a lead says nothing: among strangers, too, somebody is first.
        return fit(rows, right, left if COSINES & set(left) else [one for one in left if one != LEAD] or left)
    full = np.zeros(rows.shape[1])
    full[columns] = weights
    return Confidence(tuple(round(float(w), 4) for w in full), round(bias, 4), ANSWER_FROM)


def _regression(rows: Matrix, right: Matrix) -> tuple[Matrix, float]:
    """Weights and bias of a ridge logistic regression, by Newton's method on standardised features."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    design = np.hstack([(rows - mean) / spread, np.ones((len(rows), 1))])
    penalty = RIDGE * len(rows) * np.diag([1.0] * rows.shape[1] + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (chance - right) + penalty @ weights
        curve = design.T @ (design * (chance * (1 - chance))[:, None]) + penalty
        weights -= np.linalg.solve(curve, slope)
    scaled: Matrix = weights[:-1] / spread
    return scaled, float(weights[-1] - scaled @ mean)


def calibrate(
    settings: Settings, model: SentenceModel, known: index.Index | None, progress: index.Progress
) -> list[str]:
    """Fits and saves, and says how it went; vectors of texts that `known` holds are taken from it."""
    built = index.build(MarkdownSource().articles(), model, known, progress)
    rows, right = observations(Retriever(built, model, None), read_lines(QUESTIONS, Question), settings)
    fitted = {method: fit(rows, right, columns) for method, columns in COLUMNS.items()}
    save_confidences(fitted, settings, model.fingerprint)
    said = []
    for method, confidence in fitted.items():
        given = confidence.probability(rows.astype(np.float32)) >= confidence.threshold
        share = f", {right[given].mean():.3f} of them right" if given.any() else ""
        said.append(f"{method}: answers {int(given.sum())} of {len(right)}{share}")
    return said


def main() -> int:
    """Exit status 0 when it was fitted and saved."""

    def show(done: int, total: int) -> None:
        print(f"knowledge calibration: {done} of {total} texts encoded", flush=True)

    settings = Settings()
    try:
        model = load_model(settings, workers=os.cpu_count() or 1)
    except ModelUnusable as error:
        print(f"knowledge calibration: {error}", file=sys.stderr)
        return 1
    try:
        known = index.load(settings.index_folder)
    except index.IndexMissing:
        known = None
    print("\n".join(calibrate(settings, model, known, show)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
