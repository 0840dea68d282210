"""A claim as rows: the claim, its history and its documents."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from backend.claims.catalogue import catalogue
from backend.claims.models import Claim, ClaimDocument, ClaimEvent, Decision, Stage
from backend.core.db import Base
from backend.demo.catalogue import happenings
from backend.demo.specs import ClaimSpec
from backend.policies.models import Policy

DECIDED = {Stage.APPROVED, Stage.DECLINED}


def reported_on(spec: ClaimSpec, today: date) -> date:
    """The day of the report: the last step's day less all that came before it."""
    return today - timedelta(days=spec.days_ago + sum(step.after for step in spec.steps))


def moments(spec: ClaimSpec, today: date, zone: ZoneInfo) -> list[datetime]:
    """When each step happened: in office hours, at minutes that differ from claim to claim."""
    day, at = reported_on(spec, today), []
    minute = int(spec.number[-6:]) * 37 % 60
    for order, step in enumerate(spec.steps):
        day += timedelta(days=step.after)
        at.append(datetime.combine(day, time(9 + min(order, 8), minute), zone))
    return at


def _decision(spec: ClaimSpec, stages: list[Stage]) -> Decision | None:
    if Stage.DECLINED in stages:
        return Decision.DECLINED
    if spec.approved is None:
        return None
    return Decision.PARTLY_APPROVED if spec.approved < spec.claimed else Decision.APPROVED


def claim_row(spec: ClaimSpec, policy: Policy, today: date, zone: ZoneInfo) -> Claim:
    """The claim as it stands today."""
    stages, at = [step.stage for step in spec.steps], moments(spec, today, zone)
    reached = dict(zip(stages, at, strict=True))
    decided = next((reached[stage].date() for stage in stages if stage in DECIDED), None)
    reported = reported_on(spec, today)
    is_paid = Stage.PAID in stages
    return Claim(
        number=spec.number,
        policy_id=policy.id,
        customer_id=policy.holder_id,
        type=spec.type,
        complexity=happenings()[spec.type].complexity,
        description=spec.story,
        incident_date=max(policy.issued_on, reported - timedelta(days=int(spec.number[-1]) % 3)),
        reported_date=reported,
        stage=stages[-1],
        stage_since=at[-1],
        review_since=reached.get(Stage.UNDER_REVIEW),
        claimed_amount=spec.claimed,
        approved_amount=Decimal(0) if Stage.DECLINED in stages else spec.approved,
        decision=_decision(spec, stages),
        decision_date=decided,
        decision_reason=spec.reason,
        paid_amount=spec.approved if is_paid else None,
        paid_date=reached[Stage.PAID].date() if is_paid else None,
        source="demo",
        external_id=spec.number,
    )


def claim_belongings(spec: ClaimSpec, claim: Claim, today: date, zone: ZoneInfo) -> list[Base]:
    """Events and documents of a saved claim."""
    at = moments(spec, today, zone)
    events: list[Base] = [
        ClaimEvent(
            claim_id=claim.id,
            event_id=f"{spec.number}-{order}",
            stage=step.stage,
            occurred_at=at[order],
            recorded_at=at[order],
        )
        for order, step in enumerate(spec.steps)
    ]
    complete_at = at[min(2, len(at) - 1)]
    documents: list[Base] = [
        ClaimDocument(
            claim_id=claim.id,
            position=position,
            code=code,
            received_at=None if code in spec.missing else (at[0] if position < 2 else complete_at),
        )
        for position, code in enumerate(catalogue().types[spec.type].documents)
    ]
    return events + documents
