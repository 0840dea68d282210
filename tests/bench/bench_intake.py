"""acknowledging a message, beside a bare endpoint that inserts one row in the same database

Both are one process on the same cores and database, without the worker; the rounds alternate, so that whatever else
the machine does meets both. The load comes from a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys

import psycopg

from tests.bench.frame import ROOT, Product, Row, free_port, milliseconds, percentile

ROUNDS = 6
SECONDS = 4.0
AT_ONCE = 16


def run(product: Product) -> list[Row]:
    """Messages of 400 people by SMS, 16 posts at once."""
    port, bare_port = free_port(), free_port()
    with product.database() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE bare_messages (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)"
            )
        ours = product.environment(dsn, ANDA_PORT=str(port))
        bare = product.environment(dsn, ANDA_PORT=str(bare_port))
        with (
            product.process("backend.main", ours, f"http://127.0.0.1:{port}/health/live"),
            product.process("tests.bench.bare", bare, f"http://127.0.0.1:{bare_port}/ready"),
        ):
            return _rows(*_measure(port, bare_port, AT_ONCE), *_measure(port, bare_port, 1))


def _measure(port: int, bare_port: int, at_once: int) -> tuple[list[float], list[float]]:
    _load(port, bare_port, "ours", 1.0, at_once, "warm")
    _load(port, bare_port, "bare", 1.0, at_once, "warm")
    ours: list[float] = []
    bare: list[float] = []
    for number in range(ROUNDS):
        ours += _load(port, bare_port, "ours", SECONDS, at_once, f"{at_once}-{number}")
        bare += _load(port, bare_port, "bare", SECONDS, at_once, f"{at_once}-{number}")
    return ours, bare


def _load(port: int, bare_port: int, which: str, seconds: float, at_once: int, label: str) -> list[float]:
    arguments = [str(port if which == "ours" else bare_port), which, str(seconds), str(at_once), label]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: list[float] = json.loads(done.stdout)
    return found


def _rows(
    ours: list[float], bare: list[float], ours_alone: list[float], bare_alone: list[float]
) -> list[Row]:
    rate, bare_rate = (len(taken) / (ROUNDS * SECONDS) for taken in (ours, bare))
    slow, bare_slow = percentile(ours, 0.99), percentile(bare, 0.99)
    return [
        Row(
            f"accepted a second, {AT_ONCE} at once", f"{rate:.0f}/s", f"{bare_rate:.0f}/s", rate / bare_rate,
            "at least 0.5", rate >= bare_rate / 2,
        ),
        _latency(f"p50, {AT_ONCE} at once", ours, bare, 0.5),
        Row(
            f"p99, {AT_ONCE} at once", milliseconds(slow), milliseconds(bare_slow), slow / bare_slow,
            "at most 3", slow <= bare_slow * 3,
        ),
        _latency("p50, one after the other", ours_alone, bare_alone, 0.5),
        _latency("p99, one after the other", ours_alone, bare_alone, 0.99),
    ]  # fmt: skip


def _latency(name: str, ours: list[float], bare: list[float], share: float) -> Row:
    mine, theirs = percentile(ours, share), percentile(bare, share)
    return Row(name, milliseconds(mine), milliseconds(theirs), mine / theirs)
