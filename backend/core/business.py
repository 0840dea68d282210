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
    # First response and outcome by kind of ticket (service standards of the trade); working days end with their day.
    "ticket_clocks": {
        "inquiry": {"first_response": {"hours": 24}, "outcome": {"hours": 72}},
        "complaint": {
            "first_response": {"hours": 24},
            "proposal": {"hours": 48},
            "outcome": {"working_days": 10},
        },
        "dispute": {"first_response": {"hours": 24}, "outcome": {"working_days": 5}},
        "change_request": {"first_response": {"hours": 24}, "outcome": {"working_days": 5}},
        "surrender": {"first_response": {"hours": 24}, "outcome": {"working_days": 5}},
        "urgent": {"first_response": {"hours": 0}, "outcome": {"hours": 24}},
        "quote": {"first_response": {"hours": 24}, "outcome": {"hours": 72}},
        "callback": {"first_response": {"hours": 24}, "outcome": {"hours": 72}},
        "suggestion": {"first_response": {"hours": 24}, "outcome": {"working_days": 10}},
    },
    # How tickets find their agent, and when the customer hears of the place in the queue (seconds by channel).
    "routing": {
        "capacity": 6,
        "offer_seconds": 45,
        "unanswered_minutes": 10,
        "warn_share": 0.2,
        "queue_updates": {"web": 120, "wechat": 600},
    },
    "target_first_response_minutes": 20,
    # How fast messages are taken: of one contact, of one account of ours, and refused posts of one address.
    "rate_limits": {"contact": "40/minute", "account": "6000/minute", "refused_posts": "60/minute"},
    # Beyond it the platforms are told to post again later.
    "overload": {"waiting_messages": 20_000, "posts_at_once": 200},
    # Contracts are kept so long after they ended; what is said and technical records, so many days.
    "retention_years_of_contracts": 5,
    "retention_days": {
        "conversations": 1825,
        "hidden_numbers": 730,
        "trackers": 90,
        "verifications": 90,
        "idempotency_keys": 30,
        "sign_ins": 90,
        "import_reports": 30,
        "claim_drafts": 90,
    },
    # Points that make a tier: CNY of premium a year, full years with us, premiums paid on time, products held.
    "value_model": {
        "premium": {"per": 1000, "points": 2, "most": 40},
        "years": {"per": 1, "points": 2, "most": 20},
        "persistence": {"per": 1, "points": 20, "most": 20},
        "cross_holding": {"per": 1, "points": 7, "most": 20},
        "tiers": {"gold": 55, "silver": 30},
    },
    # Points for each reason to fear a lapse; the list shows who has `listed_from` of them.
    "lapse_risk_model": {
        "overdue": {"points": 35},
        "long_overdue": {"points": 20, "days": 30},
        "past_lapse": {"points": 20},
        "paid_late": {"points": 5, "most": 15},
        "declining_contact": {"points": 15, "from": 4},
        "listed_from": 20,
    },
    # A tag holds while all its conditions do; `fact` is one of backend/customers/facts.py.
    "tag_rules": [
        {"tag": "高保费", "all": [{"fact": "annual_premium", "at_least": 20000}]},
        {"tag": "多险种", "all": [{"fact": "product_types", "at_least": 3}]},
        {"tag": "保费逾期", "all": [{"fact": "overdue_days", "at_least": 1}]},
        {"tag": "理赔中", "all": [{"fact": "open_claims", "at_least": 1}]},
    ],
    # Changes that an agent may confirm; every other kind needs the right changes:approve.
    "changes_agents_confirm": ["contact.address", "contact.email", "renewal"],
    # Whether the insurer's core system fetches approved changes and answers; without one they are applied here at once.
    "core_system": {"is_connected": False},
    # Claims that may be approved by rule: below the limit (CNY), at most so many a customer in 365 days, reported
    # within so many days. `is_on` false leaves every decision to humans.
    "small_claims": {
        "is_on": True,
        "types": ["accident_medical"],
        "limit": "5000.00",
        "per_year": 3,
        "report_days": 30,
    },
    # A claim that was begun and not confirmed is forgotten after so many days.
    "claim_draft_days": 30,
    # WeChat template messages: our name → {"template_id": …, "fields": {the platform's field: "text with {value}"}}.
    # `reply_waiting` stands in for a reply that WeChat does not let us send any more.
    "wechat_templates": {},
    # Wordings registered with the carriers of mainland China, the only SMS that +86 numbers may be sent:
    # our name → {"zh": "…{value}…"}. Links are not allowed.
    "sms_templates_cn": {},
    # Notices are not sent in these hours (the insurer's zone), but for dangers; they wait for the morning.
    "quiet_hours": {"from": "21:00", "to": "08:30"},
    # At most so many notices of a purpose in so many days, to one customer.
    "notice_caps": {"service": [10, 1], "reminders": [3, 7], "greetings": [2, 30], "marketing": [1, 7]},
    # Days before (premium_due, renewal) or after; several days are several reminders.
    "notice_lead_days": {
        "premium_due": [14, 3],
        "premium_overdue": [1, 30],
        "renewal": [30],
        "documents_missing": [3, 10],
        "follow_up_policy": [3],
        "follow_up_claim": [3],
        "follow_up_ticket": [1],
    },
    # The order in which channels are tried where a customer has neither chosen nor used one.
    "notice_channels": ["wechat", "sms", "web"],
    # A notice that a channel has not taken, or a web page not shown, for so long goes by the next channel.
    "notice_patience_minutes": 30,
    # Messages that were understood with less confidence go to the review list (why this much: docs/improving.md).
    "review": {"confidence_below": 0.75},
    # All campaigns together.
    "campaign_rate_per_minute": 600,
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
