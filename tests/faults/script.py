"""What the customers of a fault run say: every message carries a nonce that its answer must carry too."""

from __future__ import annotations

import random
from dataclasses import dataclass

# A question about a ticket that does not exist is answered with its number. The year 2099 is nobody's.
QUESTIONS = ("工单 {nonce} 到哪一步了", "帮我查一下工单 {nonce}", "What is the status of ticket {nonce}?")
# These open a ticket each; the answer names it, and its summary holds the nonce.
WISHES = {
    "complaint": "我要投诉你们的服务态度，编号 {nonce}",
    "suggestion": "我有个建议，希望短信写短一点，编号 {nonce}",
}


# A report of a loss: the summary quotes the account, nonce and all, and so does the claim that is submitted.
REPORT = "我昨天在浦东把车撞到柱子上了，要报案，编号 {nonce}"
SUBMIT = "提交"


@dataclass(frozen=True)
class Line:
    """One message; `opens` is the kind of ticket, or `claim`, that it must open once, if any.

    `told_by` is the nonce that stands in what it opens: its own, or that of the report which it submits.
    """

    nonce: str
    text: str
    opens: str | None = None
    told_by: str | None = None


def lines(conversation: int, count: int, rng: random.Random) -> list[Line]:
    """The messages of one conversation: a question first, then questions, two tickets and one claim in any order."""
    report = rng.randrange(1, count - 1)
    others = [place for place in range(1, count) if place not in (report, report + 1)]
    wishes = dict(zip(rng.sample(others, len(WISHES)), WISHES, strict=True))
    nonces = [f"T2099{conversation:04d}{place:02d}" for place in range(count)]
    said = [_line(nonce, wishes.get(place), rng) for place, nonce in enumerate(nonces)]
    said[report] = Line(nonces[report], REPORT.format(nonce=nonces[report]))
    said[report + 1] = Line(nonces[report + 1], SUBMIT, "claim", nonces[report])
    return said


def _line(nonce: str, opens: str | None, rng: random.Random) -> Line:
    text = WISHES[opens] if opens else rng.choice(QUESTIONS)
    return Line(nonce, text.format(nonce=nonce), opens, nonce if opens else None)
