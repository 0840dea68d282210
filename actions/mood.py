"""Danger and anger in a message: both go to the front of the queue."""

from __future__ import annotations

from datetime import date, timedelta

from actions.turn import Turn
from actions.words import holds, without

_RECENT = timedelta(days=1)


def is_urgent(turn: Turn) -> bool:
    """Say whether somebody is in danger or has just been hurt."""
    text = without("not_hurt", turn.text)
    day = turn.entity("date")
    age = turn.today() - date.fromisoformat(day) if day else timedelta()
    if age > _RECENT or holds("over", text):
        return False
    return holds("danger", text) or (not age and holds("hurt", text))


def injury(text: str) -> bool | None:
    """Say whether somebody was hurt; None when the text does not tell."""
    if holds("not_hurt", text):
        return False
    return True if any(holds(words, text) for words in ("hurt", "broken_bones", "danger")) else None


def is_angry(text: str) -> bool:
    """Say whether a message is an outburst."""
    return holds("anger", text)


def is_angry_again(turn: Turn) -> bool:
    """Say whether this is at least the second outburst in the conversation."""
    return sum(is_angry(text) for text in turn.previous_texts(20)) >= 2
