"""Due dates and periods of cover."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier); the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def full_years(since: date, today: date) -> int:
    """Anniversaries of `since` up to and including today."""
    return today.year - since.year - (add_months(since, 12 * (today.year - since.year)) > today)


def every(months: int, since: date, until: date) -> Iterator[date]:
    """`since` and the same day every so many months, until `until` (included)."""
    count = 0
    while (day := add_months(since, months * count)) <= until:
        yield day
        count += 1


def period(issued_on: date, years: int, today: date, renews: bool) -> tuple[date, date]:
    """First and last day of the period of cover; a policy that renews is in the period that holds today."""
    passed = full_years(issued_on, today) // years * years if renews else 0
    start = add_months(issued_on, 12 * max(passed, 0))
    return start, add_months(issued_on, 12 * (max(passed, 0) + years)) - timedelta(days=1)
