"""Claims as others read them (docs/contracts.md)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from backend.claims.models import Claim, Complexity, Decision, Stage
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


class AgentClaimSummary(ClaimStage):
    """A claim in an agent's list."""

    policy_number: str
    customer_id: int
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
    decision: Decision | None
    decision_date: date | None
    decision_reason: Names | None
    paid_amount: Money | None
    documents: list[DocumentRead]
    events: list[EventRead]
    source: str
    external_id: str | None
    version: int


class ClaimPage(BaseModel):
    items: list[AgentClaimSummary]
    next: str | None


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
