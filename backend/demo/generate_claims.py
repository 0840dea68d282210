"""Invents claims under invented policies, in every stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from backend.claims.catalogue import catalogue
from backend.claims.models import Stage
from backend.demo.catalogue import happenings, products
from backend.demo.claim_rows import reported_on
from backend.demo.specs import ClaimSpec, PolicySpec, Step
from backend.policies.models import IN_FORCE

WEIGHTS = {
    Stage.REPORTED: 6,
    Stage.AWAITING_DOCUMENTS: 12,
    Stage.UNDER_REVIEW: 12,
    Stage.INVESTIGATING: 5,
    Stage.APPROVED: 7,
    Stage.PAID: 38,
    Stage.DECLINED: 8,
    Stage.WITHDRAWN: 4,
    Stage.CLOSED: 8,
}
# Days for which a claim may already be in its last stage: open ones are within our own standards.
DAYS_AGO = {
    Stage.REPORTED: (1, 2),
    Stage.AWAITING_DOCUMENTS: (1, 15),
    Stage.UNDER_REVIEW: (1, 4),
    Stage.INVESTIGATING: (1, 12),
    Stage.APPROVED: (1, 8),
    Stage.PAID: (2, 640),
    Stage.DECLINED: (2, 500),
    Stage.WITHDRAWN: (2, 500),
    Stage.CLOSED: (10, 600),
}
WAITING = 90
# Such a payment ends the policy, so these claims are shown before it.
ENDS_THE_POLICY = ("critical_illness", "death")


def steps_to(rng: Random, stage: Stage) -> tuple[Step, ...]:
    """A history that ends in `stage`."""
    path = [Stage.REPORTED]
    if stage in (Stage.AWAITING_DOCUMENTS, Stage.WITHDRAWN) or (
        stage != Stage.REPORTED and rng.random() < 0.5
    ):
        path.append(Stage.AWAITING_DOCUMENTS)
    if stage not in (Stage.REPORTED, Stage.AWAITING_DOCUMENTS, Stage.WITHDRAWN):
        path.append(Stage.UNDER_REVIEW)
        if stage == Stage.INVESTIGATING or (stage != Stage.UNDER_REVIEW and rng.random() < 0.15):
            path.append(Stage.INVESTIGATING)
    if stage in (Stage.APPROVED, Stage.PAID, Stage.CLOSED):
        path.append(Stage.APPROVED)
    if stage in (Stage.PAID, Stage.CLOSED):
        path.append(Stage.PAID)
    if path[-1] != stage:
        path.append(stage)
    return tuple(Step(step, 0 if order == 0 else rng.randrange(1, 5)) for order, step in enumerate(path))


def kind_of_claim(rng: Random) -> str:
    """A kind of claim, as often as such things happen."""
    codes = list(happenings())
    return rng.choices(codes, [happenings()[code].weight for code in codes])[0]


def claim(
    rng: Random,
    kind: str,
    policy: PolicySpec,
    stage: Stage,
    today: date,
    next_number: Callable[[str, int], str],
) -> ClaimSpec | None:
    """A claim of this kind under this policy, or None when the policy was not in force long enough before."""
    if kind in ENDS_THE_POLICY and (stage in (Stage.PAID, Stage.CLOSED) or policy.status not in IN_FORCE):
        return None
    steps = steps_to(rng, stage)
    spec = ClaimSpec(
        number="",
        policy_number=policy.number,
        type=kind,
        steps=steps,
        days_ago=rng.randint(*DAYS_AGO[stage]),
        claimed=_claimed(rng, kind, policy),
        story=_story(rng, kind, policy),
    )
    reported = reported_on(spec, today)
    over = policy.status not in IN_FORCE
    if reported < policy.issued_on + timedelta(days=WAITING) or (
        over and reported > today - timedelta(days=365)
    ):
        return None
    decided = _decide(rng, spec, stage, policy)
    return replace(spec, number=next_number("C", reported.year), **decided)


def _claimed(rng: Random, kind: str, policy: PolicySpec) -> Decimal:
    amount = happenings()[kind].amount
    if amount is None:
        return Decimal(policy.sum_insured)
    return Decimal(rng.randrange(amount.low * 100, amount.high * 100, 50)) / 100


def _story(rng: Random, kind: str, policy: PolicySpec) -> str:
    stories = [
        story for story in happenings()[kind].stories if story.isascii() == policy.insured_name.isascii()
    ]
    return rng.choice(stories or happenings()[kind].stories)


def _deductible(policy: PolicySpec) -> int:
    return max(template.deductible for template in products()[policy.product].coverages)


def _decide(rng: Random, spec: ClaimSpec, stage: Stage, policy: PolicySpec) -> dict[str, Any]:
    """Amount, reason and documents that belong to the stage."""
    documents = catalogue().types[spec.type].documents
    match stage:
        case Stage.REPORTED:
            return {"missing": tuple(documents[1:])}
        case Stage.AWAITING_DOCUMENTS | Stage.WITHDRAWN:
            return {"missing": tuple(rng.sample(documents[2:], rng.choice((1, 1, 2, 3))))}
        case Stage.DECLINED:
            small = spec.claimed <= _deductible(policy)
            return {"reason": "below_deductible" if small else "not_covered"}
        case Stage.APPROVED | Stage.PAID | Stage.CLOSED:
            full = happenings()[spec.type].amount is None or spec.type in ("auto_third_party", "disability")
            approved = spec.claimed if full else max(spec.claimed - _deductible(policy), Decimal(100))
            return {"approved": approved, "reason": "covered" if full else "deductible_applied"}
        case _:
            return {}
