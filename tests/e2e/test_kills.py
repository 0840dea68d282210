"""Kill a process in the middle: one apology at most, then the answer; nothing lost, nothing doubled."""

from __future__ import annotations

import itertools
import time

import httpx
import pytest

from tests.e2e.conftest import Product
from tests.e2e.sms import SmsPhone

LAST_FOUR = itertools.count(100)


@pytest.fixture
def phone(product: Product) -> SmsPhone:
    """A number that nobody of the demo has, and no other test."""
    return SmsPhone(product, f"+1313555{next(LAST_FOUR):04d}")


def answers(phone: SmsPhone) -> list[str]:
    return [message["body"] for message in phone.received()]


def test_the_bot_dies_and_comes_back(product: Product, phone: SmsPhone) -> None:
    product.kill("bot")
    assert phone.send("犹豫期是多久") == 200
    phone.wait_for(2, seconds=120)
    apology, answer = answers(phone)
    assert "抱歉" in apology
    assert "犹豫期" in answer


@pytest.mark.parametrize("name", ["worker", "api", "actions"])
def test_other_processes_die_and_nothing_is_lost(product: Product, phone: SmsPhone, name: str) -> None:
    assert phone.send("你好") == 200
    product.kill(name)
    phone.wait_for(1, seconds=60)
    deadline = time.monotonic() + 60
    while not product.is_well() and time.monotonic() < deadline:
        time.sleep(0.5)
    assert phone.send("等待期是什么意思") == 200
    phone.wait_for(2, seconds=60)
    time.sleep(2)
    said = [text for text in answers(phone) if "系统暂时有点慢" not in text]
    assert len(said) == 2
    assert "等待期" in said[1]


def test_a_forged_message_stores_nothing(product: Product, phone: SmsPhone) -> None:
    assert phone.send("你好", signature="ä-forged") == 403
    time.sleep(1)
    assert phone.received() == []


def test_a_very_long_message_is_recorded_and_answered_politely(product: Product, phone: SmsPhone) -> None:
    assert phone.send("字" * 100_000) == 200
    phone.wait_for(1, seconds=30)
    assert "太长" in answers(phone)[0]


def test_the_api_answers_ready_while_the_bot_is_away(product: Product) -> None:
    product.kill("bot")
    with httpx.Client(base_url=product.base_url, trust_env=False, timeout=10) as client:
        assert client.get("/health/ready").status_code == 200
        assert client.get("/health/parts").json()["parts"]["database"] == "ok"
    deadline = time.monotonic() + 120
    while not product.is_well() and time.monotonic() < deadline:
        time.sleep(0.5)
    assert product.is_well()
