"""What is to be paid next."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.schemas import money
from backend.policies.models import Policy, PremiumInstalment, ProductType
from backend.policies.schemas import PremiumRead, PremiumStatus, product_name


class Paid(NamedTuple):
    """Until when a policy is paid: the last payment, and the last due date it met."""

    last_paid: date
    last_due: date


async def next_premiums(session: AsyncSession, policies: list[Policy], today: date) -> list[PremiumRead]:
    """The next unpaid instalment of each policy, soonest first; fully paid ones last.

    Needs the policies' products loaded. A policy without any schedule is left out.
    """
    ids = [policy.id for policy in policies]
    unpaid = await _next_unpaid(session, ids)
    paid = await _paid(session, ids)
    shown = []
    for policy in policies:
        if policy.id in unpaid:
            shown.append(_open(policy, unpaid[policy.id], paid.get(policy.id), today))
        elif policy.id in paid:
            shown.append(_settled(policy, paid[policy.id]))
    return sorted(shown, key=lambda premium: (premium.status == PremiumStatus.PAID, premium.due_date))


async def _next_unpaid(session: AsyncSession, policy_ids: list[int]) -> dict[int, PremiumInstalment]:
    query = (
        select(PremiumInstalment)
        .ext(distinct_on(PremiumInstalment.policy_id))
        .where(PremiumInstalment.policy_id.in_(policy_ids), PremiumInstalment.paid_date.is_(None))
        .order_by(PremiumInstalment.policy_id, PremiumInstalment.due_date)
    )
    return {instalment.policy_id: instalment for instalment in await session.scalars(query)}


async def _paid(session: AsyncSession, policy_ids: list[int]) -> dict[int, Paid]:
    query = (
        select(
            PremiumInstalment.policy_id,
            func.max(PremiumInstalment.paid_date),
            func.max(PremiumInstalment.due_date),
        )
        .where(PremiumInstalment.policy_id.in_(policy_ids), PremiumInstalment.paid_date.is_not(None))
        .group_by(PremiumInstalment.policy_id)
    )
    rows = await session.execute(query)
    return {policy_id: Paid(paid, due) for policy_id, paid, due in rows if paid is not None}


def _open(policy: Policy, instalment: PremiumInstalment, paid: Paid | None, today: date) -> PremiumRead:
    grace = policy.product.grace_days
    return PremiumRead(
        policy_number=policy.number,
        product_type=ProductType(policy.product.type),
        product_name=product_name(policy.product),
        due_date=instalment.due_date,
        amount=money(instalment.amount - instalment.paid_amount, instalment.currency),
        status=PremiumStatus.OVERDUE if instalment.due_date < today else PremiumStatus.DUE,
        last_paid_date=paid.last_paid if paid else None,
        grace_until=instalment.due_date + timedelta(days=grace) if grace else None,
    )


def _settled(policy: Policy, paid: Paid) -> PremiumRead:
    return PremiumRead(
        policy_number=policy.number,
        product_type=ProductType(policy.product.type),
        product_name=product_name(policy.product),
        due_date=paid.last_due,
        amount=money(policy.premium, policy.currency),
        status=PremiumStatus.PAID,
        last_paid_date=paid.last_paid,
        grace_until=None,
    )
