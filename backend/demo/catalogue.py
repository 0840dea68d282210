"""The demo's products and stories, read from products.yml and claims.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, Field

from backend.claims.models import Complexity
from backend.core.schemas import Names
from backend.policies.models import PaymentFrequency, ProductType

FOLDER = Path(__file__).parent


class CoverageTemplate(BaseModel):
    code: str
    name: Names
    sum: int | str  # `policy`: the sum chosen for the policy
    deductible: int = 0
    waiting_days: int = 0


class RiderTemplate(CoverageTemplate):
    premium: int  # CNY a year


class ExclusionTemplate(BaseModel):
    code: str
    name: Names


class PremiumRange(BaseModel):
    """CNY a year: an amount, or a rate on the sum insured."""

    low: float | None = Field(None, alias="from")
    high: float | None = Field(None, alias="to")
    rate_from: float | None = None
    rate_to: float | None = None


class ProductTemplate(BaseModel):
    name: Names
    years: list[int] = []
    until_age: int | None = None
    grace_days: int | None = None
    cooling_off_days: int | None = None
    reinstatement_years: int | None = None
    frequencies: list[PaymentFrequency]
    sums: list[int]
    premium: PremiumRange
    coverages: list[CoverageTemplate]
    riders: list[RiderTemplate] = []
    exclusions: list[ExclusionTemplate] = []
    cash_value_percents: list[int] = []


class AmountRange(BaseModel):
    low: int = Field(alias="from")
    high: int = Field(alias="to")


class Happening(BaseModel):
    """A kind of claim: how often, how expensive (None: the sum insured), told how."""

    weight: int
    complexity: Complexity = Complexity.SIMPLE
    amount: AmountRange | None = None
    stories: list[str]


@cache
def products() -> dict[ProductType, ProductTemplate]:
    loaded = yaml.safe_load((FOLDER / "products.yml").read_text(encoding="utf-8"))
    return {ProductType(code): ProductTemplate.model_validate(entry) for code, entry in loaded.items()}


@cache
def happenings() -> dict[str, Happening]:
    loaded = yaml.safe_load((FOLDER / "claims.yml").read_text(encoding="utf-8"))
    return {code: Happening.model_validate(entry) for code, entry in loaded.items()}
