"""First notice of loss: a report becomes a claim, with its number and the documents this kind needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import progress
from backend.claims.catalogue import catalogue
from backend.claims.models import NUMBERS, Claim, ClaimDocument, ClaimEvent, Stage
from backend.claims.schemas import missing
from backend.claims.service import locked_claim, stage_changed
from backend.core import clock
from backend.core.errors import Invalid
from backend.core.records import OURS
from backend.policies.models import Policy


@dataclass(frozen=True)
class Report:
    """What is told of a loss."""

    policy: Policy
    type: str
    incident_date: date
    description: str | None = None
    incident_place: str | None = None
    claimed_amount: Decimal | None = None
    is_injured: bool | None = None
    contact_phone: str | None = None
    reported_date: date | None = None
    draft_id: int | None = None
    source: str = OURS
    external_id: str | None = None


def check_type(code: str, product_type: str | None) -> None:
    """Raises `Invalid` for an unknown kind of claim, and for one that this product does not cover."""
    kind = catalogue().types.get(code)
    if kind is None:
        raise Invalid("There is no such kind of claim.", field="type")
    if product_type is not None and product_type not in kind.products:
        raise Invalid("This policy does not cover such a claim.", field="type")


def check_incident_date(day: date, zone: ZoneInfo) -> None:
    """Raises `Invalid` for a day that is yet to come."""
    if day > clock.today(zone):
        raise Invalid("The incident cannot lie in the future.", field="incident_date")


def check_reported_date(day: date, incident: date, zone: ZoneInfo) -> None:
    """Raises `Invalid` unless the report lies between the incident and today."""
    if not incident <= day <= clock.today(zone):
        raise Invalid("The report lies between the incident and today.", field="reported_date")


async def create_claim(
    session: AsyncSession, report: Report, zone: ZoneInfo, *, is_told: bool = True
) -> Claim:
    """A new claim that waits for its documents; locked, with policy and documents loaded.

    Needs the policy's product loaded. The customer's notice of its first stage follows where `is_told`.
    Raises `Invalid`.
    """
    check_type(report.type, report.policy.product.type)
    check_incident_date(report.incident_date, zone)
    now, today = clock.now(), clock.today(zone)
    claim = Claim(
        number=await _next_number(session, today.year),
        policy_id=report.policy.id,
        customer_id=report.policy.holder_id,
        type=report.type,
        complexity=catalogue().types[report.type].complexity,
        description=report.description,
        incident_date=report.incident_date,
        incident_place=report.incident_place,
        reported_date=report.reported_date or today,
        stage=Stage.AWAITING_DOCUMENTS,
        stage_since=now,
        claimed_amount=report.claimed_amount,
        currency=report.policy.currency,
        is_injured=report.is_injured,
        contact_phone=report.contact_phone,
        draft_id=report.draft_id,
        source=report.source,
        external_id=report.external_id,
    )
    session.add(claim)
    await session.flush()
    last = await _first_steps(session, claim)
    claim = await locked_claim(session, claim.number)
    if is_told:
        await stage_changed(session, claim, last)
    return claim


async def _first_steps(session: AsyncSession, claim: Claim) -> ClaimEvent:
    """The report, then at once what we wait for: the report says which documents that is."""
    for position, code in enumerate(catalogue().types[claim.type].documents):
        session.add(ClaimDocument(claim_id=claim.id, position=position, code=code))
    steps = [
        ClaimEvent(
            claim_id=claim.id,
            event_id=f"anda:{stage}",
            stage=stage,
            occurred_at=claim.stage_since,
            recorded_at=claim.stage_since,
        )
        for stage in (Stage.REPORTED, Stage.AWAITING_DOCUMENTS)
    ]
    for event in steps:
        session.add(event)
        await session.flush()
    return steps[-1]


async def _next_number(session: AsyncSession, year: int) -> str:
    """C, year, six digits; one that the core already gave is passed over."""
    while True:
        number = f"C{year}{await session.scalar(select(NUMBERS.next_value())):06d}"
        if await session.scalar(select(Claim.id).where(Claim.number == number)) is None:
            return number


async def complete_if_ready(session: AsyncSession, claim: Claim, zone: ZoneInfo, *, is_told: bool) -> None:
    """For a claim that came with its documents."""
    if not missing(claim):
        await progress.check_complete(session, claim, zone, is_told=is_told)
