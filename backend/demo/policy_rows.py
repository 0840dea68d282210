"""A policy as rows: the policy, its coverages, its premium schedule and its beneficiaries."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from backend.core.db import Base
from backend.demo.catalogue import ProductTemplate, products
from backend.demo.dates import add_months, every, period
from backend.demo.specs import PolicySpec
from backend.policies.models import (
    IN_FORCE,
    Beneficiary,
    Coverage,
    PartKind,
    PaymentFrequency,
    Policy,
    PolicyStatus,
    PremiumInstalment,
    Product,
    ProductPart,
    ProductType,
)

MONTHS = {PaymentFrequency.MONTHLY: 1, PaymentFrequency.ANNUAL: 12}
GRACE = 60


def product_rows() -> dict[ProductType, Product]:
    """The six products, unsaved."""
    return {
        kind: Product(
            code=kind,
            type=kind,
            name_zh=template.name.zh,
            name_en=template.name.en,
            grace_days=template.grace_days,
            cooling_off_days=template.cooling_off_days,
            reinstatement_years=template.reinstatement_years,
            cash_value_percents=template.cash_value_percents,
            parts=_product_parts(template),
        )
        for kind, template in products().items()
    }


def _product_parts(template: ProductTemplate) -> list[ProductPart]:
    offered = [(PartKind.COVERAGE, part) for part in template.coverages]
    offered += [(PartKind.RIDER, part) for part in template.riders]
    terms = [
        ProductPart(
            kind=kind,
            position=place,
            code=part.code,
            name_zh=part.name.zh,
            name_en=part.name.en,
            waiting_period_days=part.waiting_days,
            deductible=Decimal(part.deductible),
        )
        for place, (kind, part) in enumerate(offered)
    ]
    exclusions = [
        ProductPart(
            kind=PartKind.EXCLUSION,
            position=len(terms) + place,
            code=part.code,
            name_zh=part.name.zh,
            name_en=part.name.en,
        )
        for place, part in enumerate(template.exclusions)
    ]
    return [*terms, *exclusions]


def policy_row(spec: PolicySpec, product_id: int, holder_id: int, today: date) -> Policy:
    """The policy as it stands today."""
    renews = spec.status in IN_FORCE and spec.frequency != PaymentFrequency.SINGLE and spec.years == 1
    start, end = period(spec.issued_on, spec.years, today, renews)
    return Policy(
        number=spec.number,
        product_id=product_id,
        holder_id=holder_id,
        insured_name=spec.insured_name,
        status=spec.status,
        issued_on=spec.issued_on,
        start_date=start,
        end_date=end,
        sum_insured=Decimal(spec.sum_insured),
        premium=spec.premium,
        payment_frequency=spec.frequency,
        source="demo",
        external_id=spec.number,
    )


def belongings(spec: PolicySpec, policy: Policy, today: date) -> list[Base]:
    """Coverages, instalments and beneficiaries of a saved policy."""
    return [
        *_coverages(spec, policy.id),
        *_instalments(spec, policy, today),
        *_beneficiaries(spec, policy.id),
    ]


def _coverages(spec: PolicySpec, policy_id: int) -> list[Coverage]:
    return [
        Coverage(
            policy_id=policy_id,
            position=position,
            code=template.code,
            name_zh=template.name.zh,
            name_en=template.name.en,
            sum_insured=Decimal(spec.sum_insured if template.sum == "policy" else template.sum),
            deductible=Decimal(template.deductible),
            waiting_period_days=template.waiting_days,
        )
        for position, template in enumerate(products()[spec.product].coverages)
    ]


def _beneficiaries(spec: PolicySpec, policy_id: int) -> list[Beneficiary]:
    return [
        Beneficiary(
            policy_id=policy_id,
            position=position,
            name=named.name,
            relationship_=named.relationship,
            share_percent=Decimal(named.share_percent),
        )
        for position, named in enumerate(spec.beneficiaries)
    ]


def _instalments(spec: PolicySpec, policy: Policy, today: date) -> list[PremiumInstalment]:
    """What fell due in the last two years and what falls due in the next one."""
    if spec.frequency == PaymentFrequency.SINGLE:
        dues = [spec.issued_on]
    else:
        last = add_months(today, 12) if policy.status in IN_FORCE else min(today, policy.end_date)
        shown_from = add_months(today, -24)
        dues = [due for due in every(MONTHS[spec.frequency], spec.issued_on, last) if due >= shown_from]
    first_unpaid = _first_unpaid(spec.status, dues, today)
    if spec.status == PolicyStatus.LAPSED:
        dues = [due for due in dues if due <= first_unpaid]
    return [
        PremiumInstalment(
            policy_id=policy.id,
            due_date=due,
            amount=spec.premium,
            paid_date=_paid_on(spec, due) if due < first_unpaid else None,
        )
        for due in dues
    ]


def _paid_on(spec: PolicySpec, due: date) -> date:
    """Up to four days early; the first premium on the day of issue."""
    return max(spec.issued_on, due - timedelta(days=due.day % 5))


def _first_unpaid(status: PolicyStatus, dues: list[date], today: date) -> date:
    match status:
        case PolicyStatus.ACTIVE:
            return max(today, dues[0] + timedelta(days=1)) if dues else today
        case PolicyStatus.GRACE:
            return max(due for due in dues if due < today)
        case PolicyStatus.LAPSED:
            return max(due for due in dues if due < today - timedelta(days=GRACE))
        case _:
            return date.max
