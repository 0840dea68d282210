"""How likely it is that an article answers the question: a logistic regression, fitted by `knowledge.calibrate`.

It belongs to a sentence model: the cosines of another one mean something else. The default model's is committed.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from knowledge.settings import Settings

Scores: TypeAlias = NDArray[np.float32]

FILE = Path(__file__).parent / "confidence.json"
EVIDENCE = ("question", "passage", "plain", "coverage", "lead")  # names of the columns
NOT_CALIBRATED = (
    "nothing is given as an answer, only close articles are offered: nobody has fitted the 'nothing fits' decision to "
    "this sentence model; `python -m knowledge.calibrate` does"
)


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


def save_confidences(fitted: Mapping[Method, Confidence], settings: Settings, fingerprint: str) -> Path:
    """Writes the committed file for the default model, a file of the data folder for another one."""
    content: dict[str, object] = {name: asdict(one) for name, one in fitted.items()}
    if settings.knowledge_model:
        content["model"] = fingerprint
    file = settings.confidence_file if settings.knowledge_model else FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    fresh.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    fresh.replace(file)
    return file


def confidence_of(settings: Settings, fingerprint: str) -> Confidence | None:
    """The calibration of the model in use, None when nobody has fitted one: then nothing may be given as an answer."""
    if not settings.knowledge_model:
        return load_confidence()
    try:
        content = json.loads(settings.confidence_file.read_text("utf-8"))
        return _read(content["hybrid"]) if content["model"] == fingerprint else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # never fitted, or damaged: the next `knowledge.build_index` writes it


@cache
def load_confidence(method: Method = "hybrid") -> Confidence:
    """The committed calibration; only `hybrid` serves, the others are what it is compared with."""
    return _read(json.loads(FILE.read_text("utf-8"))[method])


def _read(fields: dict[str, Any]) -> Confidence:
    return Confidence(tuple(fields["weights"]), fields["bias"], fields["threshold"])


def evidence(
    *, question: Scores, passage: Scores, plain: Scores, coverage: Scores, ranks: Scores
) -> NDArray[np.float32]:
    """Features of each text, best text first (rows x features): centred cosines of its best question and best passage,
    plain cosine of its best entry, share of the question's words it holds, and its lead over the best other text."""
    others = np.full_like(ranks, ranks[0])
    others[0] = ranks[1] if len(ranks) > 1 else 0
    return np.stack([question, passage, plain, coverage, ranks - others], axis=1).astype(np.float32)
