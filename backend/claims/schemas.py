"""Claims as others read them (docs/contracts.md)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from backend.claims.models import Claim, Complexity, Decision, DisputeOutcome, Stage
from backend.core.schemas import Money, Names
from backend.policies.models import ProductType

EventText = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]+$")]


class DocumentName(BaseModel):
    code: str = Field(examples=["invoice"])
    name: Names


class ClaimStage(BaseModel):
    """What may be told at identity level 1: no amounts, no documents."""

    number: str = Field(examples=["C2026000101"])
    product_type: ProductType
    stage: Stage
    incident_date: date
    reported_date: date
    stage_since: date
    next_step_by: date | None = Field(
        description="By the service standards; null while nothing is due from us"
    )


class ClaimRead(ClaimStage):
    """A claim as its policyholder may know it."""

    policy_number: str
    missing_documents: list[DocumentName]
    claimed_amount: Money | None
    approved_amount: Money | None
    paid_date: date | None
    decision_reason: str | None = Field(description="In the customer's language")


class BotClaims(BaseModel):
    items: list[ClaimRead]


class EventRead(BaseModel):
    event_id: str
    stage: Stage
    occurred_at: datetime
    note: str | None
    recorded_at: datetime
    is_out_of_order: bool


class DocumentRead(DocumentName):
    is_required: bool
    received_at: datetime | None


class FileRead(BaseModel):
    """A picture or PDF of a claim."""

    id: int
    code: str | None = Field(description="Which document it is; null until somebody said so")
    name: str = Field(examples=["invoice.jpg"], description="As it was called; for display only")
    content_type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes")
    url: str = Field(examples=["/api/v1/files/5f0c…"], description="Where those who may can fetch it")
    received_at: datetime
    received_from: str = Field(examples=["contact:42"])


class RuleRead(BaseModel):
    """One condition of the small-claim rule with what it saw."""

    code: str = Field(examples=["amount_below_limit"])
    is_met: bool
    seen: str = Field(examples=["3200.00"])
    wanted: str = Field(examples=["< 5000.00 CNY"])


class DecisionRead(BaseModel):
    """A decision, or (`decision` null) the small-claim rule leaving the claim to a human."""

    decision: Decision | None
    approved_amount: Money | None
    reason: Names | None
    note: str | None
    decided_by: str = Field(examples=["rule", "agent:3"])
    decided_by_name: str | None = Field(None, description="Of an agent", examples=["李娜"])
    decided_at: datetime
    rules: list[RuleRead]


class DisputeRead(BaseModel):
    """A dispute of a decision; open while `outcome` is null."""

    id: int
    reason: str
    raised_by: str
    ticket_number: str | None
    opened_at: datetime
    due_on: date = Field(description="Five working days after it was raised")
    outcome: DisputeOutcome | None
    outcome_note: str | None
    closed_by: str | None
    closed_at: datetime | None


class AgentClaimSummary(ClaimStage):
    """A claim in an agent's list."""

    policy_number: str
    customer_id: int
    customer_name: str
    type: str
    type_name: Names
    missing_documents: list[DocumentName]
    claimed_amount: Money | None
    approved_amount: Money | None
    paid_date: date | None


class AgentClaimRead(AgentClaimSummary):
    """A claim with its history and documents."""

    complexity: Complexity
    description: str | None
    incident_place: str | None
    injured: bool | None
    contact_phone: str | None = Field(description="Of this loss, masked")
    is_flagged: bool = Field(description="A human wants to see it: never approved by rule")
    decision: Decision | None
    decision_date: date | None
    decision_reason: Names | None
    paid_amount: Money | None
    payment_reference: str | None
    documents: list[DocumentRead]
    files: list[FileRead]
    events: list[EventRead]
    decisions: list[DecisionRead]
    disputes: list[DisputeRead]
    allowed_stages: list[Stage] = Field(description="Where an agent may move it")
    source: str
    external_id: str | None
    version: int


class ClaimTypeRead(BaseModel):
    """A kind of claim."""

    type: str = Field(examples=["accident_medical"])
    name: Names
    products: list[ProductType]
    documents: list[DocumentName]


class ClaimTypes(BaseModel):
    items: list[ClaimTypeRead]
    reasons: list[DocumentName] = Field(description="Reasons of decisions that are worded in both languages")


class ClaimPage(BaseModel):
    items: list[AgentClaimSummary]
    next: str | None = Field(description="`cursor` of the next page; null on the last")


class EventCreate(BaseModel):
    """Progress of a claim as the insurer's core system tells it."""

    event_id: Annotated[EventText, Field(max_length=200, description="The same id again changes nothing")]
    stage: Stage
    occurred_at: AwareDatetime = Field(examples=["2026-11-22T09:30:00+08:00"], description="With its zone")
    note: Annotated[EventText, Field(max_length=2000)] | None = None


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def missing(claim: Claim) -> list[str]:
    """Codes of required documents that have not arrived; nothing is missing once a claim is decided."""
    if claim.stage not in (Stage.REPORTED, Stage.AWAITING_DOCUMENTS, Stage.UNDER_REVIEW, Stage.INVESTIGATING):
        return []
    return [
        document.code for document in claim.documents if document.is_required and not document.received_at
    ]
