"""Compares pipelines: `.venv/bot/bin/python -m tests.bot.nlu_experiments [NAME…]`, one table at the end.

Every pipeline is trained on the same four fifths of the training data; its fallback threshold is chosen on the fifth
left out, and only then is the fixed split asked, once. What was measured lies in
`$ANDA_DATA_DIR/evaluation/nlu/experiments.json`, so that pipelines may be run one by one; `--table` only prints it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parents[1]))

from bot.quiet import configure_logging, prepare_environment  # noqa: E402

prepare_environment()

from nlu_report import Answer, figures  # noqa: E402
from nlu_split import read_probes, read_split  # noqa: E402
from stock_project import PIPELINE, configuration, split_training  # noqa: E402
from stock_project import train as train_stock  # noqa: E402

from bot.settings import FOLDER, read_settings  # noqa: E402

OUR_TOKENS = [
    {"name": "bot.components.normaliser.Normaliser"},
    {"name": "bot.components.tokenizer.WordTokenizer"},
]
COUNTS = [
    {"name": "CountVectorsFeaturizer", "token_pattern": r"(?u)\S+"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
MEANING = {"name": "bot.components.sentences.SentenceFeaturizer"}
CLASSIFIER = {"name": "LogisticRegressionClassifier"}
THRESHOLDS = [step / 50 for step in range(46)]
ASKED_BACK = 0.5
"""What asking a customer back costs, against a wrong answer's 1."""


@dataclass(frozen=True)
class Guess:
    """What a model made of a sentence, before anything asks back."""

    text: str
    intent: str
    found: str
    confidence: float
    lead: float

    def cost(self, threshold: float, ambiguity: float) -> float:
        """Return 1 for a wrong answer, less for asking back, nothing when it is right or rightly refused."""
        is_back = self.confidence < threshold or self.lead < ambiguity
        if is_back or self.found == "out_of_scope":
            return 0.0 if self.intent == "out_of_scope" else ASKED_BACK if is_back else 1.0
        return float(self.found != self.intent)

    def answered(self, threshold: float, ambiguity: float) -> Answer:
        """Return it as the report counts it."""
        is_back = self.confidence < threshold or self.lead < ambiguity
        return Answer(self.text, self.intent, "out_of_scope" if is_back else self.found, self.confidence)


def ours() -> list[dict[str, Any]]:
    """Return the shipped pipeline."""
    import yaml

    pipeline: list[dict[str, Any]] = yaml.safe_load((FOLDER / "config.yml").read_text("utf-8"))["pipeline"]
    return [one for one in pipeline if not one["name"].endswith("EntityRules")]


def pipelines() -> dict[str, list[dict[str, Any]]]:
    """Return what is compared, by name."""
    return {
        "Rasa's default (DIET)": PIPELINE,
        "logistic regression, words": [*OUR_TOKENS, *COUNTS, CLASSIFIER],
        "logistic regression, words and meaning": [*OUR_TOKENS, *COUNTS, MEANING, CLASSIFIER],
        "ours": ours(),
    }


def threshold_of(guesses: list[Guess], ambiguity: float) -> float:
    """Return the threshold under which asking back costs least, the middle one of equals."""
    costs = [sum(guess.cost(one, ambiguity) for guess in guesses) for one in THRESHOLDS]
    best = [one for one, cost in zip(THRESHOLDS, costs, strict=True) if cost == min(costs)]
    return best[len(best) // 2]


async def ask(agent: Any, sentences: list[tuple[str, str]]) -> tuple[list[Guess], list[float]]:
    """Ask a model for every sentence; return its guesses and the processor seconds each took."""
    from rasa.core.channels.channel import UserMessage

    guesses, seconds = [], []
    for text, intent in sentences:
        started = time.process_time()
        parsed = await agent.processor.parse_message(UserMessage(text))
        seconds.append(time.process_time() - started)
        ranking = [one for one in parsed["intent_ranking"] if one["name"] != "nlu_fallback"]
        first, second = [*(float(one["confidence"]) for one in ranking), 0.0, 0.0][:2]
        found = ranking[0]["name"] if ranking else ""
        guesses.append(Guess(text, intent, found, first, first - second))
    return guesses, seconds


def measure(name: str, pipeline: list[dict[str, Any]]) -> dict[str, Any]:
    """Train one pipeline, choose its threshold, and measure it on the fixed split and the probes."""
    from rasa.core.agent import Agent

    *parts, last = pipeline
    ambiguity = last.get("ambiguity_threshold", 0.1)
    # The classifiers' own confidences are asked for: what asks back is applied afterwards.
    parts = parts if last["name"] == "FallbackClassifier" else pipeline
    with tempfile.TemporaryDirectory(prefix="anda-nlu-") as made:
        folder = Path(made)
        os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")
        left = split_training(folder)
        model, taken = _stock() if pipeline is PIPELINE else _trained(folder, parts)
        agent = Agent.load(str(model))
        threshold = threshold_of(asyncio.run(ask(agent, left))[0], ambiguity)
        result: dict[str, Any] = {
            "threshold": threshold,
            "training_seconds": taken["seconds"],
            "training_cpu_seconds": taken["cpu_seconds"],
            "model_mb": round(model.stat().st_size / 1e6, 1),
        }
        result |= _figures(agent, threshold, ambiguity)
    print(name, json.dumps(result), flush=True)
    return result


def _stock() -> tuple[Path, dict[str, Any]]:
    """Return the stock project's model, which takes long to train and is kept, and what it took."""
    model = train_stock(read_settings().data_dir / "cache" / "stock")
    return model, json.loads(model.with_name("training.json").read_text("utf-8"))


def _trained(folder: Path, parts: list[dict[str, Any]]) -> tuple[Path, dict[str, Any]]:
    """Train a pipeline on the data in `folder`."""
    import yaml
    from rasa.model_training import train_nlu

    config = folder / "config.yml"
    config.write_text(yaml.safe_dump(configuration(parts, [])), encoding="utf-8")
    wall, cpu = time.monotonic(), time.process_time()
    model = train_nlu(str(config), str(folder / "nlu.yml"), str(folder))
    taken = {"seconds": round(time.monotonic() - wall), "cpu_seconds": round(time.process_time() - cpu)}
    return Path(str(model)), taken


def _figures(agent: Any, threshold: float, ambiguity: float) -> dict[str, Any]:
    result: dict[str, Any] = {}
    taken: list[float] = []
    for language in ("zh", "en"):
        guesses, seconds = asyncio.run(ask(agent, read_split(language)))
        result[language] = figures([one.answered(threshold, ambiguity) for one in guesses])
        taken += seconds
    probes, _ = asyncio.run(ask(agent, read_probes()))
    refused = [one.answered(threshold, ambiguity).is_right for one in probes]
    result["probes_refused"] = [sum(refused), len(refused)]
    result["cpu_p50_ms"] = round(sorted(taken)[len(taken) // 2] * 1000, 1)
    return result


def show(results: dict[str, dict[str, Any]]) -> None:
    """Print the table as the decision record has it."""
    print(
        "| | zh accuracy (95 %) | en accuracy (95 %) | macro-F1 zh, en | out of scope zh, en, probes ", end=""
    )
    print("| asked back zh, en | threshold | training, CPU s | model MB | a sentence p50, CPU ms |")
    print("|" + "---|" * 10)
    for name, one in results.items():
        zh, en = one["zh"], one["en"]
        accuracy = " | ".join(
            f"{of['accuracy']:.3f} ({of['interval'][0]:.3f}–{of['interval'][1]:.3f})" for of in (zh, en)
        )
        refused, asked = one["probes_refused"]
        print(
            f"| {name} | {accuracy} | {zh['macro_f1']:.3f}, {en['macro_f1']:.3f} "
            f"| {zh['out_of_scope_recall']:.2f}, {en['out_of_scope_recall']:.2f}, {refused / asked:.2f} "
            f"| {zh['asked_back']}, {en['asked_back']} | {one['threshold']:.2f} "
            f"| {one['training_cpu_seconds']} | {one['model_mb']} | {one['cpu_p50_ms']} |"
        )


def main() -> None:
    """Measure the pipelines named, or all, and print the table of what has been measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of pipelines' names")
    parser.add_argument("--table", action="store_true", help="only print what has been measured")
    arguments = parser.parse_args()
    configure_logging()
    kept = read_settings().data_dir / "evaluation" / "nlu" / "experiments.json"
    results: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    for name, pipeline in pipelines().items():
        wanted = not arguments.names or any(part in name for part in arguments.names)
        if wanted and not arguments.table:
            results[name] = measure(name, pipeline)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")
    show(results)


if __name__ == "__main__":
    main()
