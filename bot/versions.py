"""The trained models on disk, and which of them is in force.

Each is a file named by its version, beside what is known of it. `current.json` names the one in force and the one
before: writing it is the only switch, so that who is killed in between leaves the one or the other.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUFFIX = ".tar.gz"


class NothingBefore(Exception):
    """There is no earlier model to go back to."""


@dataclass(frozen=True)
class Versions:
    """The models in `folder`."""

    folder: Path

    @property
    def current(self) -> str | None:
        """Return the version in force; None while there is none."""
        version = self._pointer().get("version")
        return version if version and self.model(version).exists() else None

    @property
    def refused(self) -> dict[str, Any]:
        """Return what is known of the last training whose model was not taken, until one is."""
        return dict(self._pointer().get("refused") or {})

    def model(self, version: str) -> Path:
        """Return the file of a version."""
        return self.folder / f"{version}{SUFFIX}"

    def about(self, version: str | None) -> dict[str, Any]:
        """Return what was noted when the version was trained; nothing when it is not known."""
        return _read(self.folder / f"{version}.json") if version else {}

    def add(self, version: str, model: Path, about: dict[str, Any]) -> None:
        """Keep a trained model under its version; it is not in force yet."""
        self.note(version, about)
        model.replace(self.model(version))

    def note(self, version: str, about: dict[str, Any]) -> None:
        """Keep what is known of a version."""
        _write(self.folder / f"{version}.json", about)

    def put_in_force(self, version: str) -> None:
        """Make this the model that answers; the present one is kept to go back to, older ones are removed."""
        before = self.current
        _write(self._file, {"version": version, "previous": before})
        for path in self.folder.glob(f"*{SUFFIX}"):
            if path.name.removesuffix(SUFFIX) not in (version, before):
                self._remove(path.name.removesuffix(SUFFIX))

    def refuse(self, version: str, why: dict[str, Any]) -> None:
        """Remove a trained model that is not to be used, and note why."""
        _write(self._file, {**self._pointer(), "refused": why})
        self._remove(version)

    def roll_back(self, dialogue: Callable[[], str]) -> str:
        """Put the model before in force again, and return its version; a second call takes this back.

        The one that is left does not come back by itself at the next start. Raises NothingBefore, also when the model
        before belongs to another dialogue than the present one, whose fingerprint `dialogue` gives.
        """
        before, left = self._pointer().get("previous"), self.current
        if not before or not self.model(before).exists():
            raise NothingBefore("there is no earlier model to go back to")
        if self.about(before).get("dialogue") != dialogue():
            raise NothingBefore(f"{before} belongs to an earlier dialogue, which the actions no longer know")
        _write(self._file, {"version": before, "previous": left, "refused": self.about(left)})
        return str(before)

    @property
    def _file(self) -> Path:
        return self.folder / "current.json"

    def _pointer(self) -> dict[str, Any]:
        return _read(self._file)

    def _remove(self, version: str) -> None:
        self.model(version).unlink(missing_ok=True)
        (self.folder / f"{version}.json").unlink(missing_ok=True)


def new_version() -> str:
    """Return a name for a model that is trained now; later ones sort after it."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def version_of(model_file: str) -> str:
    """Return the version of a model's file name."""
    return Path(model_file).name.removesuffix(SUFFIX)


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(file: Path, content: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(file)
