"""Message catalogues: the words that processes other than the bot say to customers, in Chinese and English."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.core.language import Language, localise

FOLDER = Path(__file__).parent / "texts"


@cache
def _catalogue(name: str) -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


def say(key: str, language: Language, **values: Any) -> str:
    """The text `key` in `language`, `{placeholders}` filled; raises KeyError for an unknown key."""
    name = "en" if language == "en" else "zh"
    return localise(_catalogue(name)[key].format(**values), language)
