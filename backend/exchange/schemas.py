"""What the insurer's core system sends, and what it fetches."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from backend.changes.schemas import ChangeRead
from backend.claims.models import Complexity, Decision, Stage
from backend.claims.schemas import AgentClaimSummary
from backend.conversations.free_text import FreeText, Line
from backend.core.schemas import Names
from backend.customers.models import Gender, IdType
from backend.customers.schemas import EMAIL, CustomerRead
from backend.policies.models import PaymentFrequency, PolicyStatus
from backend.policies.schemas import AgentPolicySummary, BeneficiaryShare

MOST = 500
Amount = Annotated[Decimal, Field(ge=0, le=Decimal("999999999.99"), max_digits=11, decimal_places=2)]
# Far enough for any contract, and near enough to reckon with.
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]
ExternalId = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$", examples=["100001"])
]


class _Pushed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    external_id: ExternalId = Field(description="The record's number in your system")
    version: int = Field(
        ge=0,
        le=2**62,
        description="Your version of it: it must grow. Lower than known: ignored",
        examples=[7],
    )


class CustomerPush(_Pushed):
    """The whole customer as you know it: what is left out or null is emptied."""

    name: Line
    latin_name: Line | None = None
    gender: Gender | None = None
    birth_date: Day | None = None
    phone: str | None = Field(None, max_length=40, description="A new one ends every proof of identity")
    email: str | None = Field(None, max_length=200, pattern=EMAIL)
    address: Line | None = None
    region: Line | None = None
    occupation: Line | None = None
    language: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    id_type: IdType = IdType.RESIDENT_ID
    id_number: str | None = Field(
        None, min_length=5, max_length=40, description="Null keeps the one on record"
    )


class PartPush(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: ExternalId
    name: Names
    sum_insured: Amount


class CoveragePush(PartPush):
    deductible: Amount = Decimal(0)
    waiting_period_days: int = Field(0, ge=0, le=3660)


class RiderPush(PartPush):
    premium: Amount
    start_date: Day
    end_date: Day


class InstalmentPush(BaseModel):
    model_config = ConfigDict(extra="forbid")
    due_date: Day
    amount: Amount
    paid_date: Day | None = None


class PolicyPush(_Pushed):
    """The whole policy as you know it. A list that is null leaves what is on record, one that is given replaces it."""

    number: str = Field(pattern=r"^P[0-9]{10}$", examples=["P2024000123"])
    product_code: str = Field(max_length=100, examples=["auto"])
    holder_external_id: ExternalId = Field(description="The holder's number in your system")
    insured_name: Line
    status: PolicyStatus
    issued_on: Day
    start_date: Day
    end_date: Day
    sum_insured: Amount
    premium: Amount = Field(description="Of one instalment")
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$")
    payment_frequency: PaymentFrequency
    cash_value: Amount | None = None
    coverages: list[CoveragePush] | None = Field(None, max_length=50)
    riders: list[RiderPush] | None = Field(None, max_length=50)
    instalments: list[InstalmentPush] | None = Field(None, max_length=600)
    beneficiaries: list[BeneficiaryShare] | None = Field(None, max_length=10)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.issued_on <= self.start_date <= self.end_date:
            raise ValueError("issued_on, start_date and end_date must follow each other")
        for rows, key in ((self.coverages, "code"), (self.riders, "code"), (self.instalments, "due_date")):
            keys = [getattr(row, key) for row in rows or ()]
            if len(set(keys)) != len(keys):
                raise ValueError(f"two entries have the same {key}")
        return self


class DocumentPush(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: ExternalId = Field(examples=["claim_form"])
    is_required: bool = True
    received_at: AwareDatetime | None = None


class ClaimPush(_Pushed):
    """The whole claim as you know it. A new `stage` is recorded as an event of the claim, and the customer is told."""

    number: str = Field(pattern=r"^C[0-9]{10}$", examples=["C2026000101"])
    policy_number: str = Field(pattern=r"^P[0-9]{10}$", examples=["P2024000123"])
    type: str = Field(
        max_length=50,
        description="Which kind of loss; decides what documents are needed",
        examples=["auto_damage"],
    )
    complexity: Complexity = Complexity.SIMPLE
    description: FreeText | None = None
    incident_date: Day
    reported_date: Day
    stage: Stage
    stage_since: AwareDatetime
    claimed_amount: Amount | None = None
    approved_amount: Amount | None = None
    paid_amount: Amount | None = None
    paid_date: Day | None = None
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$")
    decision: Decision | None = None
    decision_date: Day | None = None
    decision_reason: FreeText | None = None
    documents: list[DocumentPush] | None = Field(
        None, max_length=50, description="Null leaves those on record"
    )


class CustomersPush(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {"external_id": "100001", "version": 7, "name": "王芳", "phone": "+8614200000101"}
                    ]
                }
            ]
        },
    )
    items: list[CustomerPush] = Field(min_length=1, max_length=MOST)


class PoliciesPush(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "external_id": "P2024000123",
                            "version": 4,
                            "number": "P2024000123",
                            "product_code": "auto",
                            "holder_external_id": "100001",
                            "insured_name": "王芳",
                            "status": "active",
                            "issued_on": "2024-12-01",
                            "start_date": "2025-12-01",
                            "end_date": "2026-11-30",
                            "sum_insured": "1000000.00",
                            "premium": "4200.00",
                            "payment_frequency": "annual",
                        }
                    ]
                }
            ]
        },
    )
    items: list[PolicyPush] = Field(min_length=1, max_length=MOST)


class ClaimsPush(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "external_id": "C2026000101",
                            "version": 2,
                            "number": "C2026000101",
                            "policy_number": "P2024000123",
                            "type": "auto_damage",
                            "incident_date": "2026-11-01",
                            "reported_date": "2026-11-02",
                            "stage": "under_review",
                            "stage_since": "2026-11-10T02:00:00Z",
                            "claimed_amount": "3200.00",
                        }
                    ]
                }
            ]
        },
    )
    items: list[ClaimPush] = Field(min_length=1, max_length=MOST)


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"  # this very version is known
    OUT_OF_DATE = "out_of_date"  # a newer version is known: ignored
    REJECTED = "rejected"


class Pushed(BaseModel):
    external_id: str
    outcome: Outcome
    code: str | None = Field(None, description="Why it was rejected, for machines", examples=["invalid"])
    detail: str | None = Field(None, description="… and for people")
    field: str | None = None


class PushAnswer(BaseModel):
    """One outcome an item, in the order of the items. What is rejected keeps nothing from the others."""

    items: list[Pushed]


class _FeedItem(BaseModel):
    id: int
    changed_at: datetime
    is_deleted: bool


class CustomerItem(_FeedItem):
    record: CustomerRead | None = Field(description="As it is now; null when it was removed")


class PolicyItem(_FeedItem):
    record: AgentPolicySummary | None


class ClaimItem(_FeedItem):
    record: AgentClaimSummary | None


class ChangeItem(_FeedItem):
    record: ChangeRead | None


class _Feed(BaseModel):
    next: str = Field(
        description="Keep it, and send it as `cursor` next time, even when there was nothing new"
    )
    more: bool = Field(description="Whether to ask again at once")


class CustomerFeed(_Feed):
    items: list[CustomerItem]


class PolicyFeed(_Feed):
    items: list[PolicyItem]


class ClaimFeed(_Feed):
    items: list[ClaimItem]


class ChangeFeed(_Feed):
    items: list[ChangeItem]
