"""The words of words.yml: which of them a customer's message holds."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


@lru_cache(maxsize=1)
def _all() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8"))
    return {name: _compiled(words) for name, words in read.items()}


def _compiled(words: Any) -> Any:
    if isinstance(words, dict):
        return {name: _compiled(lines) for name, lines in words.items()}
    return re.compile("|".join(words), re.IGNORECASE)


def pattern(name: str) -> re.Pattern[str]:
    """Return the words of that name as one pattern."""
    found: re.Pattern[str] = _all()[name]
    return found


def holds(name: str, text: str) -> bool:
    """Say whether a text holds any of the words."""
    return bool(pattern(name).search(text))


def tells(name: str, text: str, among: set[str] | None = None) -> str | None:
    """Return the first of a group whose words a text holds, of those `among`; None when there is none."""
    group: dict[str, re.Pattern[str]] = _all()[name]
    return next(
        (one for one, words in group.items() if (among is None or one in among) and words.search(text)), None
    )


def without(name: str, text: str) -> str:
    """Return what is left of a text without the words."""
    return pattern(name).sub("", text)
