"""Quiet hours: when people are not to be disturbed, in the insurer's zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(hours: dict[str, str], at: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours around `at` end (aware, in the insurer's zone); None outside them, or without any.

    `hours` is `{"from": "21:00", "to": "08:30"}` and may span midnight.
    """
    begin, end = time.fromisoformat(hours["from"]), time.fromisoformat(hours["to"])
    local = at.astimezone(zone)
    now = local.time()
    is_quiet = begin <= now < end if begin <= end else now >= begin or now < end
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if now >= end else 0)
    return datetime.combine(day, end, zone)
