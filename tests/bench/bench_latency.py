"""from a customer's message to the answer at the platform, beside a direct call of the bot over HTTP

Ours: webhook, store, worker, bot, commit, outbox, the platform's fake. Direct: the same text posted to the same Rasa
server's input channel. (The server has no other channel: a stock REST channel knows no token.) Bare: the least that
stores the message, asks the bot, stores the answer and sends it (tests/bench/bare_way.py). All in turn; before each
there is a second for the customer to read, in which the platform tells what became of the last answer. The three
conversations have the same number of turns behind them, and the bot's memory of each begins anew after as many.
"""

from __future__ import annotations

import contextlib
import secrets
import statistics
import time
from collections.abc import Iterator

import httpx
import psycopg
from dotenv import dotenv_values
from twilio.request_validator import RequestValidator

from backend.core.business import DEFAULTS
from tests.bench import bare_way
from tests.bench.frame import Product, Row, free_port, milliseconds, percentile
from tests.e2e.conftest import Product as Demo

TURNS = 40
WARM_UP = 5
TEXT = "你好"
EPISODE = int(DEFAULTS["episode"]["turns"])
PHONE, BARE_PHONE = "+13135550901", "+13135550902"
PAUSE = 1.0
LOOK_EVERY = 0.05  # seconds; the phone notes when the answer came, so looking seldom costs no accuracy


def run(product: Product) -> list[Row]:
    """One conversation, 40 turns each way."""
    demo = product.demo()
    settings = {**dotenv_values(demo.data_folder / "secrets.env"), **demo.environment}
    taken: dict[str, list[float]] = {"ours": [], "direct": [], "bare": []}
    with _bare_way(product, demo, settings) as bare_url, httpx.Client(timeout=30, trust_env=False) as http:
        ways = {
            "ours": lambda turn: _through(
                f"{demo.base_url}/channels/sms/inbound", PHONE, demo, settings, http
            ),
            "direct": lambda turn: _direct(settings, http, turn),
            "bare": lambda turn: _through(f"{bare_url}/inbound", BARE_PHONE, demo, settings, http),
        }
        for turn in range(TURNS + WARM_UP):
            for name, way in ways.items():
                time.sleep(PAUSE)
                seconds = way(turn)
                if turn >= WARM_UP:
                    taken[name].append(seconds)
    ours, direct, bare = (statistics.median(taken[name]) for name in taken)
    return [
        _row("p50", taken["ours"], taken["direct"], 0.5),
        _row("p95", taken["ours"], taken["direct"], 0.95),
        Row("more at p50", milliseconds(ours - direct), "", None, "at most 30 ms", ours - direct <= 0.030),
        _row("p50, beside the bare way", taken["ours"], taken["bare"], 0.5),
        Row(
            "more at p50, beside the bare way",
            milliseconds(ours - direct),
            milliseconds(bare - direct),
            (ours - direct) / (bare - direct),
        ),
    ]


@contextlib.contextmanager
def _bare_way(product: Product, demo: Demo, settings: dict[str, str | None]) -> Iterator[str]:
    """The bare way's endpoint and worker, with a database of their own, before the demo's bot and platform."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with product.database() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(bare_way.TABLE)
        named = (
            "ANDA_BOT_URL",
            "ANDA_SERVICE_TOKEN",
            "TWILIO_ACCOUNT_SID",
            "TWILIO_AUTH_TOKEN",
            "TWILIO_FROM_NUMBER",
        )
        theirs = {name: str(settings[name]) for name in named}
        theirs |= {
            "TWILIO_API_URL": demo.simulator_url,
            "BENCH_EPISODE": str(EPISODE),
            "ANDA_PORT": str(port),
        }
        environment = product.environment(dsn, **theirs)
        with (
            product.process("tests.bench.bare_way", environment, f"{url}/ready", ["api"]),
            product.process("tests.bench.bare_way", environment, "", ["worker"]),
        ):
            yield url


def _row(name: str, ours: list[float], direct: list[float], share: float) -> Row:
    mine, theirs = percentile(ours, share), percentile(direct, share)
    return Row(name, milliseconds(mine), milliseconds(theirs), mine / theirs)


def _through(url: str, phone: str, demo: Demo, settings: dict[str, str | None], http: httpx.Client) -> float:
    """Seconds from posting the message until its first answer is at the phone."""
    before = len(_arrivals(demo, phone, http))
    form = {
        "MessageSid": f"SM{secrets.token_hex(16)}", "AccountSid": str(settings["TWILIO_ACCOUNT_SID"]),
        "From": phone, "To": str(settings["TWILIO_FROM_NUMBER"]), "Body": TEXT, "NumMedia": "0",
    }  # fmt: skip
    signature = str(RequestValidator(settings["TWILIO_AUTH_TOKEN"]).compute_signature(url, form))
    posted = time.time()
    http.post(url, data=form, headers={"X-Twilio-Signature": signature}).raise_for_status()
    while len(arrivals := _arrivals(demo, phone, http)) == before:
        time.sleep(LOOK_EVERY)
    return arrivals[before] - posted


def _arrivals(demo: Demo, phone: str, http: httpx.Client) -> list[float]:
    messages = http.get(f"{demo.simulator_url}/_fake/twilio/messages").json()
    return [message["arrived"] for message in messages if message["to"] == phone]


def _direct(settings: dict[str, str | None], http: httpx.Client, number: int) -> float:
    question = {
        "message_id": f"9{number}{secrets.randbelow(10**9)}", "sender_id": f"bench:{number // EPISODE}",
        "text": TEXT, "command": None, "language": "zh-Hans", "channel": "sms", "level": 0,
        "received_at": "2026-11-23T01:02:03+00:00",
    }  # fmt: skip
    token = {"Authorization": f"Bearer {settings['ANDA_SERVICE_TOKEN']}"}
    asked = time.time()
    http.post(
        f"{settings['ANDA_BOT_URL']}/webhooks/anda/message", json=question, headers=token
    ).raise_for_status()
    return time.time() - asked
