"""A stock Rasa project with our data: what `rasa init` configures, to be measured beside ours.

`.venv/bot/bin/python -m tests.bot.stock_project FOLDER [EPOCHS]` writes and trains it, which takes about an hour of
processor time with the 100 epochs of the default; it serves both the comparison of pipelines and the bench, so it
learns from the part of the data that the comparison trains on. A model is kept in `FOLDER/EPOCHS` and trained again
when what it learns from has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import yaml

OURS = Path(__file__).parents[2] / "bot"
EPOCHS = 100
"""What `rasa init` configures."""
DEV_SHARE = 5
"""Every fifth example of an intent is left out of training, for choosing thresholds."""

# As `rasa init` of Rasa 3.6 writes it, but for the tokenizer: its own knows no Chinese words.
PIPELINE: list[dict[str, Any]] = [
    {"name": "JiebaTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": EPOCHS},
    {"name": "EntitySynonymMapper"},
    {"name": "ResponseSelector", "epochs": EPOCHS},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
POLICIES: list[dict[str, Any]] = [
    {"name": "MemoizationPolicy"},
    {"name": "TEDPolicy", "max_history": 5, "epochs": EPOCHS},
    {"name": "RulePolicy"},
]
ENDPOINTS = {
    "action_endpoint": {
        "url": "${RASA_ACTION_URL}",
        "headers": {"Authorization": "Bearer ${ANDA_SERVICE_TOKEN}"},
    },
    "tracker_store": {"type": "SQL", "url": "${RASA_DATABASE_URL}"},
}


def write_project(folder: Path, epochs: int = EPOCHS) -> None:
    """Write the project into `folder`: our sentences, domain and rules under the stock configuration."""
    for name in ("domain", "data/rules"):
        shutil.copytree(OURS / name, folder / name, dirs_exist_ok=True)
    split_training(folder / "data")
    _write(folder / "config.yml", configuration(_lasting(PIPELINE, epochs), _lasting(POLICIES, epochs)))
    _write(folder / "endpoints.yml", ENDPOINTS)
    _write(folder / "credentials.yml", {"rest": None})
    _write(folder / "data" / "stories.yml", {"version": "3.1", "stories": _stories()})


def configuration(pipeline: list[dict[str, Any]], policies: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a `config.yml` with these."""
    return {
        "recipe": "default.v1",
        "assistant_id": "stock",
        "language": "zh",
        "pipeline": pipeline,
        "policies": policies,
    }


def _lasting(parts: list[dict[str, Any]], epochs: int) -> list[dict[str, Any]]:
    return [{**one, "epochs": epochs} if "epochs" in one else one for one in parts]


def split_training(folder: Path) -> list[tuple[str, str]]:
    """Write four fifths of our training data into `folder`; return the others as (text, intent)."""
    from rasa.shared.nlu.training_data.loading import load_data
    from rasa.shared.nlu.training_data.training_data import TrainingData

    kept, left = [], []
    for language in ("zh", "en"):
        examples = load_data(str(OURS / "data" / "nlu" / language)).intent_examples
        ordered = sorted(examples, key=lambda one: (one.get("intent"), one.get("text")))
        for place, example in enumerate(ordered):
            (left if place % DEV_SHARE == 0 else kept).append(example)
    TrainingData(kept).persist_nlu(str(folder / "nlu.yml"))
    return [(one.get("text"), one.get("intent")) for one in left]


def _stories() -> list[dict[str, Any]]:
    """Return our rules as stories of two turns each, for the policies that learn from stories."""
    rules = yaml.safe_load((OURS / "data" / "rules" / "rules.yml").read_text("utf-8"))["rules"]
    plain = [one["steps"] for one in rules if "nlu_fallback" not in str(one["steps"])]
    pairs = zip(plain, plain[1:] + plain[:1], strict=True)
    return [
        {"story": f"story {number}", "steps": first + second} for number, (first, second) in enumerate(pairs)
    ]


def train(kept: Path, epochs: int = EPOCHS) -> Path:
    """Train the project unless `kept` has the model of as many epochs and of the data as they are; return it.

    What the training took lies beside it in training.json.
    """
    folder = kept / str(epochs)
    model, about = folder / "stock.tar.gz", folder / "training.json"
    sources = _sources(epochs)
    if model.exists() and json.loads(about.read_text("utf-8")).get("sources") == sources:
        return model
    shutil.rmtree(folder, ignore_errors=True)
    write_project(folder, epochs)
    made, taken = _trained(folder)
    about.write_text(json.dumps({"epochs": epochs, "sources": sources, **taken}), encoding="utf-8")
    made.replace(model)
    return model


def _sources(epochs: int) -> str:
    """Return a hash of what the project learns from; the domain's wordings are not among it."""
    digest = hashlib.sha256(json.dumps([epochs, DEV_SHARE, PIPELINE, POLICIES]).encode())
    for path in sorted((OURS / "data").rglob("*.yml")):
        digest.update(path.relative_to(OURS).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _trained(folder: Path) -> tuple[Path, dict[str, int]]:
    """Train the project in `folder`; return its model and the seconds that it took."""
    from rasa.api import train as rasa_train

    from bot.quiet import configure_logging

    configure_logging()
    # A fresh one: what comes out of a cache would not count in what the training took.
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(folder / "cache"))
    wall, cpu = time.monotonic(), time.process_time()
    parts = [str(folder / name) for name in ("domain", "config.yml", "data")]
    result = rasa_train(*parts, output=str(folder), fixed_model_name="made")
    taken = {"seconds": round(time.monotonic() - wall), "cpu_seconds": round(time.process_time() - cpu)}
    shutil.rmtree(folder / "cache", ignore_errors=True)
    return Path(str(result.model)), taken


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(OURS.parent))
    from bot.quiet import prepare_environment

    prepare_environment()
    print(train(Path(sys.argv[1]).resolve(), *map(int, sys.argv[2:])))
