"""Policies, premiums and beneficiaries as others read them (docs/contracts.md)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from backend.conversations.free_text import Line
from backend.core.schemas import Money, Names, money
from backend.policies.models import (
    Coverage,
    PartKind,
    PaymentFrequency,
    PaymentMethod,
    Policy,
    PolicyRider,
    PolicyStatus,
    Product,
    ProductType,
    Relationship,
)


class CoverageRead(BaseModel):
    name: Names
    sum_insured: Money
    deductible: Money
    waiting_period_days: int


class PolicySummary(BaseModel):
    """A policy in a list."""

    number: str = Field(examples=["P2024000123"])
    product_type: ProductType
    product_name: Names
    status: PolicyStatus
    insured_name: str
    start_date: date
    end_date: date = Field(description="The last day of the present period")
    sum_insured: Money
    premium: Money = Field(description="Of one instalment")
    payment_frequency: PaymentFrequency


class PolicyRead(PolicySummary):
    """A policy with what it covers."""

    coverages: list[CoverageRead]


class PremiumStatus(StrEnum):
    DUE = "due"
    OVERDUE = "overdue"
    PAID = "paid"  # nothing further to pay


class PremiumRead(BaseModel):
    """The next unpaid instalment of a policy; the last one, `paid`, when there is nothing further to pay."""

    policy_number: str
    product_type: ProductType
    product_name: Names
    due_date: date
    amount: Money
    status: PremiumStatus
    last_paid_date: date | None
    grace_until: date | None = Field(description="Null where the terms know no grace period, and once paid")


class BeneficiaryRead(BaseModel):
    policy_number: str
    name: str
    relationship: str = Field(description="In the customer's language", examples=["配偶", "spouse"])
    share_percent: int | float


class BotPolicies(BaseModel):
    items: list[PolicySummary]


class BotPremiums(BaseModel):
    items: list[PremiumRead]


class BotBeneficiaries(BaseModel):
    items: list[BeneficiaryRead]


class AgentPolicySummary(PolicySummary):
    """A policy in an agent's list."""

    holder_id: int
    holder_name: str
    next_premium: PremiumRead | None = Field(description="Null when the policy is not in force")


class AgentBeneficiary(BaseModel):
    name: str
    relationship: Names
    share_percent: int | float


class RiderRead(BaseModel):
    code: str
    name: Names
    sum_insured: Money
    premium: Money = Field(description="Of one instalment, within the policy's")
    start_date: date
    end_date: date


class AgentPolicyRead(AgentPolicySummary):
    """A policy with all that belongs to it."""

    issued_on: date
    coverages: list[CoverageRead]
    riders: list[RiderRead]
    exclusions: list[Names]
    beneficiaries: list[AgentBeneficiary]
    source: str
    external_id: str | None
    version: int = Field(description="Send it back with a change; it grows with every change")


class PartRead(BaseModel):
    kind: PartKind
    code: str
    name: Names
    waiting_period_days: int
    deductible: Money


class ProductRead(BaseModel):
    """What is sold, and on which terms."""

    code: str = Field(examples=["auto"])
    type: ProductType
    name: Names
    grace_days: int | None = Field(description="Cover continues so long after a due date")
    cooling_off_days: int | None
    reinstatement_years: int | None
    parts: list[PartRead] = Field(description="Coverages, riders on offer, exclusions")


class Products(BaseModel):
    items: list[ProductRead]


class InstalmentRead(BaseModel):
    due_date: date
    amount: Money
    paid: Money = Field(description="So far")
    paid_date: date | None = Field(description="When the last part of it was paid; null while it is open")


class Instalments(BaseModel):
    items: list[InstalmentRead]


class PaymentCreate(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "amount": "4200.00",
                    "paid_on": "2026-11-20",
                    "method": "bank",
                    "external_id": "PAY-20261120-0007",
                }
            ]
        },
    )
    amount: Decimal = Field(gt=0, le=Decimal("999999999.99"), max_digits=11, decimal_places=2)
    paid_on: date = Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))
    method: PaymentMethod
    external_id: Line | None = Field(
        None, description="Its number where it came in; the same one again is the same payment"
    )


class PaymentRead(BaseModel):
    id: int
    policy_number: str
    amount: Money
    paid_on: date
    method: PaymentMethod
    pays: list[date] = Field(description="The due dates of the instalments that it went to")
    unused: Money = Field(description="What is left when nothing is open")
    source: str
    external_id: str | None
    recorded_at: datetime


class PaymentPage(BaseModel):
    items: list[PaymentRead]
    next: str | None


class BeneficiaryShare(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Line
    relationship: Relationship
    share_percent: Decimal = Field(gt=0, le=100, max_digits=5, decimal_places=2)


class BeneficiariesReplace(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "version": 2,
                    "beneficiaries": [
                        {"name": "张磊", "relationship": "spouse", "share_percent": "60"},
                        {"name": "张子涵", "relationship": "daughter", "share_percent": "40"},
                    ],
                }
            ]
        },
    )
    version: int = Field(ge=1, le=2**62, description="Of the policy that you read; 409 when it changed since")
    beneficiaries: list[BeneficiaryShare] = Field(min_length=1, max_length=10)


class PolicyPage(BaseModel):
    items: list[AgentPolicySummary]
    next: str | None


def product_name(product: Product) -> Names:
    return Names(zh=product.name_zh, en=product.name_en)


def summary(policy: Policy) -> PolicySummary:
    """Needs the policy's product loaded."""
    return PolicySummary(
        number=policy.number,
        product_type=ProductType(policy.product.type),
        product_name=product_name(policy.product),
        status=PolicyStatus(policy.status),
        insured_name=policy.insured_name,
        start_date=policy.start_date,
        end_date=policy.end_date,
        sum_insured=money(policy.sum_insured, policy.currency),
        premium=money(policy.premium, policy.currency),
        payment_frequency=PaymentFrequency(policy.payment_frequency),
    )


def coverage(row: Coverage) -> CoverageRead:
    return CoverageRead(
        name=Names(zh=row.name_zh, en=row.name_en),
        sum_insured=money(row.sum_insured, row.currency),
        deductible=money(row.deductible, row.currency),
        waiting_period_days=row.waiting_period_days,
    )


def rider(row: PolicyRider) -> RiderRead:
    return RiderRead(
        code=row.code,
        name=Names(zh=row.name_zh, en=row.name_en),
        sum_insured=money(row.sum_insured, row.currency),
        premium=money(row.premium, row.currency),
        start_date=row.start_date,
        end_date=row.end_date,
    )


def share(percent: Decimal) -> int | float:
    """50 for 50.00, 33.33 as it is."""
    return int(percent) if percent == int(percent) else float(percent)
