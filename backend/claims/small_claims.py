"""The small-claim rule: small clear claims may be approved by rule, everything else is a human's decision.

Every rule is checked and recorded with what it saw, also where the claim goes to a human.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, ClaimDecision, ClaimDispute, Decision, Stage
from backend.claims.schemas import missing
from backend.core import audit, business, clock
from backend.policies.models import CURRENCY, IN_FORCE, Coverage, PolicyStatus

BY_RULE = "rule"
APPROVED_STAGES = (Stage.APPROVED, Stage.PAID, Stage.CLOSED)


@dataclass(frozen=True)
class Rule:
    """One condition: what was seen, what was wanted, whether it is met."""

    code: str
    is_met: bool
    seen: str
    wanted: str


async def consider(session: AsyncSession, claim: Claim, zone: ZoneInfo) -> bool:
    """Whether the rule approves this locked claim; its decision and amount are then set, the stage is not.

    Records nothing for kinds of claims that the rule is not for, or when it is switched off.
    Needs the claim's policy and documents loaded.
    """
    wanted = await business.setting(session, "small_claims")
    if not wanted["is_on"] or claim.type not in wanted["types"]:
        return False
    # Two claims of one person at the same time take turns: else both would see one approval fewer.
    turn = {"key": f"small_claims:{claim.customer_id}"}
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), turn)
    coverage = await _coverage(session, claim)
    amount = payable(claim, coverage)
    rules = await check(session, claim, coverage, wanted)
    is_approved = all(rule.is_met for rule in rules)
    reason = "deductible_applied" if amount != claim.claimed_amount else "covered"
    session.add(
        ClaimDecision(
            claim_id=claim.id,
            decision=_decision(claim, amount) if is_approved else None,
            approved_amount=amount if is_approved else None,
            reason=reason if is_approved else None,
            decided_by=BY_RULE,
            decided_at=clock.now(),
            rules=[asdict(rule) for rule in rules],
        )
    )
    if is_approved:
        claim.decision, claim.approved_amount, claim.decision_reason = (
            _decision(claim, amount),
            amount,
            reason,
        )
        claim.decision_date = clock.today(zone)
    unmet = [rule.code for rule in rules if not rule.is_met]
    act = "claim.approved_by_rule" if is_approved else "claim.left_to_human"
    await audit.record(session, "system", act, f"claim:{claim.number}", unmet=unmet)
    return is_approved


def _decision(claim: Claim, amount: Decimal) -> Decision:
    return Decision.APPROVED if amount == claim.claimed_amount else Decision.PARTLY_APPROVED


async def _coverage(session: AsyncSession, claim: Claim) -> Coverage | None:
    """What the policy says of this kind of claim; None when it does not name it."""
    return await session.scalar(
        select(Coverage).where(Coverage.policy_id == claim.policy_id, Coverage.code == claim.type)
    )


def payable(claim: Claim, coverage: Coverage | None) -> Decimal:
    """The claimed amount less the deductible; 0 when nothing is left."""
    deductible = coverage.deductible if coverage else Decimal(0)
    return max((claim.claimed_amount or Decimal(0)) - deductible, Decimal(0))


async def check(
    session: AsyncSession, claim: Claim, coverage: Coverage | None, wanted: dict[str, Any]
) -> list[Rule]:
    """Every rule with its result, in the order in which a handler would ask."""
    limit, amount = Decimal(wanted["limit"]), claim.claimed_amount
    lacking = missing(claim)
    by_rule = await _approved_by_rule(session, claim)
    similar = await _similar(session, claim)
    disputes = await _open_disputes(session, claim)
    paid = await _approved_before(session, claim)
    left = (coverage.sum_insured if coverage else Decimal(0)) - paid
    days_late, most = (claim.reported_date - claim.incident_date).days, wanted["report_days"]
    is_small = amount is not None and amount < limit and claim.currency == CURRENCY
    return [
        Rule("amount_below_limit", is_small, _shown(amount), f"< {limit:.2f} {CURRENCY}"),
        Rule("documents_complete", not lacking, ", ".join(lacking) or "complete", "complete"),
        _in_force(claim),
        _waiting_over(claim, coverage),
        Rule("coverage_exists", coverage is not None, coverage.code if coverage else "none", claim.type),
        Rule("above_deductible", payable(claim, coverage) > 0, _shown(payable(claim, coverage)), "> 0.00"),
        Rule("within_sum_insured", payable(claim, coverage) <= left, _shown(left), "what is left"),
        Rule("reported_in_time", 0 <= days_late <= most, str(days_late), f"<= {most}"),
        Rule("no_similar_claim", not similar, str(similar), "0"),
        Rule("no_open_dispute", not disputes, str(disputes), "0"),
        Rule("few_this_year", by_rule < wanted["per_year"], str(by_rule), f"< {wanted['per_year']}"),
        Rule("not_flagged", not claim.is_flagged, "flagged" if claim.is_flagged else "no", "no"),
    ]  # fmt: skip


def _shown(amount: Decimal | None) -> str:
    return "none" if amount is None else f"{amount:.2f}"


def _in_force(claim: Claim) -> Rule:
    """In force on the day of the incident. A policy that lapsed or ended early is for a human to look into."""
    policy, day = claim.policy, claim.incident_date
    is_known = policy.status in (*IN_FORCE, PolicyStatus.EXPIRED)
    is_met = is_known and policy.issued_on <= day <= policy.end_date
    return Rule(
        "policy_in_force", is_met, f"{policy.status}, {day}", f"{policy.issued_on} – {policy.end_date}"
    )


def _waiting_over(claim: Claim, coverage: Coverage | None) -> Rule:
    days = coverage.waiting_period_days if coverage else 0
    over = claim.policy.issued_on + timedelta(days=days)
    return Rule("waiting_period_over", claim.incident_date >= over, str(claim.incident_date), f">= {over}")


async def _approved_by_rule(session: AsyncSession, claim: Claim) -> int:
    year_ago = clock.now() - timedelta(days=365)
    query = (
        select(func.count())
        .select_from(ClaimDecision)
        .join(Claim, Claim.id == ClaimDecision.claim_id)
        .where(
            Claim.customer_id == claim.customer_id,
            ClaimDecision.decided_by == BY_RULE,
            ClaimDecision.decision.is_not(None),
            ClaimDecision.decided_at > year_ago,
        )
    )
    return await session.scalar(query) or 0


async def _similar(session: AsyncSession, claim: Claim) -> int:
    """Other claims for the same day under the same policy, but withdrawn ones."""
    query = select(func.count()).where(
        Claim.policy_id == claim.policy_id,
        Claim.incident_date == claim.incident_date,
        Claim.id != claim.id,
        Claim.stage != Stage.WITHDRAWN,
    )
    return await session.scalar(query) or 0


async def _open_disputes(session: AsyncSession, claim: Claim) -> int:
    query = (
        select(func.count())
        .select_from(ClaimDispute)
        .join(Claim, Claim.id == ClaimDispute.claim_id)
        .where(Claim.customer_id == claim.customer_id, ClaimDispute.closed_at.is_(None))
    )
    return await session.scalar(query) or 0


async def _approved_before(session: AsyncSession, claim: Claim) -> Decimal:
    """What was approved for this kind of claim in the policy's present period."""
    query = select(func.coalesce(func.sum(Claim.approved_amount), 0)).where(
        Claim.policy_id == claim.policy_id,
        Claim.type == claim.type,
        Claim.id != claim.id,
        Claim.stage.in_(APPROVED_STAGES),
        Claim.incident_date >= claim.policy.start_date,
    )
    return Decimal(await session.scalar(query) or 0)
