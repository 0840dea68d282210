"""The 360° view: one customer, everything that matters, in one answer."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from backend.changes.models import ChangeKind, ChangeState
from backend.claims.schemas import DocumentName
from backend.core.schemas import Money
from backend.customers.schemas import CustomerRead, RelativeRead, StandingRead
from backend.notices.models import Purpose
from backend.policies.models import ProductType
from backend.policies.schemas import PolicySummary, PremiumStatus
from backend.tasks.models import TaskKind, TaskOrigin


class DuePremium(BaseModel):
    due_date: date
    amount: Money
    status: PremiumStatus
    grace_until: date | None


class PolicyShown(PolicySummary):
    due: DuePremium | None = Field(
        description="The next premium to pay; null when there is none or it is not in force"
    )


class WaitsFor(StrEnum):
    """Who has to move next."""

    CUSTOMER = "customer"  # documents are missing
    INSURER = "insurer"


class ClaimShown(BaseModel):
    """An open claim, and what it waits for."""

    number: str = Field(examples=["C2026000101"])
    policy_number: str
    product_type: ProductType
    type: str
    stage: str
    stage_since: datetime
    incident_date: date
    waits_for: WaitsFor
    missing_documents: list[DocumentName]
    next_step_by: date | None
    claimed_amount: Money | None
    approved_amount: Money | None


class DraftShown(BaseModel):
    """A claim the customer began to report and did not finish."""

    started_on: str
    type: str | None
    updated_at: datetime


class TicketShown(BaseModel):
    number: str
    kind: str
    status: str
    urgency: str
    summary: str
    channel: str
    opened_at: datetime
    resolution_due_at: datetime
    agent: str | None


class TaskShown(BaseModel):
    number: str
    kind: TaskKind
    summary: str
    due_at: datetime
    is_overdue: bool
    origin: TaskOrigin
    owner: str | None


class ChangeShown(BaseModel):
    number: str
    kind: ChangeKind
    field: str | None
    state: ChangeState
    asked_at: datetime
    policy_number: str | None


class InteractionShown(BaseModel):
    id: int
    occurred_at: datetime
    channel: str
    direction: str
    speaker: str
    kind: str
    text: str
    intent: str | None
    agent: str | None


class ChannelShown(BaseModel):
    """A contact that proved to be this customer."""

    channel: str
    bound_at: datetime
    expires_at: datetime
    is_stopped: bool = Field(description="They told this channel to stop")


class ConsentShown(BaseModel):
    purpose: Purpose
    given: bool
    channel: str | None = Field(description="Null: on every channel")
    recorded_at: datetime | None = Field(description="Null: nothing was ever said, this is what holds then")


class Overview(BaseModel):
    """Parts that the caller may not read are null; lists are empty when there is nothing."""

    customer: CustomerRead
    standing: StandingRead
    family: list[RelativeRead]
    channels: list[ChannelShown]
    policies: list[PolicyShown] | None = Field(description="At most 100, those in force first")
    claims: list[ClaimShown] | None = Field(description="Open ones, newest first")
    draft: DraftShown | None
    tickets: list[TicketShown] | None = Field(description="Open ones, most urgent first")
    tasks: list[TaskShown] | None = Field(description="Open ones, what is due first first")
    changes: list[ChangeShown] | None = Field(description="Change requests on their way")
    interactions: list[InteractionShown] | None = Field(
        description="The last 20 over all channels, newest first"
    )
    consents: list[ConsentShown] | None
