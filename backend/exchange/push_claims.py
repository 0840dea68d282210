"""Claims from the insurer's core system; a new stage goes the way of every other event of a claim."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.catalogue import catalogue
from backend.claims.models import Claim, ClaimDocument, ClaimEvent
from backend.claims.schemas import EventCreate
from backend.claims.service import record_event
from backend.core import clock
from backend.core.errors import Invalid
from backend.customers import standing
from backend.exchange.push import each, known_record, stale
from backend.exchange.schemas import ClaimPush, DocumentPush, Outcome, Pushed
from backend.policies.models import Policy


async def push_claims(
    session: AsyncSession, source: str, items: Sequence[ClaimPush], zone: ZoneInfo
) -> list[Pushed]:
    """One outcome an item."""
    touched: list[int] = []

    async def save(item: ClaimPush) -> Outcome:
        known: Claim | None = await known_record(session, Claim, source, item.external_id)
        if known is not None and (outcome := stale(known, item)):
            return outcome
        if item.type not in catalogue().types:
            raise Invalid("There is no such type of claim.", field="type")
        policy = await session.scalar(select(Policy).where(Policy.number == item.policy_number))
        if policy is None:
            raise Invalid("Push the policy first.", field="policy_number")
        claim = known or _begun(source, item)
        _fill(claim, item, policy)
        session.add(claim)
        await session.flush()
        touched.append(policy.holder_id)
        if item.documents is not None:
            await _replace_documents(session, claim, item.documents)
        if known is None:
            session.add(_first_event(claim, item))
        else:
            event = EventCreate(
                event_id=f"push-{item.version}", stage=item.stage, occurred_at=item.stage_since, note=None
            )
            await record_event(session, claim.number, event, zone)
        await session.flush()
        return Outcome.UPDATED if known else Outcome.CREATED

    outcomes = await each(session, "claim", source, items, save)
    if touched:
        await standing.refresh(session, touched, clock.today(zone))
    return outcomes


def _begun(source: str, item: ClaimPush) -> Claim:
    return Claim(source=source, external_id=item.external_id, stage=item.stage, stage_since=item.stage_since)


def _fill(claim: Claim, item: ClaimPush, policy: Policy) -> None:
    apart = {"external_id", "version", "policy_number", "stage", "stage_since", "documents"}
    for name, value in item.model_dump(exclude=apart).items():
        setattr(claim, name, value)
    claim.policy_id, claim.customer_id = policy.id, policy.holder_id
    claim.source_version = item.version


def _first_event(claim: Claim, item: ClaimPush) -> ClaimEvent:
    """The history begins where the claim was when we first heard of it; nobody is told of the past."""
    return ClaimEvent(
        claim_id=claim.id,
        event_id=f"push-{item.version}",
        stage=item.stage,
        occurred_at=item.stage_since,
        recorded_at=clock.now(),
    )


async def _replace_documents(session: AsyncSession, claim: Claim, documents: list[DocumentPush]) -> None:
    await session.execute(delete(ClaimDocument).where(ClaimDocument.claim_id == claim.id))
    for place, one in enumerate(documents):
        session.add(
            ClaimDocument(
                claim_id=claim.id,
                position=place,
                code=one.code,
                is_required=one.is_required,
                received_at=one.received_at,
            )
        )
    await session.flush()
