"""`make nlu-report`: how well the trained model understands the fixed split, in figures and as pictures.

Writes report.json, confusion_<language>.png and confidence.png into `$ANDA_DATA_DIR/evaluation/nlu`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OUT = {"nlu_fallback", "out_of_scope"}


@dataclass(frozen=True)
class Answer:
    """What the model made of one sentence."""

    text: str
    intent: str
    found: str
    confidence: float

    @property
    def is_right(self) -> bool:
        """Say whether it is right; asking back is right only for what is out of scope."""
        return self.found == self.intent


async def ask(agent: Any, sentences: list[tuple[str, str]]) -> list[Answer]:
    """Ask the model for every sentence."""
    from rasa.core.channels.channel import UserMessage

    answers = []
    for text, intent in sentences:
        found = (await agent.processor.parse_message(UserMessage(text)))["intent"]
        name = "out_of_scope" if found["name"] in OUT else found["name"]
        answers.append(Answer(text, intent, name, float(found["confidence"])))
    return answers


def figures(answers: list[Answer]) -> dict[str, Any]:
    """Return accuracy with its 95 % interval (Wilson), macro-F1, and the recall of what is out of scope."""
    from sklearn.metrics import f1_score

    total, right = len(answers), sum(one.is_right for one in answers)
    share, z = right / total, 1.96
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * (share * (1 - share) / total + z**2 / (4 * total**2)) ** 0.5 / (1 + z**2 / total)
    outside = [one for one in answers if one.intent == "out_of_scope"]
    truth, found = [one.intent for one in answers], [one.found for one in answers]
    return {
        "sentences": total,
        "accuracy": round(share, 3),
        "interval": [round(middle - half, 3), round(middle + half, 3)],
        "macro_f1": round(float(f1_score(truth, found, average="macro", labels=sorted(set(truth)))), 3),
        "out_of_scope_recall": round(sum(one.is_right for one in outside) / len(outside), 3),
        "asked_back": sum(one.found == "out_of_scope" != one.intent for one in answers),
    }


def draw_confusion(answers: list[Answer], path: Path) -> None:
    """Draw which intent is taken for which."""
    import matplotlib.pyplot as plt
    from sklearn.metrics import ConfusionMatrixDisplay

    figure, axes = plt.subplots(figsize=(14, 13))
    ConfusionMatrixDisplay.from_predictions(
        [one.intent for one in answers],
        [one.found for one in answers],
        ax=axes,
        xticks_rotation="vertical",
        colorbar=False,
        cmap="Blues",
    )
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def draw_confidence(answers: list[Answer], path: Path) -> None:
    """Draw how sure the model is where it is right and where it is wrong."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 4.5))
    groups = [[one.confidence for one in answers if one.is_right is wanted] for wanted in (True, False)]
    axes.hist(groups, bins=20, range=(0, 1), label=["right", "wrong"], color=["#2e7d6b", "#c0392b"])
    axes.set_xlabel("confidence")
    axes.set_ylabel("sentences")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def main() -> None:
    """Measure, draw, and print the figures."""
    sys.path.insert(0, str(HERE.parents[1]))
    from bot.quiet import configure_logging, prepare_environment

    prepare_environment()
    configure_logging()
    import matplotlib
    from nlu_split import read_probes, read_split
    from rasa.core.agent import Agent

    from bot.settings import read_settings

    matplotlib.use("Agg")
    settings = read_settings()
    agent = Agent.load(str(settings.model))
    folder = settings.data_dir / "evaluation" / "nlu"
    folder.mkdir(parents=True, exist_ok=True)
    everything: list[Answer] = []
    report: dict[str, Any] = {}
    for language in ("zh", "en"):
        answers = asyncio.run(ask(agent, read_split(language)))
        report[language] = figures(answers)
        draw_confusion(answers, folder / f"confusion_{language}.png")
        everything += answers
        print(language, json.dumps(report[language]), flush=True)
    probes = asyncio.run(ask(agent, read_probes()))
    report["probes"] = {"sentences": len(probes), "refused": sum(one.is_right for one in probes)}
    print("probes", json.dumps(report["probes"]), flush=True)
    draw_confidence(everything, folder / "confidence.png")
    (folder / "report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    print(f"written to {folder}")


if __name__ == "__main__":
    main()
