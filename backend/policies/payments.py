"""Payments: what came in pays the oldest open premiums first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from backend.core.errors import Conflict
from backend.core.paging import decode_id, encode_cursor
from backend.core.schemas import money
from backend.customers import standing
from backend.policies.models import (
    Payment,
    PaymentAllocation,
    PaymentMethod,
    Policy,
    PolicyStatus,
    PremiumInstalment,
)
from backend.policies.schemas import InstalmentRead, PaymentCreate, PaymentPage, PaymentRead
from backend.policies.service import get_policy


class PaymentDiffers(Conflict):
    """This external id was already used for another payment."""

    code = "payment_differs"


async def locked_policy(session: AsyncSession, typed_number: str) -> Policy:
    """The policy, its row locked until the transaction ends: who writes to a policy takes turns. Raises `NotFound`."""
    policy = await get_policy(session, typed_number)
    await session.refresh(policy, with_for_update={"of": Policy})
    return policy


def touch(policy: Policy) -> None:
    """What belongs to the policy changed: it gets a new version, and an entry in the feed."""
    flag_modified(policy, "updated_at")


async def record_payment(
    session: AsyncSession, typed_number: str, told: PaymentCreate, source: str, today: date
) -> Payment:
    """Record it once per (source, external_id), and pay instalments with it.

    Raises `NotFound` for the policy, `PaymentDiffers` when the external id stands for another payment.
    """
    policy = await locked_policy(session, typed_number)
    known = await _known(session, source, told.external_id)
    if known is not None:
        if (known.policy_id, known.amount, known.paid_on) != (policy.id, told.amount, told.paid_on):
            raise PaymentDiffers("This external id was used for another payment.")
        return known
    payment = Payment(
        policy_id=policy.id,
        amount=told.amount,
        currency=policy.currency,
        paid_on=told.paid_on,
        method=told.method,
        source=source,
        external_id=told.external_id,
        unused=told.amount,
    )
    session.add(payment)
    await session.flush()
    await _pay(session, payment, policy, today)
    await standing.refresh(session, [policy.holder_id], today)
    return payment


async def _known(session: AsyncSession, source: str, external_id: str | None) -> Payment | None:
    if external_id is None:
        return None
    query = select(Payment).where(Payment.source == source, Payment.external_id == external_id)
    return await session.scalar(query)


async def _pay(session: AsyncSession, payment: Payment, policy: Policy, today: date) -> None:
    """The oldest open instalments; the policy leaves its grace period when nothing is overdue any more."""
    is_open = (
        select(PremiumInstalment)
        .where(PremiumInstalment.policy_id == policy.id, PremiumInstalment.paid_date.is_(None))
        .order_by(PremiumInstalment.due_date)
    )
    still_open = []
    for instalment in await session.scalars(is_open):
        part = min(payment.unused, instalment.amount - instalment.paid_amount)
        if part > 0:
            session.add(PaymentAllocation(payment_id=payment.id, instalment_id=instalment.id, amount=part))
            instalment.paid_amount += part
            payment.unused -= part
        if instalment.paid_amount >= instalment.amount:
            instalment.paid_date = payment.paid_on
        else:
            still_open.append(instalment.due_date)
    if policy.status == PolicyStatus.GRACE and not any(due < today for due in still_open):
        policy.status = PolicyStatus.ACTIVE
    touch(policy)
    await session.flush()


async def instalments_of(session: AsyncSession, policy: Policy) -> list[InstalmentRead]:
    """The whole schedule, earliest first."""
    rows = await session.scalars(
        select(PremiumInstalment)
        .where(PremiumInstalment.policy_id == policy.id)
        .order_by(PremiumInstalment.due_date)
    )
    return [
        InstalmentRead(
            due_date=row.due_date,
            amount=money(row.amount, row.currency),
            # Schedules that came without payments say only the day.
            paid=money(row.amount if row.paid_date else row.paid_amount, row.currency),
            paid_date=row.paid_date,
        )
        for row in rows
    ]


async def payments_of(
    session: AsyncSession, policy: Policy, cursor: str | None = None, limit: int = 50
) -> PaymentPage:
    """Newest record first."""
    query = select(Payment).where(Payment.policy_id == policy.id).order_by(Payment.id.desc())
    if cursor:
        query = query.where(Payment.id < decode_id(cursor))
    found = list(await session.scalars(query.limit(limit + 1)))
    page = found[:limit]
    return PaymentPage(
        items=await payments_read(session, page, policy.number),
        next=encode_cursor(page[-1].id) if len(found) > limit else None,
    )


async def payments_read(session: AsyncSession, payments: list[Payment], number: str) -> list[PaymentRead]:
    rows = await session.execute(
        select(PaymentAllocation.payment_id, PremiumInstalment.due_date)
        .join(PremiumInstalment, PremiumInstalment.id == PaymentAllocation.instalment_id)
        .where(PaymentAllocation.payment_id.in_([payment.id for payment in payments]))
        .order_by(PremiumInstalment.due_date)
    )
    pays: dict[int, list[date]] = {}
    for payment_id, due in rows:
        pays.setdefault(payment_id, []).append(due)
    return [
        PaymentRead(
            id=payment.id,
            policy_number=number,
            amount=money(payment.amount, payment.currency),
            paid_on=payment.paid_on,
            method=PaymentMethod(payment.method),
            pays=pays.get(payment.id, []),
            unused=money(payment.unused, payment.currency),
            source=payment.source,
            external_id=payment.external_id,
            recorded_at=payment.recorded_at,
        )
        for payment in payments
    ]


async def paid_in_total(session: AsyncSession, policy_id: int) -> Decimal:
    """What was paid in premiums so far."""
    rows = await session.execute(
        select(PremiumInstalment.amount, PremiumInstalment.paid_amount, PremiumInstalment.paid_date).where(
            PremiumInstalment.policy_id == policy_id
        )
    )
    return sum((amount if paid_on else part for amount, part, paid_on in rows), Decimal(0))
