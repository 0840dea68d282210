"""Decisions and payments by humans; each decision is kept, also when a dispute brings another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import progress
from backend.claims.models import Claim, ClaimDecision, Decision, Stage
from backend.claims.transitions import REVIEW
from backend.core import clock
from backend.core.errors import Conflict, Invalid


class NotUnderReview(Conflict):
    """Decisions are made on claims under review or investigation."""

    code = "not_under_review"


class NotApproved(Conflict):
    """Only approved claims are paid, and once."""

    code = "not_approved"


async def decide(
    session: AsyncSession,
    claim: Claim,
    decision: Decision,
    amount: Decimal | None,
    reason: str,
    note: str | None,
    decided_by: str,
    zone: ZoneInfo,
) -> None:
    """Decide a locked claim (documents loaded). Raises `NotUnderReview`, `DocumentsMissing`, `Invalid`."""
    if claim.stage not in REVIEW:
        raise NotUnderReview(f"This claim is {claim.stage}; only a claim under review can be decided.")
    _check_amount(claim, decision, amount)
    if decision != Decision.DECLINED:
        progress.check_documents(claim)
    session.add(
        ClaimDecision(
            claim_id=claim.id,
            decision=decision,
            approved_amount=amount,
            reason=reason,
            note=note,
            decided_by=decided_by,
            decided_at=clock.now(),
            rules=[],
        )
    )
    claim.decision, claim.decision_reason, claim.approved_amount = decision, reason, amount
    claim.decision_date = clock.today(zone)
    stage = Stage.DECLINED if decision == Decision.DECLINED else Stage.APPROVED
    await progress.step(session, claim, stage, None, zone)
    if amount is not None and amount == claim.paid_amount:  # after a dispute: nothing is left to pay
        await progress.step(session, claim, Stage.PAID, None, zone)


def _check_amount(claim: Claim, decision: Decision, amount: Decimal | None) -> None:
    if decision == Decision.DECLINED:
        if amount is not None:
            raise Invalid("A declined claim has no amount.", field="approved_amount")
        return
    if amount is None:
        raise Invalid("Say how much is approved.", field="approved_amount")
    if amount < (claim.paid_amount or 0):
        raise Invalid("More than this was paid already.", field="approved_amount")
    if claim.claimed_amount is None:
        return
    if amount > claim.claimed_amount:
        raise Invalid("This is more than was claimed.", field="approved_amount")
    if decision == Decision.PARTLY_APPROVED and amount == claim.claimed_amount:
        raise Invalid("The whole amount is an approval, not a part of one.", field="decision")
    if decision == Decision.APPROVED and amount < claim.claimed_amount:
        raise Invalid("Less than was claimed is a partial approval.", field="decision")


async def pay(
    session: AsyncSession,
    claim: Claim,
    amount: Decimal,
    paid_on: date | None,
    reference: str | None,
    zone: ZoneInfo,
) -> None:
    """Record that a locked, approved claim was paid. Raises `NotApproved`, `Invalid`."""
    if claim.stage != Stage.APPROVED:
        raise NotApproved(f"This claim is {claim.stage}; only an approved claim can be paid.")
    already = claim.paid_amount or Decimal(0)
    if already + amount != claim.approved_amount:
        raise Invalid("The payment must be what was approved and is not paid yet.", field="amount")
    today = clock.today(zone)
    if paid_on is not None and not (claim.reported_date <= paid_on <= today):
        raise Invalid("The payment lies between the report and today.", field="paid_on")
    claim.paid_amount = already + amount
    claim.paid_date, claim.payment_reference = paid_on or today, reference
    await progress.step(session, claim, Stage.PAID, None, zone)
