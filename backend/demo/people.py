"""People to play, read from people.yml: their numbers never change; dates follow the day of loading."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel

from backend.claims.models import Stage
from backend.customers.models import Gender, IdType
from backend.demo.dates import add_months
from backend.demo.person import Person
from backend.demo.specs import BeneficiarySpec, ClaimSpec, PolicySpec, Step
from backend.policies.models import PaymentFrequency, PolicyStatus, ProductType, Relationship


class PlayedPolicy(BaseModel):
    number: str
    product: ProductType
    status: PolicyStatus = PolicyStatus.ACTIVE
    due_in: int
    months: int
    years: int = 1
    frequency: PaymentFrequency = PaymentFrequency.ANNUAL
    sum: int
    premium: Decimal
    beneficiaries: list[tuple[str, Relationship, int]] = []


class PlayedClaim(BaseModel):
    number: str
    policy: str
    type: str
    steps: list[tuple[Stage, int]]
    days_ago: int
    claimed: Decimal
    approved: Decimal | None = None
    reason: str | None = None
    missing: list[str] = []
    story: str


class PlayedPerson(BaseModel):
    number: str
    name: str
    latin_name: str
    gender: Gender
    birth_date: date
    phone: str
    language: str
    channel: str
    id_type: IdType = IdType.RESIDENT_ID
    id_number: str
    region: str
    address: str
    try_this: str
    policies: list[PlayedPolicy]
    claims: list[PlayedClaim] = []


@cache
def _table() -> list[PlayedPerson]:
    loaded = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return [PlayedPerson.model_validate(entry) for entry in loaded]


def _policy(entry: PlayedPolicy, insured: str, today: date) -> PolicySpec:
    return PolicySpec(
        number=entry.number,
        product=entry.product,
        status=entry.status,
        issued_on=add_months(today + timedelta(days=entry.due_in), -entry.months),
        sum_insured=entry.sum,
        premium=entry.premium,
        frequency=entry.frequency,
        insured_name=insured,
        years=entry.years,
        beneficiaries=tuple(BeneficiarySpec(*named) for named in entry.beneficiaries),
    )


def _claim(entry: PlayedClaim) -> ClaimSpec:
    return ClaimSpec(
        number=entry.number,
        policy_number=entry.policy,
        type=entry.type,
        steps=tuple(Step(stage, after) for stage, after in entry.steps),
        days_ago=entry.days_ago,
        claimed=entry.claimed,
        approved=entry.approved,
        reason=entry.reason,
        missing=tuple(entry.missing),
        story=entry.story,
    )


def people(today: date) -> list[Person]:
    """All of them, with dates as of `today`."""
    return [
        Person(
            **entry.model_dump(exclude={"policies", "claims"}),
            policies=tuple(_policy(policy, entry.name, today) for policy in entry.policies),
            claims=tuple(_claim(claim) for claim in entry.claims),
        )
        for entry in _table()
    ]
