"""Trains the model when what it is made of has changed."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from bot import sentence_model
from bot.settings import FOLDER, Settings

_MADE_OF = (
    "config.yml",
    "domain/**/*.yml",
    "data/**/*.yml",
    "components/**/*.py",
    "entities/**/*.py",
    "*.py",
    "dictionary.txt",
)
_NOT_OF_THE_MODEL = {
    "__main__.py",
    "channel.py",
    "server.py",
    "quiet.py",
    "settings.py",
    "training.py",
    "turn.py",
    "remote_actions.py",
}
_RASA = "3.6.21"


def _sources() -> Iterator[Path]:
    for pattern in _MADE_OF:
        for path in sorted(FOLDER.glob(pattern)):
            if path.name not in _NOT_OF_THE_MODEL or path.parent != FOLDER:
                yield path


def fingerprint() -> str:
    """Return a hash of everything the model depends on. Raises SentenceModelMissing."""
    digest = hashlib.sha256(_RASA.encode() + sentence_model.fingerprint().encode())
    for path in _sources():
        digest.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current(settings: Settings) -> bool:
    """Say whether the model exists and was trained from just these files."""
    try:
        trained = json.loads(settings.fingerprint.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return settings.model.exists() and trained.get("sources") == fingerprint()


def _check_domain() -> None:
    """Read every domain file: Rasa itself leaves out, with only a warning, one that it cannot read."""
    from rasa.shared.core.domain import Domain
    from rasa.shared.exceptions import RasaException

    try:
        for path in sorted(FOLDER.glob("domain/*.yml")):
            Domain.from_file(str(path))
    except RasaException as error:
        raise SystemExit(f"bot model: {path.name} is not valid: {error}") from error


def train(settings: Settings, force: bool = False) -> None:
    """Train and put the new model in place of the old one in one step.

    Raises SystemExit when the training data is not valid.
    """
    if not force and is_current(settings):
        print("bot model: up to date", flush=True)
        return
    started = time.monotonic()
    sources = fingerprint()
    folder = settings.model.parent
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(settings.data_dir / "cache" / "rasa"))
    print("bot model: loading Rasa (about 10 s the first time) …", flush=True)
    from rasa.api import train as rasa_train

    from bot.quiet import configure_logging

    configure_logging()
    _check_domain()
    print(f"bot model: training ({time.monotonic() - started:.0f} s so far) …", flush=True)
    result = rasa_train(
        domain=str(FOLDER / "domain"),
        config=str(FOLDER / "config.yml"),
        training_files=str(FOLDER / "data"),
        output=str(folder / "new"),
        force_training=True,
        fixed_model_name="assistant",
    )
    if not result.model:
        raise SystemExit("bot model: training failed; the messages above say where")
    Path(result.model).replace(settings.model)
    seconds = round(time.monotonic() - started, 1)
    settings.fingerprint.write_text(json.dumps({"sources": sources, "seconds": seconds}), encoding="utf-8")
    print(f"bot model: trained in {seconds} s", flush=True)
