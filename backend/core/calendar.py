"""Working days by the Chinese public calendar, make-up working days included.

Years that holidays.yml does not know fall back to Monday to Friday.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("holidays.yml")


def _days(entries: list[date | str]) -> Iterator[date]:
    for entry in entries:
        # YAML reads a single day as a date and leaves a range as text.
        first, _, last = str(entry).partition("/")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            yield day
            day += timedelta(days=1)


@cache
def _exceptions() -> dict[date, bool]:
    """Whether people work, for every day on which the calendar departs from the plain week."""
    years: dict[int, dict[str, list[date | str]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    exceptions: dict[date, bool] = {}
    for year in years.values():
        exceptions |= dict.fromkeys(_days(year["holidays"]), False)
        exceptions |= dict.fromkeys(_days(year["workdays"]), True)
    return exceptions


def is_working_day(day: date) -> bool:
    """Whether public calendar and week make `day` a working day."""
    return _exceptions().get(day, day.weekday() < 5)


def add_working_days(start: date, days: int) -> date:
    """The `days`-th working day after `start` (which itself does not count); `start` for 0."""
    if days < 0:
        raise ValueError("days must not be negative")
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day
