"""The insurer's business day."""

from __future__ import annotations

import os
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo


def business_day(received_at: str | None) -> date:
    """Return the day, in the insurer's zone, of an ISO time; of now (`ANDA_NOW` if set) when there is none."""
    zone = ZoneInfo(os.environ.get("ANDA_TIMEZONE") or "Asia/Shanghai")
    instant = received_at or os.environ.get("ANDA_NOW")
    if not instant:
        return datetime.now(zone).date()
    moment = datetime.fromisoformat(instant.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(zone).date()
