"""Business settings: one audited table with defaults in code, changed in the console."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base

DEFAULTS: dict[str, Any] = {
    # Days count from Monday = 0, in the insurer's zone.
    "service_hours": {"days": [0, 1, 2, 3, 4, 5, 6], "opens": "08:30", "closes": "20:30"},
    # How long a proof of identity holds, in hours, by channel.
    "binding_hours": {"wechat": 720, "sms": 24, "web": 24},
    # A new episode of the bot's memory begins after so many idle minutes or turns.
    "episode": {"idle_minutes": 60, "turns": 40, "idle_minutes_in_form": 1440},
    # First response and outcome in hours by kind of ticket (service standards of the trade).
    "ticket_clocks": {
        "inquiry": [24, 72],
        "complaint": [24, 48],
        "dispute": [24, 120],
        "change_request": [24, 120],
        "surrender": [24, 120],
        "urgent": [0, 24],
        "quote": [24, 72],
        "callback": [24, 72],
        "suggestion": [24, 240],
    },
    "target_first_response_minutes": 20,
}


class BusinessSetting(Base):
    """A setting that differs from its default."""

    __tablename__ = "business_settings"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def setting(session: AsyncSession, key: str) -> Any:
    """The value in force; raises KeyError for a setting that does not exist."""
    default = DEFAULTS[key]
    changed = await session.get(BusinessSetting, key)
    return changed.value["value"] if changed else default


def _clock_time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def next_opening(hours: dict[str, Any], at: datetime, zone: ZoneInfo) -> datetime | None:
    """None while service is open at `at`, else the next moment it opens (aware, in the insurer's zone)."""
    local = at.astimezone(zone)
    opens, closes = _clock_time(hours["opens"]), _clock_time(hours["closes"])
    if local.weekday() in hours["days"] and opens <= local.time() < closes:
        return None
    for days_ahead in range(8):
        day = local.date() + timedelta(days=days_ahead)
        opening = datetime.combine(day, opens, zone)
        if day.weekday() in hours["days"] and opening > local:
            return opening
    raise ValueError("service_hours name no day")
