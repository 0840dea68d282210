"""Measures a model on the fixed split. By hand: `python tests/bot/nlu_split.py MODEL.tar.gz` in Rasa's environment."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass
class Result:
    """Right and wrong answers of one language."""

    right: int = 0
    wrong: list[tuple[str, str, str, float]] = field(default_factory=list)

    @property
    def accuracy(self) -> float:
        """Return the share of right answers; asking back counts as wrong."""
        return self.right / (self.right + len(self.wrong))


def read_split(language: str) -> list[tuple[str, str]]:
    """Return (text, intent) of the split of one language."""
    from bot import measuring

    return measuring.read_split(language)


def read_probes() -> list[tuple[str, str]]:
    """Return sentences that are out of scope but sound as if they were not."""
    from rasa.shared.nlu.training_data.loading import load_data

    examples = load_data(str(HERE / "nlu_probes.yml")).intent_examples
    return [(one.get("text"), one.get("intent")) for one in examples]


async def measure(agent: object, language: str) -> Result:
    """Ask the model for every sentence of the split."""
    from rasa.core.channels.channel import UserMessage

    result = Result()
    for text, intent in read_split(language):
        parsed = await agent.processor.parse_message(UserMessage(text))  # type: ignore[attr-defined]
        found = parsed["intent"]
        out = {"nlu_fallback", "out_of_scope"}
        if found["name"] == intent or (intent == "out_of_scope" and found["name"] in out):
            result.right += 1
        else:
            result.wrong.append((text, intent, found["name"], found["confidence"]))
    return result


async def main(model: str) -> None:
    """Print accuracy and the errors."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    for language in ("zh", "en"):
        result = await measure(agent, language)
        print(f"{language}: {result.accuracy:.3f} ({result.right} right, {len(result.wrong)} wrong)")
        print(Counter(found for _, _, found, _ in result.wrong).most_common(8))
        for text, intent, found, confidence in result.wrong:
            print(f"  {text!r}: {intent} → {found} {confidence:.2f}")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[1]))
    from bot.quiet import prepare_environment

    prepare_environment()
    from bot.quiet import configure_logging

    configure_logging()
    asyncio.run(main(sys.argv[1]))
