"""What happens to a claim, a policy or a ticket decides a notice, in the same transaction as the event itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, ClaimEvent, Stage
from backend.core import business, clock
from backend.notices.deciding import Plan, decide
from backend.policies.models import Policy
from backend.tickets.models import Ticket
from backend.tickets.satisfaction import NOT_ASKED

# What the customer is told of each stage; of the others nothing.
OF_STAGE = {
    Stage.AWAITING_DOCUMENTS: "claim_documents",
    Stage.UNDER_REVIEW: "claim_stage",
    Stage.INVESTIGATING: "claim_stage",
    Stage.APPROVED: "claim_approved",
    Stage.PAID: "claim_paid",
    Stage.DECLINED: "claim_declined",
    Stage.WITHDRAWN: "claim_stage",
}


async def claim_moved(session: AsyncSession, claim: Claim, event: ClaimEvent) -> None:
    """The claim is at another stage: its policyholder is told, once per event."""
    if event.stage == Stage.PAID:
        await claim_paid(session, claim, event)
        return
    kind = OF_STAGE.get(Stage(event.stage))
    if kind == "claim_approved" and claim.approved_amount is None:
        kind = "claim_stage"  # no amount on record to name
    if kind is not None:
        await decide(session, [_of_claim(kind, claim, event)])


async def claim_paid(session: AsyncSession, claim: Claim, event: ClaimEvent) -> None:
    """The claim was paid: its policyholder is told, and asked some days later how it went."""
    has_amount = claim.paid_amount is not None or claim.approved_amount is not None
    told = _of_claim("claim_paid" if has_amount else "claim_stage", claim, event)
    days = await _days(session, "follow_up_claim")
    later = [
        Plan(
            "follow_up_claim",
            f"claim:{claim.number}",
            event.event_id,
            claim.customer_id,
            planned_for=clock.now() + timedelta(days=day),
        )
        for day in days[:1]
    ]
    await decide(session, [told, *later])


def _of_claim(kind: str, claim: Claim, event: ClaimEvent) -> Plan:
    return Plan(
        kind,
        f"claim:{claim.number}",
        f"{event.stage}:{event.event_id}",
        claim.customer_id,
        {"stage": event.stage},
    )


async def documents_missing(session: AsyncSession, claim: Claim, occasion: str) -> None:
    """Remind of the documents this claim waits for, once per `occasion`."""
    plan = Plan("documents_missing", f"claim:{claim.number}", occasion, claim.customer_id)
    await decide(session, [plan])


def follow_up_of_policy(policy: Policy, days: int) -> Plan:
    """The follow-up after `policy` was issued; the same however it became known."""
    return Plan(
        "follow_up_policy",
        f"policy:{policy.number}",
        policy.issued_on.isoformat(),
        policy.holder_id,
        planned_for=clock.now() + timedelta(days=days),
    )


async def ticket_resolved(session: AsyncSession, ticket: Ticket) -> None:
    """A ticket was resolved: its customer, where one is known, is asked a day later whether it is settled."""
    if ticket.customer_id is None or ticket.outcome in NOT_ASKED or ticket.resolved_at is None:
        return
    for day in (await _days(session, "follow_up_ticket"))[:1]:
        plan = Plan(
            "follow_up_ticket",
            f"ticket:{ticket.number}",
            ticket.resolved_at.isoformat(),
            ticket.customer_id,
            planned_for=clock.now() + timedelta(days=day),
        )
        await decide(session, [plan])


async def _days(session: AsyncSession, kind: str) -> list[Any]:
    return list((await business.setting(session, "notice_lead_days"))[kind])
