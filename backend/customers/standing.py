"""Tier, lapse risk and tags by rule, computed from the facts: after writes that change them, and of all by a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import business, clock
from backend.core.db import Database
from backend.core.jobs import Job
from backend.customers import worth
from backend.customers.facts import Facts, facts_of
from backend.customers.models import Customer, CustomerStanding, CustomerTag

BATCH = 500


async def refresh(session: AsyncSession, customer_ids: Sequence[int], today: date) -> None:
    """Compute these customers' standing anew in this transaction; what stays the same is not written."""
    await session.flush()
    facts = await facts_of(session, sorted(set(customer_ids)), today)
    if not facts:
        return
    value_model = await business.setting(session, "value_model")
    risk_model = await business.setting(session, "lapse_risk_model")
    rows = [_row(one, value_model, risk_model) for one in facts]
    await _save(session, rows)
    await _set_tiers(session, {row["customer_id"]: row["value_points"] for row in rows}, value_model)
    await _set_tags(session, facts, await business.setting(session, "tag_rules"))


def _row(facts: Facts, value_model: dict[str, Any], risk_model: dict[str, Any]) -> dict[str, Any]:
    value, risk = worth.value_parts(facts, value_model), worth.risk_reasons(facts, risk_model)
    return {
        "customer_id": facts.customer_id,
        "value_points": sum(part.points for part in value),
        "value_parts": [asdict(part) for part in value],
        "risk_points": sum(part.points for part in risk),
        "risk_reasons": [asdict(part) for part in risk],
        "computed_at": clock.now(),
    }


async def _save(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    new = insert(CustomerStanding).values(rows)
    told = ("value_points", "value_parts", "risk_points", "risk_reasons")
    differs = or_(*(getattr(CustomerStanding, name) != new.excluded[name] for name in told))
    changes = {name: new.excluded[name] for name in (*told, "computed_at")}
    await session.execute(
        new.on_conflict_do_update(index_elements=["customer_id"], set_=changes, where=differs)
    )


async def _set_tiers(session: AsyncSession, points: dict[int, int], model: dict[str, Any]) -> None:
    """No change of `version`: nobody who edits the customer at this moment shall be told of a conflict."""
    by_tier: dict[str, list[int]] = {}
    for customer_id, count in points.items():
        by_tier.setdefault(worth.tier_for(count, model), []).append(customer_id)
    for tier, ids in by_tier.items():
        await session.execute(
            update(Customer).where(Customer.id.in_(ids), Customer.tier != tier).values(tier=tier)
        )


async def _set_tags(session: AsyncSession, facts: list[Facts], rules: list[dict[str, Any]]) -> None:
    wanted = {(one.customer_id, tag) for one in facts for tag in worth.tags_by_rule(one, rules)}
    ids = [one.customer_id for one in facts]
    held = await session.execute(
        select(CustomerTag.customer_id, CustomerTag.tag).where(
            CustomerTag.customer_id.in_(ids), CustomerTag.is_by_rule
        )
    )
    present = {(customer_id, tag) for customer_id, tag in held}
    if gone := sorted(present - wanted):
        key = tuple_(CustomerTag.customer_id, CustomerTag.tag)
        await session.execute(delete(CustomerTag).where(CustomerTag.is_by_rule, key.in_(gone)))
    if new := sorted(wanted - present):
        now = clock.now()
        rows = [
            {"customer_id": customer_id, "tag": tag, "is_by_rule": True, "added_at": now}
            for customer_id, tag in new
        ]
        # A tag that somebody gave by hand stays theirs.
        await session.execute(insert(CustomerTag).values(rows).on_conflict_do_nothing())


async def refresh_all(database: Database, zone: ZoneInfo) -> int:
    """Every customer, a transaction each `BATCH`; how many there are."""
    last, done = 0, 0
    while True:
        async with database.session.begin() as session:
            query = select(Customer.id).where(Customer.id > last).order_by(Customer.id).limit(BATCH)
            ids = list(await session.scalars(query))
            if not ids:
                return done
            await refresh(session, ids, clock.today(zone))
        last, done = ids[-1], done + len(ids)


def make_jobs(database: Database, zone: ZoneInfo) -> list[Job]:
    """Time alone changes standings: premiums fall due, contact becomes rare."""

    async def run() -> None:
        await refresh_all(database, zone)

    return [Job("standings", timedelta(hours=1), run)]
