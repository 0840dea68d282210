"""Finding one claim, and moving it when the insurer's core system tells of progress."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from backend.claims.models import Claim, ClaimEvent, Decision, Stage
from backend.claims.schemas import EventCreate, local_date
from backend.claims.words import plain
from backend.core import clock
from backend.core.errors import Conflict, NotFound
from backend.core.numbers import tidy_number
from backend.notices import triggers
from backend.policies.models import Policy

POLICY = joinedload(Claim.policy).joinedload(Policy.product)
HOLDER = joinedload(Claim.policy).joinedload(Policy.holder)
DOCUMENTS = selectinload(Claim.documents)
WHOLE = (
    POLICY,
    HOLDER,
    DOCUMENTS,
    selectinload(Claim.events),
    selectinload(Claim.files),
    selectinload(Claim.decisions),
    selectinload(Claim.disputes),
)


class EventDiffers(Conflict):
    """This event id was already used for something else."""

    code = "event_differs"


class VersionConflict(Conflict):
    """The record is no longer the version that the caller has seen."""

    code = "version_conflict"


async def claims_of(session: AsyncSession, customer_id: int) -> list[Claim]:
    """A customer's claims with policy, product and documents, newest first."""
    query = select(Claim).options(POLICY, DOCUMENTS).where(Claim.customer_id == customer_id)
    return list(await session.scalars(query.order_by(Claim.reported_date.desc(), Claim.id.desc())))


async def find_claim(session: AsyncSession, typed_number: str) -> Claim | None:
    """The claim with this number, however it is typed, with all that belongs to it."""
    number = tidy_number(typed_number, "C")
    query = select(Claim).options(*WHOLE).where(Claim.number == number)
    return await session.scalar(query.execution_options(populate_existing=True))


async def get_claim(session: AsyncSession, typed_number: str) -> Claim:
    """Raises `NotFound`."""
    claim = await find_claim(session, typed_number)
    if claim is None:
        raise NotFound("There is no such claim.")
    return claim


async def locked_claim(session: AsyncSession, typed_number: str, version: int | None = None) -> Claim:
    """The claim with policy and documents, row-locked until the transaction ends.

    Raises `NotFound`, and `VersionConflict` when it is no longer the version that the caller has seen.
    """
    query = select(Claim).where(Claim.number == tidy_number(typed_number, "C")).with_for_update(of=Claim)
    query = query.options(POLICY, DOCUMENTS).execution_options(populate_existing=True)
    claim = await session.scalar(query)
    if claim is None:
        raise NotFound("There is no such claim.")
    if version is not None and version != claim.version:
        raise VersionConflict("This claim was changed in the meantime.", version=claim.version)
    return claim


async def record_event(session: AsyncSession, typed_number: str, told: EventCreate, zone: ZoneInfo) -> Claim:
    """Record what the core tells, once per event id; the claim moves unless it already knows something later.

    Raises `NotFound` for an unknown claim, `EventDiffers` when the id stood for another event.
    """
    number = tidy_number(typed_number, "C")
    # The row lock makes two deliveries of one event, or two events at once, take turns.
    claim = await session.scalar(select(Claim).where(Claim.number == number).with_for_update())
    if claim is None:
        raise NotFound("There is no such claim.")
    known = await session.scalar(
        select(ClaimEvent).where(ClaimEvent.claim_id == claim.id, ClaimEvent.event_id == told.event_id)
    )
    if known is None:
        await _add_event(session, claim, told, zone)
    elif (known.stage, known.occurred_at, known.note) != (told.stage, told.occurred_at, plain(told.note)):
        raise EventDiffers("This event id was used for another event of the claim.")
    return await get_claim(session, number)


async def _add_event(session: AsyncSession, claim: Claim, told: EventCreate, zone: ZoneInfo) -> None:
    event = ClaimEvent(
        claim_id=claim.id,
        event_id=told.event_id,
        stage=told.stage,
        occurred_at=told.occurred_at,
        note=plain(told.note),
        recorded_at=clock.now(),
        is_out_of_order=told.occurred_at < claim.stage_since,
    )
    session.add(event)
    if not event.is_out_of_order and told.stage != claim.stage:
        move(claim, event, zone)
        await session.flush()
        await stage_changed(session, claim, event)
    await session.flush()


def move(claim: Claim, event: ClaimEvent, zone: ZoneInfo) -> None:
    """The claim is where the event says; dates that follow from it are filled in, never overwritten."""
    day = local_date(event.occurred_at, zone)
    claim.stage, claim.stage_since = event.stage, event.occurred_at
    match event.stage:
        case Stage.REPORTED | Stage.AWAITING_DOCUMENTS:
            claim.review_since = None  # the decision's clock starts again with complete documents
        case Stage.UNDER_REVIEW | Stage.INVESTIGATING:
            claim.review_since = claim.review_since or event.occurred_at
        case Stage.APPROVED:
            claim.decision = claim.decision or Decision.APPROVED
            claim.decision_date = claim.decision_date or day
        case Stage.DECLINED:
            claim.decision, claim.decision_date = Decision.DECLINED, day
        case Stage.PAID:
            claim.paid_date = claim.paid_date or day


async def stage_changed(session: AsyncSession, claim: Claim, event: ClaimEvent) -> None:
    """Called once, in the same transaction, when `event` moved `claim`: the customer is told."""
    await triggers.claim_moved(session, claim, event)
