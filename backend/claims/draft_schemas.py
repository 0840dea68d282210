"""The draft of a claim as others read and write it (docs/contracts.md)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.claims.schemas import ClaimRead, DocumentName
from backend.core.schemas import Money, Names
from backend.policies.models import ProductType

REQUIRED = ("policy_number", "type", "incident_date", "description")
Told = StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")
Amount = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2, allow_inf_nan=False)]


class NeededDocument(DocumentName):
    """A document that a kind of claim needs."""

    is_required: bool = True


class DraftDocument(BaseModel):
    """A file handed in with the draft."""

    id: str = Field(
        examples=["371"], description="What `documents/{id}` calls it; of an agent's upload `file:12`"
    )
    code: str | None = Field(description="Which document it is, once somebody said so")
    name: str = Field(examples=["invoice.jpg"])
    received_at: datetime


class DraftRead(BaseModel):
    """A loss being told; `missing` lists what is still to be asked."""

    id: int
    version: int = Field(description="Grows with every change")
    started_on: str = Field(examples=["wechat"])
    policy_number: str | None
    product_type: ProductType | None
    type: str | None = Field(examples=["accident_medical"])
    incident_date: date | None
    incident_place: str | None
    description: str | None
    claimed_amount: Money | None
    injured: bool | None
    contact_phone: str | None = Field(examples=["138****8000"], description="Masked")
    documents: list[DraftDocument]
    documents_needed: list[NeededDocument]
    missing: list[str] = Field(examples=[["incident_date", "description"]])
    updated_at: datetime


class DraftChange(BaseModel):
    """What to set; null clears a field, what is not named stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"type": "accident_medical", "incident_date": "2026-11-20"}]},
    )
    version: int | None = Field(
        None, ge=1, le=2**31, description="Refused unless the draft still has this version"
    )
    policy_number: Annotated[str, Told, Field(max_length=100)] | None = None
    product_type: ProductType | None = None
    type: Annotated[str, Told, Field(max_length=100)] | None = None
    incident_date: date | None = None
    incident_place: Annotated[str, Told, Field(max_length=500)] | None = None
    description: Annotated[str, Told, Field(max_length=4000)] | None = None
    claimed_amount: Money | Amount | None = None
    injured: bool | None = None
    contact_phone: Annotated[str, Told, Field(max_length=40)] | None = None


class DraftFound(BaseModel):
    draft: DraftRead | None = Field(description="Null when none is open")


class DraftConfirm(BaseModel):
    """`version` refuses to confirm what was changed meanwhile."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})
    version: int | None = Field(None, ge=1, le=2**31)


class TypeMaterials(BaseModel):
    """A kind of claim with the documents it needs."""

    type: str = Field(examples=["accident_medical"])
    name: Names
    product_type: ProductType
    documents: list[NeededDocument]


class MaterialsFound(BaseModel):
    types: list[TypeMaterials]


class BotConfirmed(BaseModel):
    """What became of a confirmed draft."""

    claim: ClaimRead
    documents_needed: list[NeededDocument]
    approved_by_rule: bool = Field(description="The small-claim rule approved it at once")
