"""How a claim moves on: by agents within the allowed transitions, and by itself when nothing is missing any more."""

from __future__ import annotations

import secrets
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import small_claims
from backend.claims.models import Claim, ClaimEvent, Stage
from backend.claims.schemas import missing
from backend.claims.service import move, stage_changed
from backend.claims.transitions import ALLOWED, REVIEW
from backend.core import clock
from backend.core.errors import Conflict


class TransitionNotAllowed(Conflict):
    """A claim in this stage cannot be moved there; `allowed` lists where it can."""

    code = "transition_not_allowed"


class DocumentsMissing(Conflict):
    """Required documents are not here; `missing` lists their codes."""

    code = "documents_missing"


async def transition(
    session: AsyncSession, claim: Claim, stage: Stage, note: str | None, zone: ZoneInfo
) -> None:
    """Move a locked claim (documents loaded) for an agent.

    Raises `TransitionNotAllowed`, and `DocumentsMissing` on the way to a review.
    """
    allowed = ALLOWED[Stage(claim.stage)]
    if stage not in allowed:
        raise TransitionNotAllowed(
            f"A claim that is {claim.stage} cannot become {stage}.", allowed=[str(one) for one in allowed]
        )
    if stage in REVIEW:
        check_documents(claim)
    await step(session, claim, stage, note, zone)


def check_documents(claim: Claim) -> None:
    """Raises `DocumentsMissing` unless all required documents of the claim are here."""
    if lacking := missing(claim):
        raise DocumentsMissing("Documents are missing: wait for them, or waive them.", missing=lacking)


async def step(
    session: AsyncSession,
    claim: Claim,
    stage: Stage,
    note: str | None,
    zone: ZoneInfo,
    *,
    is_told: bool = True,
) -> ClaimEvent:
    """Record that a locked claim is now in `stage`; the customer's notice follows where `is_told`."""
    # A core event told later may carry an earlier time; ours never goes before what is known.
    at = max(clock.now(), claim.stage_since) if claim.stage_since else clock.now()
    event = ClaimEvent(
        claim_id=claim.id,
        event_id=f"anda:{secrets.token_hex(8)}",
        stage=stage,
        occurred_at=at,
        note=note,
        recorded_at=clock.now(),
        is_out_of_order=False,
    )
    session.add(event)
    move(claim, event, zone)
    await session.flush()
    if is_told:
        await stage_changed(session, claim, event)
    return event


async def check_complete(
    session: AsyncSession, claim: Claim, zone: ZoneInfo, *, is_told: bool = True
) -> None:
    """A locked claim (policy, documents loaded) that has all it needs goes to review and to the small-claim rule."""
    if claim.stage not in (Stage.REPORTED, Stage.AWAITING_DOCUMENTS) or missing(claim):
        return
    review = await step(session, claim, Stage.UNDER_REVIEW, None, zone, is_told=False)
    if await small_claims.consider(session, claim, zone):  # one notice tells both
        await step(session, claim, Stage.APPROVED, None, zone, is_told=is_told)
    elif is_told:
        await stage_changed(session, claim, review)
