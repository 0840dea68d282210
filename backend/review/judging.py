"""Why a turn is looked at: what the turn itself tells, and what the customer's following turns tell of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.core.language import HAN
from backend.review.masking import one_line
from backend.review.models import Reason

FOLLOWS = timedelta(minutes=10)
"""What is said later than that is another matter."""
ALIKE = 0.5
FALLBACK, OUT_OF_SCOPE, HUMAN = "nlu_fallback", "out_of_scope", "request_human"
# What is no request of its own: it is neither said again in other words, nor answered with something to correct.
CHAT = frozenset(
    {"greet", "goodbye", "thank", "help", "bot_challenge", "affirm", "deny", "cancel", "inform", HUMAN}
)


@dataclass(frozen=True)
class Turn:
    """A message and what the bot made of it. `was_asked` is the form that waited for it, if one did."""

    inbound_id: int
    text: str
    command: str | None
    intent: str | None
    confidence: float
    fell_back: bool
    was_asked: str | None
    episode: int | None
    at: datetime

    @property
    def is_typed(self) -> bool:
        return self.command is None and bool(self.text.strip())

    @property
    def chosen(self) -> str | None:
        """The intent of the button that was pressed."""
        match = re.match(r"/([a-z_]+)", self.command or "")
        return match[1] if match else None


@dataclass(frozen=True)
class Finding:
    """Why a turn is looked at, and what it seems to have meant."""

    inbound_id: int
    reason: Reason
    suggested: str | None = None


def judge(turn: Turn, least: float) -> Reason | None:
    """Why the turn by itself is looked at: below `least` the bot's confidence is little.

    What a form asked for is an answer, not a request: there the bot's own words decide.
    """
    if not turn.is_typed:
        return None
    if turn.fell_back:
        return Reason.NOT_UNDERSTOOD
    if turn.was_asked:
        return None
    if turn.intent == OUT_OF_SCOPE:
        return Reason.OUT_OF_SCOPE
    return Reason.UNSURE if turn.intent == FALLBACK or turn.confidence < least else None


def judge_earlier(turn: Turn, earlier: Turn, distance: int) -> Finding | None:
    """What `turn` tells of one that came `distance` turns before it."""
    is_same_matter = earlier.episode == turn.episode and turn.at - earlier.at <= FOLLOWS
    if not (earlier.is_typed and is_same_matter) or earlier.was_asked:
        return None
    missed = earlier.fell_back or earlier.intent == FALLBACK
    if missed and distance == 1 and turn.chosen and turn.chosen != HUMAN:
        return Finding(earlier.inbound_id, Reason.NOT_UNDERSTOOD, turn.chosen)
    if not missed and earlier.intent in CHAT:
        return None
    if distance == 1 and HUMAN in (turn.intent, turn.chosen):
        return Finding(earlier.inbound_id, Reason.ASKED_FOR_HUMAN)
    if distance == 1 and turn.is_typed and _corrects(turn.text):
        return Finding(earlier.inbound_id, Reason.CORRECTED, _meant(turn, earlier))
    if turn.is_typed and _is_rephrased(turn, earlier, missed):
        return Finding(earlier.inbound_id, Reason.REPHRASED, _meant(turn, earlier))
    return None


def _is_rephrased(turn: Turn, earlier: Turn, missed: bool) -> bool:
    if turn.intent in CHAT or turn.intent == earlier.intent or turn.was_asked:
        return False
    return missed or is_alike(turn.text, earlier.text)


def _meant(turn: Turn, earlier: Turn) -> str | None:
    is_known = turn.intent not in CHAT | {FALLBACK, OUT_OF_SCOPE, None}
    return turn.intent if is_known and turn.intent != earlier.intent and not turn.fell_back else None


def is_alike(one: str, other: str) -> bool:
    """Whether half of the shorter text's words (pairs of characters, in Chinese) are in the other."""
    first, second = _pieces(one), _pieces(other)
    least = min(len(first), len(second))
    return least >= 2 and len(first & second) / least >= ALIKE


def _pieces(text: str) -> set[str]:
    text = one_line(text).lower()
    if HAN.search(text):
        letters = re.sub(r"\W", "", text)
        return {letters[place : place + 2] for place in range(len(letters) - 1)}
    return set(re.findall(r"\w{2,}", text))


@cache
def _corrections() -> re.Pattern[str]:
    lines: list[str] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8"))
    return re.compile("|".join(lines), re.IGNORECASE)


def _corrects(text: str) -> bool:
    return _corrections().search(one_line(text)) is not None


def turn_of(own: Any, command: str | None, was_asked: str | None) -> Turn:
    """The turn of an entry of the record (position 0 of its message)."""
    return Turn(
        inbound_id=own.inbound_id,
        text=own.text,
        command=command,
        intent=own.intent,
        confidence=own.confidence if own.confidence is not None else 1.0,
        fell_back=bool(own.details.get("fell_back")),
        was_asked=was_asked,
        episode=own.episode,
        at=own.occurred_at,
    )
