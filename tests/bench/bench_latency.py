"""from a customer's message to the answer at the platform, beside a direct call of the bot over HTTP

Ours: webhook, store, worker, bot, commit, outbox, the platform's fake. Direct: the same text posted to the same Rasa
server's input channel, the two in turn. (The server has no other channel: a stock REST channel knows no token.)
Before each there is a second for the customer to read, in which the platform tells what became of the last answer. Both
conversations have the same number of turns behind them, and the bot's memory of both begins anew after as many.
"""

from __future__ import annotations

import secrets
import statistics
import time

import httpx
from dotenv import dotenv_values
from twilio.request_validator import RequestValidator

from backend.core.business import DEFAULTS
from tests.bench.frame import Product, Row, milliseconds, percentile
from tests.e2e.conftest import Product as Demo

TURNS = 40
WARM_UP = 5
TEXT = "你好"
EPISODE = int(DEFAULTS["episode"]["turns"])
PHONE = "+13135550901"
PAUSE = 1.0
LOOK_EVERY = 0.05  # seconds; the phone notes when the answer came, so looking seldom costs no accuracy


def run(product: Product) -> list[Row]:
    """One conversation, 40 turns each way."""
    demo = product.demo()
    settings = {**dotenv_values(demo.data_folder / "secrets.env"), **demo.environment}
    ours: list[float] = []
    direct: list[float] = []
    with httpx.Client(timeout=30, trust_env=False) as http:
        for turn in range(TURNS + WARM_UP):
            time.sleep(PAUSE)
            taken = _through_us(demo, settings, http)
            time.sleep(PAUSE)
            beside = _direct(settings, http, turn)
            if turn >= WARM_UP:
                ours.append(taken)
                direct.append(beside)
    extra = statistics.median(ours) - statistics.median(direct)
    rows = [_row(name, ours, direct, share) for name, share in (("p50", 0.5), ("p95", 0.95))]
    return [*rows, Row("more at p50", milliseconds(extra), "", None, "at most 30 ms", extra <= 0.030)]


def _row(name: str, ours: list[float], direct: list[float], share: float) -> Row:
    mine, theirs = percentile(ours, share), percentile(direct, share)
    return Row(name, milliseconds(mine), milliseconds(theirs), mine / theirs)


def _through_us(demo: Demo, settings: dict[str, str | None], http: httpx.Client) -> float:
    """Seconds from posting the message until its first answer is at the phone."""
    before = len(_arrivals(demo, http))
    url = f"{demo.base_url}/channels/sms/inbound"
    form = {
        "MessageSid": f"SM{secrets.token_hex(16)}", "AccountSid": str(settings["TWILIO_ACCOUNT_SID"]),
        "From": PHONE, "To": str(settings["TWILIO_FROM_NUMBER"]), "Body": TEXT, "NumMedia": "0",
    }  # fmt: skip
    signature = str(RequestValidator(settings["TWILIO_AUTH_TOKEN"]).compute_signature(url, form))
    posted = time.time()
    http.post(url, data=form, headers={"X-Twilio-Signature": signature}).raise_for_status()
    while len(arrivals := _arrivals(demo, http)) == before:
        time.sleep(LOOK_EVERY)
    return arrivals[before] - posted


def _arrivals(demo: Demo, http: httpx.Client) -> list[float]:
    messages = http.get(f"{demo.simulator_url}/_fake/twilio/messages").json()
    return [message["arrived"] for message in messages if message["to"] == PHONE]


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
