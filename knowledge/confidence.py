"""How likely it is that an article answers the question: a logistic regression, fitted by `knowledge.calibrate`."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parent / "confidence.json"


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

    def save(self) -> None:
        """Writes the committed file."""
        FILE.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")


@cache
def load_confidence() -> Confidence:
    """The committed calibration."""
    fields = json.loads(FILE.read_text("utf-8"))
    return Confidence(tuple(fields["weights"]), fields["bias"], fields["threshold"])


def evidence(
    best: NDArray[np.float32], passage: NDArray[np.float32], coverage: NDArray[np.float32], usual: float
) -> NDArray[np.float32]:
    """Features of each text: cosine of its best entry and of its best passage, how far the best stands out from what
    is usual for this question, and the share of the question's words it holds."""
    return np.stack([best, passage, best - np.float32(usual), coverage], axis=1)
