"""What a demo policy or claim is to be, before it becomes rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backend.claims.models import Stage
from backend.policies.models import PaymentFrequency, PolicyStatus, ProductType, Relationship


@dataclass(frozen=True)
class BeneficiarySpec:
    name: str
    relationship: Relationship
    share_percent: int


@dataclass(frozen=True)
class PolicySpec:
    """A policy; instalments fall on the same day as `issued_on`, every month or year."""

    number: str
    product: ProductType
    status: PolicyStatus
    issued_on: date
    sum_insured: int
    premium: Decimal
    frequency: PaymentFrequency
    insured_name: str
    years: int
    beneficiaries: tuple[BeneficiarySpec, ...] = ()


@dataclass(frozen=True)
class Step:
    """A stage reached `after` days from the step before (the report is day 0)."""

    stage: Stage
    after: int = 0


@dataclass(frozen=True)
class ClaimSpec:
    """A claim; its last step happened `days_ago`, everything else follows from the steps."""

    number: str
    policy_number: str
    type: str
    steps: tuple[Step, ...]
    days_ago: int
    claimed: Decimal
    approved: Decimal | None = None
    reason: str | None = None
    missing: tuple[str, ...] = ()
    story: str | None = None
