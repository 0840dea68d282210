"""Dates and money in each language's way."""

from __future__ import annotations

import pytest

from actions.formatting import format_date, format_moment, format_money
from actions.settings import settings


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_SERVICE_TOKEN", "test-token")
    settings.cache_clear()


def test_dates() -> None:
    assert format_date("2026-11-24", "zh") == "2026年11月24日"
    assert format_date("2026-11-24", "en") == "24 November 2026"
    assert format_date(None, "zh") == ""


def test_money() -> None:
    money = {"amount": "4200.00", "currency": "CNY"}
    assert format_money(money, "zh") == "¥4,200.00"
    assert format_money(money, "en") == "CNY 4,200.00"


def test_moment_is_told_in_the_insurers_zone() -> None:
    assert format_moment("2026-11-23T01:00:00Z", "zh") == "11月23日 09:00"
    assert format_moment("2026-11-23T01:00:00Z", "en") == "23 November, 09:00"
