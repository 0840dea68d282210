"""Quiet hours in the insurer's zone, over midnight or not."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from backend.notices.quiet import quiet_until

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = {"from": "21:00", "to": "08:30"}


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (NIGHT, "2026-11-23T20:59", None),
        (NIGHT, "2026-11-23T21:00", "2026-11-24T08:30"),
        (NIGHT, "2026-11-24T00:00", "2026-11-24T08:30"),
        (NIGHT, "2026-11-24T08:29", "2026-11-24T08:30"),
        (NIGHT, "2026-11-24T08:30", None),
        ({"from": "12:00", "to": "14:00"}, "2026-11-24T13:00", "2026-11-24T14:00"),
        ({"from": "12:00", "to": "14:00"}, "2026-11-24T11:59", None),
        ({"from": "00:00", "to": "00:00"}, "2026-11-24T11:59", None),
    ],
)
def test_quiet_until(hours: dict[str, str], at: str, until: str | None) -> None:
    expected = datetime.fromisoformat(until).replace(tzinfo=ZONE) if until else None
    assert quiet_until(hours, datetime.fromisoformat(at).replace(tzinfo=ZONE), ZONE) == expected


def test_another_zones_evening_is_this_ones_night() -> None:
    at = datetime.fromisoformat("2026-11-23T14:00:00+00:00")
    assert quiet_until(NIGHT, at, ZONE) == datetime(2026, 11, 24, 8, 30, tzinfo=ZONE)
