"""The business clock: UTC, frozen by ANDA_NOW in demo and tests.

Leases and retries do not use it: they follow the database's clock, which no setting stops.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, tzinfo


def now() -> datetime:
    """The present moment in UTC, or the moment that ANDA_NOW names (ISO 8601; naive means UTC)."""
    frozen = os.environ.get("ANDA_NOW")
    if not frozen:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(frozen)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def machine_now() -> datetime:
    """The real moment in UTC, for retries and time-outs; never frozen."""
    return datetime.now(UTC)


def today(zone: tzinfo) -> date:
    """The business date in the insurer's zone."""
    return now().astimezone(zone).date()
