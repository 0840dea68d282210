"""Trains the model when what it is made of has changed; the new one answers only when it is not worse."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from bot import sentence_model
from bot.own_data import OwnData, check, own_files
from bot.settings import FOLDER, Settings
from bot.trial import Trial
from bot.versions import new_version

# What a model learns from, and may be compared by. Everything else belongs to the dialogue: its rules, wordings and
# code go together with the actions, so that a model of another dialogue cannot stay.
_LEARNT_FROM = ("config.yml", "data/nlu/**/*.yml")
_DIALOGUE = ("domain/**/*.yml", "data/rules/**/*.yml", "data/stories/**/*.yml", "*.py", "dictionary.txt")
_COMPONENTS = ("components/**/*.py", "entities/**/*.py")
_NOT_OF_THE_MODEL = {
    "__main__.py",
    "alike.py",
    "channel.py",
    "measuring.py",
    "own_data.py",
    "server.py",
    "quiet.py",
    "settings.py",
    "shortcuts.py",
    "swapping.py",
    "trackers.py",
    "training.py",
    "trial.py",
    "turn.py",
    "remote_actions.py",
    "versions.py",
}
_RASA = "3.6.21"


def _hash(start: str, patterns: Iterable[str], more: Iterable[Path] = ()) -> str:
    digest = hashlib.sha256(start.encode())
    ours = [path for pattern in patterns for path in sorted(FOLDER.glob(pattern))]
    for path in ours:
        if path.name not in _NOT_OF_THE_MODEL or path.parent != FOLDER:
            digest.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for path in more:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def dialogue_fingerprint() -> str:
    """Return a hash of what a model shares with the actions. Raises SentenceModelMissing."""
    return _hash(_RASA + sentence_model.fingerprint(), (*_DIALOGUE, *_COMPONENTS))


def fingerprint(own: Iterable[Path]) -> str:
    """Return a hash of everything a model with the insurer's files `own` depends on. Raises SentenceModelMissing."""
    return _hash(dialogue_fingerprint(), _LEARNT_FROM, own)


def is_current(settings: Settings) -> bool:
    """Say whether the model in force was trained from just these files, or the one of these files was refused."""
    versions, sources = settings.versions, fingerprint(own_files(settings.own_data))
    if versions.current is None:
        return False
    return sources in (versions.about(versions.current).get("sources"), versions.refused.get("sources"))


def fits(settings: Settings) -> bool:
    """Say whether the model in force belongs to the present dialogue, so that it may stay."""
    versions = settings.versions
    return versions.about(versions.current).get("dialogue") == dialogue_fingerprint()


def train(settings: Settings, again: bool = False, force: bool = False) -> None:
    """Train when something has changed, or `again`; `force` takes the new model even when it is worse.

    Ends the program when the data is not valid, or (asked to train) when the new model was not taken.
    """
    if not again and not force and is_current(settings):
        print("bot model: up to date", flush=True)
        return
    started = time.monotonic()
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(settings.data_dir / "cache" / "rasa"))
    print("bot model: loading Rasa (about 10 s the first time) …", flush=True)
    import rasa.api  # noqa: F401 the slow part

    from bot.quiet import configure_logging

    configure_logging()
    _check_domain()
    own = _usable(settings, is_asked=again or force)
    if own is None:
        return
    about: dict[str, Any] = {
        "sources": fingerprint(own.files),
        "dialogue": dialogue_fingerprint(),
        "own_examples": own.examples,
    }
    print(f"bot model: training ({time.monotonic() - started:.0f} s so far) …", flush=True)
    version, model = new_version(), _train(settings, own)
    about["seconds"] = round(time.monotonic() - started, 1)
    settings.versions.add(version, model, about)
    print(f"bot model: trained in {about['seconds']} s; measuring it …", flush=True)
    is_taken = Trial(settings.versions, may_stay=fits(settings)).decide(version, about, force=force)
    if not is_taken and again:
        raise SystemExit(1)


def give_up(why: str) -> NoReturn:
    """End the program; what it says goes where its progress goes."""
    print(why, flush=True)
    raise SystemExit(1)


def _usable(settings: Settings, is_asked: bool) -> OwnData | None:
    """Return the insurer's data to train with; None when a start goes on with the model it has."""
    own = check(settings.own_data)
    if not own.problems:
        return own
    told = "\n".join(f"  {problem}" for problem in own.problems[:50])
    wrong = f"bot model: the training data in {settings.own_data} cannot be used:\n{told}"
    if is_asked:
        give_up(wrong)
    # A start is no time to refuse service for a wrong line.
    print(wrong, flush=True)
    if settings.versions.current and fits(settings):
        print("bot model: the one before goes on", flush=True)
        return None
    return OwnData()


def _check_domain() -> None:
    """Read every domain file: Rasa itself leaves out, with only a warning, one that it cannot read."""
    from rasa.shared.core.domain import Domain
    from rasa.shared.exceptions import RasaException

    try:
        for path in sorted(FOLDER.glob("domain/*.yml")):
            Domain.from_file(str(path))
    except RasaException as error:
        give_up(f"bot model: {path.name} is not valid: {error}")


def _train(settings: Settings, own: OwnData) -> Path:
    from rasa.api import train as rasa_train

    result: Any = rasa_train(
        domain=str(FOLDER / "domain"),
        config=str(FOLDER / "config.yml"),
        training_files=[str(FOLDER / "data"), *map(str, own.files)],
        output=str(settings.versions.folder / "new"),
        force_training=True,
        fixed_model_name="assistant",
    )
    if not result.model:
        give_up("bot model: training failed; the messages in prepare.log say where")
    return Path(result.model)
