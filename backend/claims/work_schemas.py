"""What agents and other systems may write about a claim."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.claims.models import Complexity, Decision, DisputeOutcome, Stage
from backend.core.schemas import Money

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=r"^[^\x00]*$")
]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*$")
]
Version = Annotated[int, Field(ge=1, le=2**31, description="The version you have read", examples=[3])]


def _examples(*bodies: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": list(bodies)})


class ClaimCreate(BaseModel):
    """First notice of loss by an agent or another system."""

    model_config = _examples(
        {
            "policy_number": "P2024000123",
            "type": "auto_damage",
            "incident_date": "2026-11-20",
            "description": "倒车时剐蹭石柱",
            "claimed_amount": {"amount": "3200.00", "currency": "CNY"},
        }
    )
    policy_number: Name
    type: Name = Field(description="A key of `GET /api/v1/claims/types`")
    incident_date: date
    description: Words | None = None
    incident_place: Name | None = None
    claimed_amount: Money | None = None
    injured: bool | None = None
    contact_phone: Annotated[Name, Field(max_length=40)] | None = None
    reported_date: date | None = Field(None, description="Today unless given")
    source: Name | None = Field(None, description="The system that `external_id` belongs to")
    external_id: Name | None = Field(
        None, description="Its number there; the same one again is the same claim"
    )

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.source is None) != (self.external_id is None):
            raise ValueError("source and external_id go together")
        return self


class ClaimUpdate(BaseModel):
    """Corrections by an agent; what is not named stays, null clears."""

    model_config = _examples({"version": 3, "claimed_amount": {"amount": "2800.00", "currency": "CNY"}})
    version: Version
    description: Words | None = None
    incident_place: Name | None = None
    claimed_amount: Money | None = None
    complexity: Complexity | None = None
    injured: bool | None = None
    contact_phone: Annotated[Name, Field(max_length=40)] | None = None
    is_flagged: bool | None = Field(None, description="True: a human wants to see it, whatever the rules say")


class TransitionCreate(BaseModel):
    model_config = _examples({"stage": "investigating", "version": 3, "note": "需现场查勘"})
    stage: Stage
    version: Version
    note: Words | None = None


class DecisionCreate(BaseModel):
    model_config = _examples(
        {
            "decision": "partly_approved",
            "approved_amount": {"amount": "2700.00", "currency": "CNY"},
            "reason": "deductible_applied",
            "version": 3,
        }
    )
    decision: Decision
    approved_amount: Money | None = None
    reason: Words = Field(
        description="A key of the catalogue's reasons, or your own words; the customer reads it"
    )
    note: Words | None = Field(None, description="For colleagues only")
    version: Version


class PaymentCreate(BaseModel):
    model_config = _examples({"amount": {"amount": "2700.00", "currency": "CNY"}, "version": 4})
    amount: Money
    paid_on: date | None = Field(None, description="Today unless given")
    reference: Name | None = Field(None, description="Of the bank transfer")
    version: Version


class DisputeCreate(BaseModel):
    model_config = _examples({"reason": "客户认为免赔额不应扣两次"})
    reason: Words


class DisputeClose(BaseModel):
    model_config = _examples({"outcome": "upheld", "note": "已向客户解释条款第八条"})
    outcome: DisputeOutcome
    note: Words | None = None


class DocumentChange(BaseModel):
    """Waive a document, ask for it again, or say that it is here (on paper, say)."""

    model_config = _examples({"is_required": False}, {"is_received": True})
    is_required: bool | None = None
    is_received: bool | None = None


class FileChange(BaseModel):
    model_config = _examples({"code": "invoice"})
    code: Name = Field(description="Which of the claim's documents this file is")


class MediaAttach(BaseModel):
    model_config = _examples({"media_id": 371, "code": "invoice"})
    media_id: int = Field(ge=1, le=2**62, description="Of a customer's message")
    code: Name | None = None
