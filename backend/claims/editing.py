"""Claims that agents and other systems report and correct."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import drafts, reporting
from backend.claims.models import Claim
from backend.claims.reporting import Report
from backend.claims.service import get_claim
from backend.claims.ticking import ClaimDecided
from backend.claims.transitions import OPEN
from backend.claims.words import plain
from backend.claims.work_schemas import ClaimCreate, ClaimUpdate
from backend.core.errors import Invalid
from backend.core.records import OURS
from backend.policies.service import find_policy


async def create(session: AsyncSession, told: ClaimCreate, zone: ZoneInfo) -> tuple[Claim, bool]:
    """The claim, and whether it is new: the same (source, external id) is the same claim. Raises `Invalid`."""
    if told.source is not None and told.external_id is not None:
        key = {"key": f"claim:{told.source}:{told.external_id}"}
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)
        known = await session.scalar(
            select(Claim.number).where(Claim.source == told.source, Claim.external_id == told.external_id)
        )
        if known is not None:
            return await get_claim(session, known), False
    policy = await find_policy(session, told.policy_number)
    if policy is None:
        raise Invalid("There is no such policy.", field="policy_number")
    if told.reported_date is not None:
        reporting.check_reported_date(told.reported_date, told.incident_date, zone)
    report = Report(
        policy=policy,
        type=told.type,
        incident_date=told.incident_date,
        description=plain(told.description),
        incident_place=plain(told.incident_place),
        claimed_amount=drafts.amount_of(told.claimed_amount),
        is_injured=told.injured,
        contact_phone=await drafts.phone_of(session, policy.holder_id, told.contact_phone),
        reported_date=told.reported_date,
        source=told.source or OURS,
        external_id=told.external_id,
    )
    return await reporting.create_claim(session, report, zone), True


async def change(session: AsyncSession, claim: Claim, told: ClaimUpdate) -> list[str]:
    """Set on a locked claim what `told` names; the names of what is different now."""
    given = {name: getattr(told, name) for name in told.model_fields_set - {"version"}}
    if "claimed_amount" in given:
        if claim.stage not in OPEN:
            raise ClaimDecided("This claim is decided; its amount stays as it was claimed.")
        given["claimed_amount"] = drafts.amount_of(given["claimed_amount"])
    if "contact_phone" in given:
        given["contact_phone"] = await drafts.phone_of(session, claim.customer_id, given["contact_phone"])
    for name in {"description", "incident_place"} & given.keys():
        given[name] = plain(given[name])
    if "injured" in given:
        given["is_injured"] = given.pop("injured")
    for name in ("complexity", "is_flagged"):
        if given.get(name, "") is None:
            raise Invalid("This cannot be empty.", field=name)
    changed = sorted(name for name, value in given.items() if getattr(claim, name) != value)
    for name in changed:
        setattr(claim, name, given[name])
    await session.flush()
    return changed
