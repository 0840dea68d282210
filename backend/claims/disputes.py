"""Disputes: the customer does not accept a decision; answered within five working days, by a human."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import progress
from backend.claims.models import Claim, ClaimDispute, DisputeOutcome, Stage
from backend.conversations.models import Contact, Conversation, Interaction
from backend.core import clock
from backend.core.calendar import add_working_days
from backend.core.errors import Conflict, NotFound
from backend.tickets import opening
from backend.tickets.models import TicketKind

ANSWER_DAYS = 5  # working days, by the service standards
DECIDED = (Stage.APPROVED, Stage.PAID, Stage.DECLINED, Stage.CLOSED)


class NothingToDispute(Conflict):
    """Only a decision can be disputed."""

    code = "not_decided"


class DisputeOpen(Conflict):
    """There is an open dispute of this claim already."""

    code = "dispute_open"


async def raise_dispute(
    session: AsyncSession,
    claim: Claim,
    reason: str,
    raised_by: str,
    conversation_id: int | None,
    zone: ZoneInfo,
) -> ClaimDispute:
    """Record a dispute of a locked claim's decision, with a ticket where the customer has a conversation.

    Raises `NothingToDispute`, `DisputeOpen`.
    """
    if claim.decision is None or claim.stage not in DECIDED:
        raise NothingToDispute("This claim has no decision yet.")
    now = clock.now()
    dispute = ClaimDispute(
        claim_id=claim.id,
        reason=reason,
        raised_by=raised_by,
        opened_at=now,
        due_on=add_working_days(clock.today(zone), ANSWER_DAYS),
    )
    try:
        async with session.begin_nested():
            session.add(dispute)
    except IntegrityError as error:
        raise DisputeOpen("This claim is being disputed already.") from error
    conversation_id = conversation_id or await _last_conversation(session, claim.customer_id)
    if conversation_id is not None:
        dispute.ticket_number = await _ticket(session, claim, dispute, conversation_id, zone)
        await session.flush()
    return dispute


async def _last_conversation(session: AsyncSession, customer_id: int) -> int | None:
    return await session.scalar(
        select(Interaction.conversation_id)
        .join(Conversation, Conversation.id == Interaction.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Interaction.customer_id == customer_id)
        .order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
        .limit(1)
    )


async def _ticket(
    session: AsyncSession, claim: Claim, dispute: ClaimDispute, conversation_id: int, zone: ZoneInfo
) -> str:
    """The dispute's ticket; its clock ends with the last working day."""
    summary = f"{claim.number}: {dispute.reason}"[:2000]
    ticket, is_new = await opening.open_ticket(session, zone, conversation_id, TicketKind.DISPUTE, summary)
    if is_new:
        ticket.resolution_due_at = datetime.combine(dispute.due_on, time(23, 59, 59), zone)
    return ticket.number


async def close_dispute(
    session: AsyncSession,
    claim: Claim,
    dispute_id: int,
    outcome: DisputeOutcome,
    note: str | None,
    closed_by: str,
    zone: ZoneInfo,
) -> ClaimDispute:
    """Answer an open dispute of a locked claim; a changed decision opens the review again.

    What was paid already stays paid. Raises `NotFound`.
    """
    dispute = await session.scalar(
        select(ClaimDispute).where(
            ClaimDispute.id == dispute_id,
            ClaimDispute.claim_id == claim.id,
            ClaimDispute.closed_at.is_(None),
        )
    )
    if dispute is None:
        raise NotFound("There is no such open dispute.")
    dispute.outcome, dispute.outcome_note = outcome, note
    dispute.closed_by, dispute.closed_at = closed_by, clock.now()
    if outcome == DisputeOutcome.CHANGED:
        claim.decision = claim.decision_reason = claim.decision_date = claim.approved_amount = None
        claim.review_since = None  # the decision's clock starts again
        await progress.step(session, claim, Stage.UNDER_REVIEW, note, zone)
    await session.flush()
    return dispute
