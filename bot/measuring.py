"""How well a model understands the fixed split (bot/split), and whether another one is not worse."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import FOLDER

SPLIT = FOLDER / "split"
LANGUAGES = ("zh", "en")
TOLERATED = 1
"""So many sentences fewer than the best model so far are put down to chance."""
_OUT = {"nlu_fallback", "out_of_scope"}


@dataclass(frozen=True)
class Answer:
    """What a model made of one sentence; asking back is right only for what is out of scope."""

    text: str
    intent: str
    found: str
    confidence: float

    @property
    def is_right(self) -> bool:
        """Say whether it is right."""
        return self.found == self.intent or (self.intent == "out_of_scope" and self.found in _OUT)


@dataclass(frozen=True)
class Comparison:
    """Two models on the same sentences: those that one of them alone has right."""

    worse: list[Answer]
    better: list[Answer]
    sentences: int

    @property
    def difference(self) -> tuple[float, float, float]:
        """Return the difference of accuracy in points, and its 95 % interval (paired)."""
        net, changed, n = (
            len(self.better) - len(self.worse),
            len(self.better) + len(self.worse),
            self.sentences,
        )
        half = 1.96 * max(changed - net**2 / n, 0) ** 0.5
        return 100 * net / n, 100 * (net - half) / n, 100 * (net + half) / n


def split_file(language: str) -> Path:
    """Return the file of the fixed split in one language."""
    return SPLIT / f"{language}.yml"


def read_split(language: str) -> list[tuple[str, str]]:
    """Return (text, intent) of the fixed split of one language."""
    from rasa.shared.nlu.training_data.loading import load_data

    examples = load_data(str(split_file(language))).intent_examples
    return [(one.get("text"), one.get("intent")) for one in examples]


def split_fingerprint() -> str:
    """Return a hash of the split: counts of different splits are not compared."""
    return hashlib.sha256(b"".join(split_file(language).read_bytes() for language in LANGUAGES)).hexdigest()


def measure(model: Path) -> list[Answer]:
    """Ask the model for every sentence of the split."""
    from rasa.core.agent import Agent

    return asyncio.run(_ask(Agent.load(str(model))))


async def _ask(agent: Any) -> list[Answer]:
    from rasa.core.channels.channel import UserMessage

    answers = []
    for text, intent in [one for language in LANGUAGES for one in read_split(language)]:
        found = (await agent.processor.parse_message(UserMessage(text)))["intent"]
        answers.append(Answer(text, intent, found["name"], float(found["confidence"])))
    return answers


def compare(old: list[Answer], new: list[Answer]) -> Comparison:
    """Compare two models' answers to the same sentences, in the same order."""
    pairs = list(zip(old, new, strict=False))
    return Comparison(
        worse=[after for before, after in pairs if before.is_right and not after.is_right],
        better=[after for before, after in pairs if after.is_right and not before.is_right],
        sentences=len(pairs),
    )
