"""Labelled messages as Rasa's training data: by intent and language, entities as `[text](entity)`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from backend.review.models import ReviewItem

_NO_MARKUP = str.maketrans({"[": "［", "]": "］"})  # the bot reads both alike


def training_data(items: Iterable[ReviewItem]) -> str:
    """The YAML of these labelled items; what differs in numbers, names and marks only is in it once."""
    lines = ['version: "3.1"', "nlu:"]
    ordered = sorted(items, key=lambda item: (item.label or "", item.language, item.id))
    for (intent, language), group in groupby(ordered, key=lambda item: (item.label, item.language)):
        lines += [f"- intent: {intent}", "  metadata:", f"    language: {language}", "  examples: |"]
        by_pattern: dict[str, ReviewItem] = {}
        for item in group:
            by_pattern.setdefault(item.pattern, item)
        lines += [f"    - {example(item.text, item.entities)}" for item in by_pattern.values()]
    return "\n".join(lines) + "\n"


def example(text: str, entities: list[dict[str, Any]]) -> str:
    """The text with its entities marked; nothing else in it is markup."""
    parts, position = [], 0
    for one in sorted(entities, key=lambda one: one["start"]):
        parts += [_plain(text[position : one["start"]]), f"[{_plain(text[one['start'] : one['end']])}]"]
        parts.append(f"({one['entity']})")
        position = one["end"]
    return "".join([*parts, _plain(text[position:])])


def _plain(text: str) -> str:
    return text.translate(_NO_MARKUP)
