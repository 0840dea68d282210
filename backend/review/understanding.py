"""The intents and entities that a message can be labelled with: those of the bot's own domain files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.review.judging import CHAT

DOMAIN = Path(__file__).resolve().parents[2] / "bot" / "domain"
# What no customer says in words, but the dialogue itself or a button.
_NO_INTENTS = {"nlu_fallback", "back", "restart", "session_start"}
_NO_ENTITIES = {"article", "matter", "document_id", "code"}


@cache
def _named(kind: str) -> tuple[str, ...]:
    found: list[str] = []
    for file in sorted(DOMAIN.glob("*.yml")):
        content: dict[str, Any] = yaml.safe_load(file.read_text("utf-8")) or {}
        found += [next(iter(one)) if isinstance(one, dict) else str(one) for one in content.get(kind) or []]
    return tuple(dict.fromkeys(found))


def intents() -> list[str]:
    """Requests first, then what is said beside them; each in the domain's order."""
    known = [name for name in _named("intents") if name not in _NO_INTENTS]
    return sorted(known, key=lambda name: name in CHAT)


def entities() -> list[str]:
    """In the domain's order."""
    return [name for name in _named("entities") if name not in _NO_ENTITIES]
