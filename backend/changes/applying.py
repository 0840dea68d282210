"""Putting a confirmed change into the record; what was there is kept sealed on the request."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.changes import kinds
from backend.changes.asking import seal
from backend.changes.models import AFTER, BEFORE, ChangeKind, ChangeRequest
from backend.changes.reading import opened
from backend.conversations.bindings import unbind_customer
from backend.core.crypto import Vault
from backend.customers import standing
from backend.customers.accounts import use_account
from backend.customers.models import Customer
from backend.policies.beneficiaries import replace_beneficiaries
from backend.policies.models import PaymentFrequency, Policy, PolicyStatus, PremiumInstalment, Relationship
from backend.policies.payments import touch
from backend.policies.schemas import BeneficiaryShare


async def apply(
    session: AsyncSession, vault: Vault, request: ChangeRequest, customer: Customer, today: date
) -> list[str]:
    """Change the record; the names of the fields that changed. The customer's row must be locked.

    What is replaced is what is there now, not what was there when it was asked.
    """
    after = opened(vault, request.after_sealed, AFTER)
    policy = await _locked_policy(session, request.policy_id) if request.policy_id else None
    match request.kind:
        case ChangeKind.CONTACT:
            fields = await change_contact(session, vault, request, customer, after["value"])
        case ChangeKind.PAYMENT_ACCOUNT:
            before = await kinds.account_before(session, vault, customer.id, request.policy_id)
            request.before_sealed = seal(vault, before, BEFORE)
            await use_account(
                session,
                vault,
                customer.id,
                request.policy_id,
                after["account"],
                after["holder_name"],
                after["bank"],
            )
            fields = ["payment_account"]
        case ChangeKind.BENEFICIARY if policy:
            before = await kinds.beneficiaries_before(session, policy)
            request.before_sealed = seal(vault, before, BEFORE)
            await replace_beneficiaries(session, policy, _shares(after["beneficiaries"]))
            fields = ["beneficiaries"]
        case ChangeKind.SURRENDER if policy:
            request.before_sealed = seal(vault, {"status": policy.status}, BEFORE)
            policy.status = PolicyStatus.SURRENDERED
            fields = ["status"]
        case _ if policy:
            await _renew(
                session,
                policy,
                date.fromisoformat(after["start_date"]),
                date.fromisoformat(after["end_date"]),
            )
            fields = ["start_date", "end_date", "status"]
    await session.flush()
    if policy:
        await standing.refresh(session, [customer.id], today)
    return fields


async def _locked_policy(session: AsyncSession, policy_id: int) -> Policy:
    query = select(Policy).where(Policy.id == policy_id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def change_contact(
    session: AsyncSession, vault: Vault, request: ChangeRequest, customer: Customer, value: str
) -> list[str]:
    """A new phone ends every binding: who holds the old one proves nothing any more."""
    field = request.field or ""
    request.before_sealed = seal(vault, {"value": getattr(customer, field)}, BEFORE)
    setattr(customer, field, value)
    if field == "phone":
        await unbind_customer(session, customer.id, "phone_changed")
    return [field]


def _shares(rows: list[dict[str, str]]) -> list[BeneficiaryShare]:
    return [
        BeneficiaryShare(
            name=row["name"],
            relationship=Relationship(row["relationship"]),
            share_percent=Decimal(row["share_percent"]),
        )
        for row in rows
    ]


async def _renew(session: AsyncSession, policy: Policy, start: date, end: date) -> None:
    """The next period with its premiums; applying it twice changes nothing."""
    policy.start_date, policy.end_date, policy.status = start, end, PolicyStatus.ACTIVE
    dues = [start]
    if policy.payment_frequency == PaymentFrequency.MONTHLY:
        dues = [_month_later(start, months) for months in range(12)]
    rows = [
        {
            "policy_id": policy.id,
            "due_date": due,
            "amount": policy.premium,
            "currency": policy.currency,
            "paid_amount": Decimal(0),
        }
        for due in dues
    ]
    await session.execute(insert(PremiumInstalment).values(rows).on_conflict_do_nothing())
    touch(policy)


def _month_later(start: date, months: int) -> date:
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
