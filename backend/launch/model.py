"""Where the sentence model lies. Standard library only: the installer asks too."""

from __future__ import annotations

import os
from pathlib import Path

NAME = "e5-small-zh-en"


def model_folder(root: Path) -> Path:
    """Returns the model's folder for the checkout `root`, below ANDA_DATA_DIR of the environment or of .env."""
    return data_folder(root) / "models" / NAME


def data_folder(root: Path) -> Path:
    """Returns ANDA_DATA_DIR as an absolute path; relative ones count from `root`."""
    given = os.environ.get("ANDA_DATA_DIR") or _from_env_file(root / ".env") or "var"
    return (root / Path(given).expanduser()).absolute()


def is_made(folder: Path) -> bool:
    """Tells whether a model was made there; its hashes are checked later, in the service environment."""
    return (folder / "onnx" / "manifest.json").is_file()


def _from_env_file(file: Path) -> str:
    if not file.is_file():
        return ""
    for line in file.read_text(encoding="utf-8").splitlines():
        name, _, value = line.strip().partition("=")
        if name.strip() == "ANDA_DATA_DIR":
            return value.strip().strip("'\"")
    return ""
