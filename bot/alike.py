"""When two sentences count as the same: training data may not hold what the model is measured by."""

from __future__ import annotations

import re
from datetime import date
from difflib import SequenceMatcher

from bot.entities import find_entities
from bot.text import normalise

ALIKE = 0.88
SHORTEST = 6
"""Short phrases and bare numbers, which there are few ways to say, are left out of it."""
_DAY = date(2026, 11, 22)


def masked(text: str) -> str:
    """Return the text with its entities named instead of said, without marks."""
    text = normalise(text)
    named, position = "", 0
    for found in find_entities(text, _DAY):
        named += f"{text[position : found.start]}#{found.entity}"
        position = found.end
    return re.sub(r"[^\w#]+", "", named + text[position:]).lower()


def said(masked_text: str) -> str:
    """Return what is left beside the entities."""
    return re.sub(r"#[a-z_0-9]+?(?=#|[^a-z_0-9]|$)", "", masked_text)


def is_alike(one: str, other: str) -> bool:
    """Say whether two masked texts are the same but for a few characters."""
    return SequenceMatcher(None, one, other).ratio() >= ALIKE


def nearest(text: str, judged: dict[str, str]) -> str | None:
    """Return the sentence of `judged` (by its masked form) that this text nearly is; None when there is none."""
    own = masked(text)
    if len(said(own)) <= SHORTEST:
        return None
    for other, sentence in judged.items():
        matcher = SequenceMatcher(None, own, other)
        if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and is_alike(own, other):
            return sentence
    return None
