"""Dates and money in each language's way."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from actions.settings import settings

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SIGNS = {"CNY": "¥", "USD": "US$", "HKD": "HK$", "EUR": "€"}


def business_day(received_at: str | None) -> date:
    """Return the day, in the insurer's zone, of an ISO time; of now when there is none."""
    zone = ZoneInfo(settings().timezone)
    moment = datetime.fromisoformat(received_at) if received_at else settings().now or datetime.now(zone)
    return moment.astimezone(zone).date() if moment.tzinfo else moment.date()


def format_date(iso: str | None, language: str) -> str:
    """Return `2026年11月24日` or `24 November 2026`; an empty string for None."""
    if not iso:
        return ""
    day = date.fromisoformat(iso[:10])
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def format_moment(iso: str | None, language: str) -> str:
    """Return day and time in the insurer's zone: `11月24日 09:00`, `24 November, 09:00`; empty for None."""
    if not iso:
        return ""
    moment = datetime.fromisoformat(iso)
    if moment.tzinfo is not None:
        moment = moment.astimezone(ZoneInfo(settings().timezone))
    if language == "zh":
        return f"{moment.month}月{moment.day}日 {moment:%H:%M}"
    return f"{moment.day} {_MONTHS[moment.month - 1]}, {moment:%H:%M}"


def format_money(money: dict[str, Any] | None, language: str) -> str:
    """Return `¥4,200.00` or `CNY 4,200.00`; an empty string for None."""
    if not money:
        return ""
    amount = f"{Decimal(money['amount']):,.2f}"
    currency = money["currency"]
    if language == "zh":
        return f"{_SIGNS.get(currency, currency + ' ')}{amount}"
    return f"{currency} {amount}"


def join(names: list[str], language: str) -> str:
    """Return a list of names in one line: `甲、乙`, `a, b`."""
    return (", " if language == "en" else "、").join(names)
