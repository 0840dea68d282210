"""What can be asked for, and how a request is shown."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.changes.models import ChangeKind, ChangeState
from backend.conversations.api import AgentName
from backend.conversations.free_text import FreeText, Line
from backend.core.schemas import Money, Names
from backend.policies.models import Relationship
from backend.policies.schemas import BeneficiaryShare
from backend.tickets.schemas import CustomerName

PolicyNumber = Annotated[str, Field(min_length=1, max_length=100, examples=["P2024000123"])]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContactDetails(_Asked):
    field: Literal["phone", "address", "email"]
    value: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")


class AccountDetails(_Asked):
    account: str = Field(
        min_length=1,
        max_length=60,
        description="The number, or the reference that stands for it in the chat",
        examples=["⟦bank:7f3a91c2⟧"],
    )
    bank: Line | None = None
    holder_name: Line | None = Field(None, description="Of the account; null: the customer's own")


class BeneficiaryDetails(_Asked):
    """Either `action` with a person, or `wish`: the customer's own words, which a human works out."""

    action: Literal["add", "remove", "replace"] | None = None
    name: Line | None = None
    relationship: Relationship | None = None
    share_percent: Decimal | None = Field(None, gt=0, le=100, max_digits=5, decimal_places=2)
    wish: FreeText | None = None


class SurrenderDetails(_Asked):
    reason: FreeText | None = None


class RenewalDetails(_Asked):
    pass


class AskContact(_Asked):
    kind: Literal[ChangeKind.CONTACT]
    policy_number: PolicyNumber | None = Field(None, description="Not needed")
    details: ContactDetails


class AskAccount(_Asked):
    kind: Literal[ChangeKind.PAYMENT_ACCOUNT]
    policy_number: PolicyNumber | None = Field(
        None, description="Null: for all policies without one of their own"
    )
    details: AccountDetails


class AskBeneficiary(_Asked):
    kind: Literal[ChangeKind.BENEFICIARY]
    policy_number: PolicyNumber
    details: BeneficiaryDetails


class AskSurrender(_Asked):
    kind: Literal[ChangeKind.SURRENDER]
    policy_number: PolicyNumber
    details: SurrenderDetails = SurrenderDetails()


class AskRenewal(_Asked):
    kind: Literal[ChangeKind.RENEWAL]
    policy_number: PolicyNumber
    details: RenewalDetails = RenewalDetails()


Ask = Annotated[
    AskContact | AskAccount | AskBeneficiary | AskSurrender | AskRenewal, Field(discriminator="kind")
]
EXAMPLES = {
    "address": {
        "summary": "A new address",
        "value": {"kind": "contact", "details": {"field": "address", "value": "北京市朝阳区演示路 9 号"}},
    },
    "beneficiary": {
        "summary": "One beneficiary instead of all",
        "value": {
            "kind": "beneficiary",
            "policy_number": "P2023000456",
            "details": {"action": "replace", "name": "张磊", "relationship": "spouse"},
        },
    },
}


class Check(BaseModel):
    code: str = Field(examples=["proof_is_fresh", "phone_is_free", "check_digit", "no_open_claim"])
    is_ok: bool


class ChangeLine(BaseModel):
    """One thing before or after; numbers are masked."""

    name: str = Field(examples=["phone"])
    value: str = Field(examples=["+86142****0101"])


class ChangeRead(BaseModel):
    number: str = Field(examples=["R2026000007"])
    kind: ChangeKind
    field: str | None = Field(description="Of `contact`: phone, address or email")
    state: ChangeState
    summary: Names
    customer: CustomerName
    policy_number: str | None
    ticket_number: str | None
    asked_at: datetime
    asked_by: AgentName | None = Field(description="Null: the customer themselves, on a channel")
    needs_supervisor: bool = Field(description="Whether only somebody with changes:approve may confirm it")
    decided_at: datetime | None
    decided_by: AgentName | None
    decline_reason: str | None
    sent_at: datetime | None
    applied_at: datetime | None
    version: int


class ChangeDetail(ChangeRead):
    """With what was there and what is to be, masked, and the checks made when it was asked."""

    before: list[ChangeLine]
    after: list[ChangeLine]
    checks: list[Check]
    is_resolved: bool = Field(
        description="False while the customer's wish has to be worked out before it is approved"
    )
    core_reference: str | None


class ChangePage(BaseModel):
    items: list[ChangeRead]
    next: str | None


class Approve(_Asked):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 1}]})
    version: int = Field(
        ge=1, le=2**62, description="Of the request as you read it: nobody approves what they did not see"
    )
    beneficiaries: list[BeneficiaryShare] | None = Field(
        None, min_length=1, max_length=10, description="What a wish amounts to, or what corrects the proposal"
    )


class Decline(_Asked):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"version": 1, "reason": "not_confirmed"}]}
    )
    version: int = Field(ge=1, le=2**62)
    reason: Literal["not_confirmed", "not_possible", "withdrawn", "suspicious"]


class CoreAnswer(_Asked):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"state": "applied", "reference": "END-2026-0815"}]}
    )
    state: Literal[ChangeState.SENT, ChangeState.APPLIED, ChangeState.DECLINED]
    reference: Line | None = Field(None, description="What the core system calls it")


class ChangeInFull(BaseModel):
    """For the core system: nothing masked."""

    number: str
    kind: ChangeKind
    policy_number: str | None
    customer_id: int
    before: list[ChangeLine]
    after: list[ChangeLine]


class SurrenderTermsRead(BaseModel):
    """What giving up this policy today brings and costs. Codes are for catalogues."""

    policy_number: str
    product_name: Names
    is_cooling_off: bool
    cash_value: Money | None
    refund: Money | None = Field(description="Null where a person has to work it out")
    loses: list[str]
    alternatives: list[str]


class ChangeAsked(BaseModel):
    """The answer to the bot: the request and the ticket that stands for it."""

    id: int
    number: str
    kind: ChangeKind
    state: ChangeState
    ticket_number: str | None
    summary: Names
    mode: str
    is_open: bool
    opens_at: datetime | None


class OwnChange(BaseModel):
    id: int
    number: str
    kind: ChangeKind
    state: ChangeState
    ticket_number: str | None
    summary: Names
    asked_at: datetime


class OwnChanges(BaseModel):
    items: list[OwnChange]
