"""Policies, premiums and beneficiaries as others read them (docs/contracts.md)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, Field

from backend.core.schemas import Money, Names, money
from backend.policies.models import Coverage, PaymentFrequency, Policy, PolicyStatus, Product, ProductType


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


class AgentPolicyRead(AgentPolicySummary):
    """A policy with all that belongs to it."""

    issued_on: date
    coverages: list[CoverageRead]
    beneficiaries: list[AgentBeneficiary]
    source: str
    external_id: str | None
    version: int


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


def share(percent: Decimal) -> int | float:
    """50 for 50.00, 33.33 as it is."""
    return int(percent) if percent == int(percent) else float(percent)
