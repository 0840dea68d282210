"""What each business setting must look like; a wrong value is refused where it is written, not where it is used."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, Self

from limits import parse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from backend.claims.catalogue import catalogue
from backend.customers.facts import NAMES as FACTS
from backend.notices.models import Purpose
from backend.tickets.models import TicketKind

Channel = Literal["wechat", "sms", "web"]
Change = Literal[
    "contact.phone",
    "contact.address",
    "contact.email",
    "payment_account",
    "beneficiary",
    "surrender",
    "renewal",
]
Text = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM")]
Day = Annotated[int, Field(ge=0, le=365)]
Days = Annotated[list[Day], Field(max_length=6)]
Points = Annotated[int, Field(ge=0, le=1000)]
Kept = Annotated[int, Field(ge=1, le=36_500, description="days")]


def _once(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("each value only once")
    return values


def _rate(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,6}/(second|minute|hour|day)", text):
        raise ValueError("write it as a number per second, minute, hour or day: 40/minute")
    parse(text)
    return text


def _amount(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("write an amount in CNY: 5000.00") from error
    if not amount.is_finite() or not 0 <= amount <= 10_000_000:
        raise ValueError("between 0 and 10,000,000 CNY")
    return f"{amount:.2f}"


def _claim_type(code: str) -> str:
    if code not in catalogue().types:
        raise ValueError("there is no such kind of claim")
    return code


def _fact(name: str) -> str:
    if name not in FACTS:
        raise ValueError(f"rules may ask for: {', '.join(sorted(FACTS))}")
    return name


def _no_link(text: str) -> str:
    if "://" in text:
        raise ValueError("carriers pass no links")
    return text


Rate = Annotated[str, AfterValidator(_rate)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class ServiceHours(Strict):
    days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1), AfterValidator(_once)]
    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("service must close after it opens, on the same day")
        return self


class BindingHours(Strict):
    wechat: int = Field(ge=1, le=8760)
    sms: int = Field(ge=1, le=8760)
    web: int = Field(ge=1, le=8760)


class Episode(Strict):
    idle_minutes: int = Field(ge=5, le=1440)
    turns: int = Field(ge=5, le=200)
    idle_minutes_in_form: int = Field(ge=5, le=10_080)


class Span(Strict):
    """Either hours, counted through, or working days."""

    hours: int | None = Field(None, ge=0, le=8760)
    working_days: int | None = Field(None, ge=1, le=250)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.hours is None) == (self.working_days is None):
            raise ValueError("either hours or working_days")
        return self


class Clocks(Strict):
    first_response: Span
    proposal: Span | None = None
    outcome: Span


def _every_kind(clocks: dict[str, Clocks]) -> dict[str, Clocks]:
    if missing := sorted(set(TicketKind) - clocks.keys()):
        raise ValueError(f"missing: {', '.join(missing)}")
    return clocks


class Routing(Strict):
    capacity: int = Field(ge=1, le=100)
    offer_seconds: int = Field(ge=10, le=600)
    unanswered_minutes: int = Field(ge=1, le=1440)
    warn_share: float = Field(gt=0, lt=1)
    queue_updates: dict[Channel, Annotated[int, Field(ge=30, le=86_400)]]


class RateLimits(Strict):
    contact: Rate
    account: Rate
    refused_posts: Rate


class Overload(Strict):
    waiting_messages: int = Field(ge=100, le=10_000_000)
    posts_at_once: int = Field(ge=10, le=10_000)


class RetentionDays(Strict):
    conversations: Kept
    hidden_numbers: Kept
    trackers: Kept
    verifications: Kept
    idempotency_keys: Kept
    sign_ins: Kept
    import_reports: Kept
    claim_drafts: Kept = 90


class Weight(Strict):
    per: float = Field(gt=0, le=1_000_000)
    points: float = Field(ge=0, le=1000)
    most: float = Field(ge=0, le=1000)


class Tiers(Strict):
    gold: Points
    silver: Points

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.silver >= self.gold:
            raise ValueError("gold needs more points than silver")
        return self


class ValueModel(Strict):
    premium: Weight
    years: Weight
    persistence: Weight
    cross_holding: Weight
    tiers: Tiers


class Sign(Strict):
    points: Points


class LongOverdue(Sign):
    days: int = Field(ge=1, le=730)


class PaidLate(Sign):
    most: Points


class DecliningContact(Sign):
    least: int = Field(alias="from", ge=1, le=1000)


class LapseRiskModel(Strict):
    overdue: Sign
    long_overdue: LongOverdue
    past_lapse: Sign
    paid_late: PaidLate
    declining_contact: DecliningContact
    listed_from: int = Field(ge=1, le=1000)


class Condition(Strict):
    fact: Annotated[str, AfterValidator(_fact)]
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("at_least, at_most or both")
        return self


class TagRule(Strict):
    tag: str = Field(min_length=1, max_length=30, pattern=r"^[^\x00-\x1f\x7f]*$")
    conditions: list[Condition] = Field(alias="all", min_length=1, max_length=10)


class CoreSystem(Strict):
    is_connected: bool


class SmallClaims(Strict):
    is_on: bool
    types: Annotated[list[Annotated[str, AfterValidator(_claim_type)]], AfterValidator(_once)]
    limit: Annotated[str, AfterValidator(_amount)]
    per_year: int = Field(ge=0, le=100)
    report_days: int = Field(ge=0, le=365)


class WeChatTemplate(Strict):
    template_id: str = Field(min_length=1, max_length=100)
    fields: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,30}\d{0,3}$")], Text]


class ChinaWording(Strict):
    zh: Annotated[Text, AfterValidator(_no_link)]


class Review(Strict):
    confidence_below: float = Field(ge=0, le=1)


class QuietHours(Strict):
    begin: ClockTime = Field(alias="from")
    end: ClockTime = Field(alias="to")


Cap = tuple[Annotated[int, Field(ge=1, le=1000)], Annotated[int, Field(ge=1, le=365)]]


def _every_purpose(caps: dict[str, Cap]) -> dict[str, Cap]:
    if missing := sorted(set(Purpose) - caps.keys()):
        raise ValueError(f"missing: {', '.join(missing)}")
    return caps


class NoticeLeadDays(Strict):
    premium_due: Days
    premium_overdue: Days
    renewal: Days
    documents_missing: Annotated[list[Day], Field(min_length=1, max_length=6)]
    follow_up_policy: Days
    follow_up_claim: Days
    follow_up_ticket: Days


def _whole(least: int, most: int) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[int, Field(strict=True, ge=least, le=most)])


SCHEMAS: dict[str, TypeAdapter[Any]] = {
    "service_hours": TypeAdapter(ServiceHours),
    "binding_hours": TypeAdapter(BindingHours),
    "episode": TypeAdapter(Episode),
    "ticket_clocks": TypeAdapter(Annotated[dict[TicketKind, Clocks], AfterValidator(_every_kind)]),
    "routing": TypeAdapter(Routing),
    "target_first_response_minutes": _whole(1, 1440),
    "rate_limits": TypeAdapter(RateLimits),
    "overload": TypeAdapter(Overload),
    "retention_years_of_contracts": _whole(1, 100),
    "retention_days": TypeAdapter(RetentionDays),
    "value_model": TypeAdapter(ValueModel),
    "lapse_risk_model": TypeAdapter(LapseRiskModel),
    "tag_rules": TypeAdapter(Annotated[list[TagRule], Field(max_length=100)]),
    "changes_agents_confirm": TypeAdapter(Annotated[list[Change], AfterValidator(_once)]),
    "core_system": TypeAdapter(CoreSystem),
    "small_claims": TypeAdapter(SmallClaims),
    "claim_draft_days": _whole(1, 365),
    "wechat_templates": TypeAdapter(dict[Name, WeChatTemplate]),
    "sms_templates_cn": TypeAdapter(dict[Name, ChinaWording]),
    "review": TypeAdapter(Review),
    "quiet_hours": TypeAdapter(QuietHours),
    "notice_caps": TypeAdapter(Annotated[dict[Purpose, Cap], AfterValidator(_every_purpose)]),
    "notice_lead_days": TypeAdapter(NoticeLeadDays),
    "notice_channels": TypeAdapter(Annotated[list[Channel], Field(min_length=1), AfterValidator(_once)]),
    "notice_patience_minutes": _whole(1, 1440),
    "campaign_rate_per_minute": _whole(1, 100_000),
}
