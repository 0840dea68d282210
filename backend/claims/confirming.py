"""A draft becomes a claim, exactly once."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import documents, drafts, reporting
from backend.claims.draft_schemas import REQUIRED
from backend.claims.models import Claim, ClaimDraft, ClaimFile, DraftState
from backend.claims.service import VersionConflict
from backend.core import clock
from backend.core.errors import Conflict, NotFound

JUST_CONFIRMED = timedelta(minutes=30)


class Incomplete(Conflict):
    """The draft lacks something; `missing` lists the fields."""

    code = "incomplete"


class AlreadyConfirmed(Conflict):
    """The draft became a claim a moment ago, perhaps on another channel; `claim_number` names it."""

    code = "already_confirmed"


def missing_fields(draft: ClaimDraft) -> list[str]:
    """What must be told before the claim can be reported, in the order in which we ask."""
    told = {
        "policy_number": draft.policy_id,
        "type": draft.type,
        "incident_date": draft.incident_date,
        "description": draft.description,
    }
    return [name for name in REQUIRED if told[name] is None]


async def confirm(
    session: AsyncSession, customer_id: int, version: int | None, zone: ZoneInfo, *, is_told: bool
) -> Claim:
    """The open draft becomes a claim, once; the claim comes locked with policy and documents.

    Raises `Incomplete` with what is `missing`, `AlreadyConfirmed`, `NotFound` without a draft, `VersionConflict`.
    """
    locked = await documents.open_draft_of(session, customer_id)
    if locked is None:
        await _refuse_without_draft(session, customer_id)
    draft = await drafts.loaded_draft(session, customer_id)
    if version is not None and version != draft.version:
        raise VersionConflict("This draft was changed in the meantime.", version=draft.version)
    if lacking := missing_fields(draft):
        raise Incomplete("The report is not complete yet.", missing=lacking)
    claim = await _claim_of(session, draft, zone, is_told)
    draft.state, draft.closed_at = DraftState.CONFIRMED, clock.now()
    await _take_files(session, draft, claim)
    await reporting.complete_if_ready(session, claim, zone, is_told=is_told)
    return claim


async def _refuse_without_draft(session: AsyncSession, customer_id: int) -> None:
    number = await session.scalar(
        select(Claim.number)
        .join(ClaimDraft, ClaimDraft.id == Claim.draft_id)
        .where(ClaimDraft.customer_id == customer_id, ClaimDraft.closed_at > clock.now() - JUST_CONFIRMED)
        .order_by(ClaimDraft.id.desc())
        .limit(1)
    )
    if number is not None:
        raise AlreadyConfirmed("This report already became a claim.", claim_number=number)
    raise NotFound("There is no open draft of a claim.")


async def _claim_of(session: AsyncSession, draft: ClaimDraft, zone: ZoneInfo, is_told: bool) -> Claim:
    if draft.policy is None or draft.type is None or draft.incident_date is None:
        raise Incomplete("The report is not complete yet.", missing=missing_fields(draft))
    report = reporting.Report(
        policy=draft.policy,
        type=draft.type,
        incident_date=draft.incident_date,
        description=draft.description,
        incident_place=draft.incident_place,
        claimed_amount=draft.claimed_amount,
        is_injured=draft.is_injured,
        contact_phone=draft.contact_phone,
        draft_id=draft.id,
    )
    return await reporting.create_claim(session, report, zone, is_told=is_told)


async def _take_files(session: AsyncSession, draft: ClaimDraft, claim: Claim) -> None:
    """What was handed in with the draft belongs to the claim; what it is known to be is ticked off."""
    await session.execute(
        update(ClaimFile).where(ClaimFile.draft_id == draft.id).values(draft_id=None, claim_id=claim.id)
    )
    received = {file.code: file.received_at for file in reversed(draft.files)}
    for document in claim.documents:
        document.received_at = received.get(document.code)
    await session.flush()
