"""The end of a fault run: what the phones received against what was said, and what the database holds."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.faults.script import Line

NONCE = re.compile(r"T2099\d{6}")
OPENED = re.compile(r"T\d{10}|C\d{10}")  # the number of a ticket or a claim
# What is said first to who reports a loss; the summary follows in the same answer.
SYMPATHY = re.compile(r"听到这个消息很抱歉")
APOLOGY = re.compile(r"系统暂时有点慢|our system is slow")
UNSETTLED = """
    SELECT (SELECT count(*) FROM inbound_messages WHERE state = 'stored')
         + (SELECT count(*) FROM outbound_messages WHERE state IN ('queued', 'sending', 'in_doubt'))
"""


@dataclass
class Told:
    """One conversation: what its customer said, and what arrived."""

    name: str
    channel: str
    lines: list[Line]
    received: list[str]


@dataclass
class Verdict:
    """Counts for the report, and every sentence that tells of something wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.wrong


def unsettled(dsn: str) -> int:
    """How many messages still wait for an answer or to be sent; raises OperationalError while PostgreSQL is away."""
    with psycopg.connect(dsn, connect_timeout=5) as connection:
        row = connection.execute(UNSETTLED).fetchone()
        assert row is not None
        return int(row[0])


def judge(dsn: str, told: list[Told]) -> Verdict:
    """Every message answered once and in order, every ticket and claim there once."""
    verdict = Verdict()
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT number, kind, summary FROM tickets UNION ALL SELECT number, 'claim', description FROM claims"
        ).fetchall()
        notices = connection.execute("SELECT text FROM outbound_messages WHERE lane = 'notice'").fetchall()
        repeats = connection.execute(
            "SELECT recipient, text FROM outbound_messages WHERE channel = 'wechat' AND repeated_at IS NOT NULL"
        ).fetchall()
        _count_states(connection, verdict)
    opened = {number: (kind, NONCE.findall(words or "")) for number, kind, words in rows}
    said_by_us = {text for (text,) in notices}
    for conversation in told:
        verdict.counts["notices"] += sum(text in said_by_us for text in conversation.received)
        conversation.received = [text for text in conversation.received if text not in said_by_us]
        twice = [text for recipient, text in repeats if recipient == conversation.name]
        repeated = Counter(_nonce_of(text, conversation, opened) for text in twice)
        _judge_one(verdict, conversation, opened, repeated)
    _judge_opened(verdict, told, opened)
    return verdict


def _count_states(connection: psycopg.Connection[Any], verdict: Verdict) -> None:
    for table in ("inbound_messages", "outbound_messages"):
        query = f"SELECT state, count(*) FROM {table} GROUP BY 1"
        for state, count in connection.execute(query.encode()):
            verdict.counts[f"{table.removesuffix('_messages')} {state}"] = count
    for state in ("inbound failed", "outbound failed", "outbound expired", "outbound in_doubt"):
        if verdict.counts[state]:
            verdict.wrong.append(f"{verdict.counts[state]} messages: {state}")


def _judge_one(
    verdict: Verdict, told: Told, opened: dict[str, tuple[str, list[str]]], repeated: Counter[str | None]
) -> None:
    answered: list[str] = []
    sympathy = 0
    for text in told.received:
        if APOLOGY.search(text):
            verdict.counts["apologies"] += 1
            continue
        sympathy += SYMPATHY.search(text) is not None
        if (nonce := _nonce_of(text, told, opened)) is None:
            if SYMPATHY.search(text):
                continue
            verdict.wrong.append(f"{told.name}: unexpected text {text[:80]!r}")
        elif answered and answered[-1] == nonce and told.channel == "wechat" and repeated[nonce] > 0:
            repeated[nonce] -= 1
            verdict.counts["duplicates of WeChat sends in doubt"] += 1
        else:
            answered.append(nonce)
    expected = [line.nonce for line in told.lines]
    verdict.counts["said"] += len(expected)
    verdict.counts["answered once, in order"] += len(expected) if answered == expected else 0
    reports = sum(line.opens == "claim" for line in told.lines)
    if told.channel != "wechat" and sympathy != reports:
        verdict.wrong.append(
            f"{told.name}: the first part of the answer to {reports} report came {sympathy} times"
        )
    if answered != expected:
        verdict.wrong.append(f"{told.name}: answered {_short(answered)} instead of {_short(expected)}")


def _nonce_of(text: str, told: Told, opened: dict[str, tuple[str, list[str]]]) -> str | None:
    """The nonce that a reply carries, or that the ticket or claim carries which it names."""
    if nonces := NONCE.findall(text):
        return nonces[0] if len(set(nonces)) == 1 else None
    for number in OPENED.findall(text):
        kind, nonces = opened.get(number, ("", []))
        for line in told.lines:
            if line.opens == kind and line.told_by in nonces:
                return line.nonce
    return None


def _judge_opened(verdict: Verdict, told: list[Told], opened: dict[str, tuple[str, list[str]]]) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for kind, nonces in opened.values():
        found.update((kind, nonce) for nonce in set(nonces))
    for conversation in told:
        for line in conversation.lines:
            if line.opens is not None and line.told_by is not None:
                count = found[line.opens, line.told_by]
                what = "claim" if line.opens == "claim" else "ticket"
                verdict.counts[f"{what}s that exist once"] += count == 1
                if count != 1:
                    verdict.wrong.append(f"{conversation.name}: {count} {what}s for {line.told_by}")


def _short(nonces: list[str]) -> str:
    return " ".join(nonce[-2:] for nonce in nonces)
