"""What a segment may be described by: a closed list of conditions, each a typed field. No free SQL, no expressions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.customers.models import Gender, Tier
from backend.notices.models import Purpose
from backend.policies.models import PolicyStatus, ProductType

Word = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]+$")
]
Words = Annotated[list[Word], Field(min_length=1, max_length=50)]
Days = Annotated[int, Field(ge=0, le=36500)]
Age = Annotated[int, Field(ge=0, le=130)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DayRange(_Closed):
    """Days on a calendar, both ends included; either may be open, not both."""

    since: date | None = Field(None, examples=["2026-01-01"])
    until: date | None = Field(None, examples=["2026-12-31"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since is None and self.until is None:
            raise ValueError("name a first or a last day")
        if self.since and self.until and self.since > self.until:
            raise ValueError("the first day comes after the last")
        return self


class DaysAhead(_Closed):
    """Days counted from today, so that a saved segment moves on with the calendar."""

    from_days: Days = Field(0, description="From so many days ahead")
    to_days: Days = Field(description="To so many days ahead", examples=[30])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_days > self.to_days:
            raise ValueError("from_days comes after to_days")
        return self


class Holding(_Closed):
    """A policy that the customer holds; all that is named must be true of the same policy."""

    product_types: list[ProductType] | None = Field(None, min_length=1)
    product_codes: Words | None = None
    statuses: list[PolicyStatus] = Field(
        [PolicyStatus.ACTIVE, PolicyStatus.GRACE], min_length=1, description="In force unless said otherwise"
    )
    issued: DayRange | None = None
    ends: DayRange | None = None
    ends_in: DaysAhead | None = None
    premium_due_in: DaysAhead | None = Field(None, description="An unpaid premium falls due in these days")
    is_overdue: Literal[True] | None = Field(None, description="A premium that fell due is unpaid")


class LastContact(_Closed):
    """When the customer last wrote to us, by any channel."""

    within_days: Days | None = Field(None, description="Wrote in the last so many days")
    not_within_days: Days | None = Field(None, description="Did not write for so many days, or never")
    channels: list[Literal["wechat", "sms", "web"]] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.within_days is None) == (self.not_within_days is None):
            raise ValueError("give either within_days or not_within_days")
        return self


class ConsentIs(_Closed):
    """What the customer agreed to; what was never said counts as the purpose's default."""

    purpose: Purpose
    given: bool = True


class Conditions(_Closed):
    """All that are given must hold; a list means any of its entries. Nothing given means everybody."""

    tags: Words | None = None
    tiers: list[Tier] | None = Field(None, min_length=1)
    regions: Words | None = Field(None, description="Of the record's region, or named in the address")
    languages: list[Literal["zh-Hans", "zh-Hant", "en"]] | None = Field(None, min_length=1)
    genders: list[Gender] | None = Field(None, min_length=1)
    age_from: Age | None = None
    age_to: Age | None = None
    birthday_in: DaysAhead | None = None
    customer_since: DayRange | None = Field(None, description="The first policy was issued in these days")
    holds: list[Holding] = Field([], max_length=5, description="Each is a policy they hold")
    has_open_claim: bool | None = None
    has_open_ticket: bool | None = None
    last_contact: LastContact | None = None
    consent: ConsentIs | None = None
    at_risk_of_lapse: bool | None = Field(None, description="On the lapse-risk list")


class SegmentFilter(_Closed):
    """Those who meet all of `include` and do not meet all of `exclude`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "include": {
                        "tiers": ["gold", "silver"],
                        "regions": ["上海"],
                        "holds": [{"product_types": ["auto"], "ends_in": {"to_days": 30}}],
                    },
                    "exclude": {"has_open_claim": True},
                }
            ]
        },
    )
    include: Conditions = Conditions()
    exclude: Conditions | None = None

    @model_validator(mode="after")
    def _excludes_somebody(self) -> Self:
        if self.exclude is not None and not self.exclude.model_dump(exclude_defaults=True):
            raise ValueError("exclude names nothing, so it would exclude everybody")
        return self
