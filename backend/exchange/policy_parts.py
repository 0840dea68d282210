"""What belongs to a pushed policy: a list that is given takes the place of what is there."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.exchange.schemas import CoveragePush, InstalmentPush, PolicyPush, RiderPush
from backend.policies.beneficiaries import replace_beneficiaries
from backend.policies.models import Coverage, Policy, PolicyRider, PremiumInstalment


async def replace_parts(session: AsyncSession, policy: Policy, item: PolicyPush) -> None:
    """Raises `Invalid` when beneficiaries' shares do not add to 100."""
    if item.coverages is not None:
        await session.execute(delete(Coverage).where(Coverage.policy_id == policy.id))
        session.add_all(_coverage(policy, place, part) for place, part in enumerate(item.coverages))
    if item.riders is not None:
        await session.execute(delete(PolicyRider).where(PolicyRider.policy_id == policy.id))
        session.add_all(_rider(policy, place, part) for place, part in enumerate(item.riders))
    if item.instalments is not None:
        await _replace_instalments(session, policy, item.instalments)
    if item.beneficiaries:
        await replace_beneficiaries(session, policy, item.beneficiaries)
    await session.flush()


def _coverage(policy: Policy, place: int, part: CoveragePush) -> Coverage:
    return Coverage(
        policy_id=policy.id,
        position=place,
        code=part.code,
        name_zh=part.name.zh,
        name_en=part.name.en,
        sum_insured=part.sum_insured,
        deductible=part.deductible,
        currency=policy.currency,
        waiting_period_days=part.waiting_period_days,
    )


def _rider(policy: Policy, place: int, part: RiderPush) -> PolicyRider:
    return PolicyRider(
        policy_id=policy.id,
        position=place,
        code=part.code,
        name_zh=part.name.zh,
        name_en=part.name.en,
        sum_insured=part.sum_insured,
        premium=part.premium,
        currency=policy.currency,
        start_date=part.start_date,
        end_date=part.end_date,
    )


async def _replace_instalments(session: AsyncSession, policy: Policy, parts: list[InstalmentPush]) -> None:
    """By due date, because payments point at instalments; those with money on them stay even when they are left out."""
    query = select(PremiumInstalment).where(PremiumInstalment.policy_id == policy.id)
    present = {row.due_date: row for row in await session.scalars(query)}
    for part in parts:
        row = present.pop(part.due_date, None)
        if row is None:
            row = PremiumInstalment(policy_id=policy.id, due_date=part.due_date, paid_amount=Decimal(0))
            session.add(row)
        row.amount, row.currency, row.paid_date = part.amount, policy.currency, part.paid_date
    for row in present.values():
        if not row.paid_amount:
            await session.delete(row)
