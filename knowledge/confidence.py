"""How likely it is that an article answers the question: a logistic regression, fitted by `knowledge.calibrate`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Scores: TypeAlias = NDArray[np.float32]

FILE = Path(__file__).parent / "confidence.json"
EVIDENCE = ("question", "passage", "plain", "coverage", "lead")  # names of the columns


@dataclass(frozen=True)
class Confidence:
    """Weights of the evidence, and the probability from which on an answer is given."""

    weights: tuple[float, ...]
    bias: float
    threshold: float

    def probability(self, evidence: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of each row of evidence (rows x features), the probability that the text answers the question."""
        logits = evidence @ np.array(self.weights, np.float32) + self.bias
        result: NDArray[np.float32] = 1 / (1 + np.exp(-logits))
        return result


Method = Literal["BM25", "embeddings", "hybrid"]


def save_confidences(fitted: Mapping[Method, Confidence]) -> None:
    """Writes the committed file."""
    FILE.write_text(json.dumps({name: asdict(one) for name, one in fitted.items()}, indent=1) + "\n", "utf-8")


@cache
def load_confidence(method: Method = "hybrid") -> Confidence:
    """The committed calibration; only `hybrid` serves, the others are what it is compared with."""
    fields = json.loads(FILE.read_text("utf-8"))[method]
    return Confidence(tuple(fields["weights"]), fields["bias"], fields["threshold"])


def evidence(
    *, question: Scores, passage: Scores, plain: Scores, coverage: Scores, ranks: Scores
) -> NDArray[np.float32]:
    """Features of each text, best text first (rows x features): centred cosines of its best question and best passage,
    plain cosine of its best entry, share of the question's words it holds, and its lead over the best other text."""
    others = np.full_like(ranks, ranks[0])
    others[0] = ranks[1] if len(ranks) > 1 else 0
    return np.stack([question, passage, plain, coverage, ranks - others], axis=1).astype(np.float32)
