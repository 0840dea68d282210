"""Working days by the Chinese public calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backend.core.calendar import add_working_days, is_working_day


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 10), True),  # a Saturday worked to make up for it
        (date(2026, 2, 14), True),
        (date(2026, 2, 23), False),
        (date(2025, 1, 26), True),
        (date(2024, 2, 4), True),
        (date(2027, 2, 6), False),
        (date(2030, 10, 1), True),  # beyond the file: Monday to Friday
        (date(2030, 10, 5), False),
    ],
)
def test_the_public_calendar_decides(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_working_days_are_counted_after_the_start() -> None:
    assert add_working_days(date(2026, 11, 20), 0) == date(2026, 11, 20)
    assert add_working_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert add_working_days(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert add_working_days(date(2026, 2, 14), 1) == date(2026, 2, 24)
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2026, 11, 20), -1)


def test_every_year_has_as_many_working_days_as_announced() -> None:
    def working_days(year: int) -> int:
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        return sum(is_working_day(day) for day in days if day.year == year)

    # 2024: 251, 2025: 248, 2026: 248 by the State Council's notices.
    assert [working_days(year) for year in (2024, 2025, 2026)] == [251, 248, 248]
