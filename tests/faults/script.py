"""What the customers of a fault run say: every message carries a nonce that its answer must carry too."""

from __future__ import annotations

import random
from dataclasses import dataclass

# A question about a ticket that does not exist is answered with its number. The year 2099 is nobody's.
QUESTIONS = ("工单 {nonce} 到哪一步了", "帮我查一下工单 {nonce}", "What is the status of ticket {nonce}?")
# These open a ticket each; the answer names it, and its summary holds the nonce.
WISHES = {
    "complaint": "我要投诉，等了好几天没人管，编号 {nonce}",
    "suggestion": "我有个建议，希望短信写短一点，编号 {nonce}",
}


@dataclass(frozen=True)
class Line:
    """One message; `opens` is the kind of ticket that it must open once, if any."""

    nonce: str
    text: str
    opens: str | None = None


def lines(conversation: int, count: int, rng: random.Random) -> list[Line]:
    """The messages of one conversation, two of which open a ticket."""
    wishes = dict(zip(rng.sample(range(count), len(WISHES)), WISHES, strict=True))
    return [_line(f"T2099{conversation:04d}{place:02d}", wishes.get(place), rng) for place in range(count)]


def _line(nonce: str, opens: str | None, rng: random.Random) -> Line:
    text = WISHES[opens] if opens else rng.choice(QUESTIONS)
    return Line(nonce, text.format(nonce=nonce), opens)
