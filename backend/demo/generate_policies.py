"""Invents policies for an invented person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from backend.customers.models import Gender
from backend.customers.names import surname_of
from backend.demo.catalogue import ProductTemplate, products
from backend.demo.dates import add_months, full_years
from backend.demo.names import chinese_name, english_name
from backend.demo.specs import BeneficiarySpec, PolicySpec
from backend.policies.models import PaymentFrequency, PolicyStatus, ProductType, Relationship

LONG_TERM = (ProductType.CRITICAL_ILLNESS, ProductType.LIFE)
WITH_BENEFICIARIES = (*LONG_TERM, ProductType.ACCIDENT)
WEIGHTS = {
    ProductType.AUTO: 26,
    ProductType.CRITICAL_ILLNESS: 18,
    ProductType.MEDICAL: 20,
    ProductType.ACCIDENT: 16,
    ProductType.LIFE: 10,
    ProductType.HOME: 10,
}
STATUSES = {
    True: {
        PolicyStatus.ACTIVE: 74,
        PolicyStatus.GRACE: 10,
        PolicyStatus.LAPSED: 9,
        PolicyStatus.SURRENDERED: 7,
    },
    False: {PolicyStatus.ACTIVE: 86, PolicyStatus.EXPIRED: 12, PolicyStatus.SURRENDERED: 2},
}
SHARES = ((100,), (100,), (50, 50), (60, 40), (40, 30, 30))


def products_of(rng: Random) -> list[ProductType]:
    """One to four different products."""
    count = rng.choices((1, 2, 3, 4), (45, 32, 16, 7))[0]
    pool = dict(WEIGHTS)
    chosen = []
    for _ in range(count):
        kind = rng.choices(list(pool), list(pool.values()))[0]
        chosen.append(kind)
        del pool[kind]
    return chosen


def policy(
    rng: Random,
    kind: ProductType,
    holder: tuple[str, date],
    today: date,
    next_number: Callable[[str, int], str],
) -> PolicySpec:
    """A policy of this product for a holder (name, birth date), in any status."""
    template, (name, born) = products()[kind], holder
    weights = STATUSES[kind in LONG_TERM]
    status = rng.choices(list(weights), list(weights.values()))[0]
    frequency = rng.choice(template.frequencies)
    issued = _issued_on(rng, status, frequency, today)
    sum_insured = rng.choice(template.sums)
    return PolicySpec(
        number=next_number("P", issued.year),
        product=kind,
        status=status,
        issued_on=issued,
        sum_insured=sum_insured,
        premium=_premium(rng, template, sum_insured, frequency),
        frequency=frequency,
        insured_name=_insured(rng, kind, name),
        years=rng.choice(template.years)
        if template.years
        else (template.until_age or 70) - full_years(born, issued),
        beneficiaries=_beneficiaries(rng, name) if kind in WITH_BENEFICIARIES else (),
    )


def _insured(rng: Random, kind: ProductType, holder: str) -> str:
    """The holder; under some life policies a parent or a child."""
    if kind != ProductType.LIFE or rng.random() < 0.6:
        return holder
    family_name, gender = surname_of(holder), rng.choice((Gender.FEMALE, Gender.MALE))
    if holder.isascii():
        return english_name(rng, gender, family_name)
    return chinese_name(rng, gender, family_name)[0]


def _issued_on(rng: Random, status: PolicyStatus, frequency: PaymentFrequency, today: date) -> date:
    """A day of issue from which the status follows."""
    step = 1 if frequency == PaymentFrequency.MONTHLY else 12
    match status:
        case PolicyStatus.ACTIVE if frequency == PaymentFrequency.SINGLE:
            return today - timedelta(days=rng.randrange(5, 355))
        case PolicyStatus.ACTIVE:
            return today - timedelta(days=rng.randrange(5, 1500))
        case PolicyStatus.GRACE:
            overdue = today - timedelta(days=rng.randrange(3, 28 if step == 1 else 50))
            return add_months(overdue, -step * rng.randrange(1, 36 // step + 1))
        case PolicyStatus.LAPSED:
            unpaid = today - timedelta(days=rng.randrange(70, 300))
            return add_months(unpaid, -step * rng.randrange(1, 24 // step + 1))
        case _:
            return today - timedelta(days=rng.randrange(400, 1100))


def _premium(
    rng: Random, template: ProductTemplate, sum_insured: int, frequency: PaymentFrequency
) -> Decimal:
    """Of one instalment; paying monthly costs four per cent more."""
    range_ = template.premium
    if range_.rate_from is not None and range_.rate_to is not None:
        yearly = Decimal(round(sum_insured * rng.uniform(range_.rate_from, range_.rate_to), -1))
    else:
        yearly = Decimal(rng.randrange(int(range_.low or 100), int(range_.high or 1000), 2))
    if frequency == PaymentFrequency.MONTHLY:
        yearly = yearly * Decimal("1.04") / 12
    return yearly.quantize(Decimal("0.01"))


def _beneficiaries(rng: Random, holder: str) -> tuple[BeneficiarySpec, ...]:
    """Up to three of the family; their shares make 100."""
    family = [
        (Relationship.SPOUSE, Gender.FEMALE if rng.random() < 0.5 else Gender.MALE),
        (Relationship.SON, Gender.MALE),
        (Relationship.DAUGHTER, Gender.FEMALE),
    ]
    shares = rng.choice(SHARES)
    family_name = surname_of(holder)
    if holder.isascii():
        named = [english_name(rng, gender, family_name) for _, gender in family]
    else:
        # A spouse keeps a name of their own, children have the holder's.
        spouse, *children = family
        named = [chinese_name(rng, spouse[1])[0]]
        named += [chinese_name(rng, gender, family_name)[0] for _, gender in children]
    return tuple(
        BeneficiarySpec(name, relationship, percent)
        for name, (relationship, _), percent in zip(named, family, shares, strict=False)
    )
