"""Bank accounts of customers: sealed, found by blind index, shown by their last four digits."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum import luhn

from backend.core import clock
from backend.core.crypto import Vault
from backend.core.errors import Invalid, NotFound
from backend.customers.models import ACCOUNT, PaymentAccount
from backend.customers.schemas import AccountRead
from backend.policies.models import Policy


def tidy_account(typed: str) -> str:
    """The digits; raises `Invalid` for what cannot be a bank account (8 to 30 digits, no letters)."""
    digits = "".join(typed.split()).replace("-", "")
    if not (digits.isascii() and digits.isdecimal() and 8 <= len(digits) <= 30):
        raise Invalid("This cannot be a bank account number.", field="account")
    return digits


def is_card(account: str) -> bool:
    """Whether it has the check digit that cards have; accounts need not have one."""
    return luhn.is_valid(account)


def masked_account(account: str) -> str:
    return "*" * (len(account) - 4) + account[-4:]


async def accounts_in_use(session: AsyncSession, customer_id: int, vault: Vault) -> list[AccountRead]:
    """The one for all policies first."""
    rows = await session.execute(
        select(PaymentAccount, Policy.number)
        .outerjoin(Policy, Policy.id == PaymentAccount.policy_id)
        .where(PaymentAccount.customer_id == customer_id, PaymentAccount.ended_at.is_(None))
        .order_by(PaymentAccount.policy_id.nulls_first())
    )
    return [
        AccountRead(
            id=row.id,
            bank=row.bank,
            holder_name=row.holder_name,
            account_masked=masked_account(vault.open(row.account_sealed, ACCOUNT)),
            policy_number=number,
            since=row.created_at,
        )
        for row, number in rows
    ]


async def account_in_use(
    session: AsyncSession, customer_id: int, policy_id: int | None
) -> PaymentAccount | None:
    """The account of exactly this policy, or with None the one for all others."""
    return await session.scalar(
        select(PaymentAccount).where(
            PaymentAccount.customer_id == customer_id,
            PaymentAccount.policy_id.is_not_distinct_from(policy_id),
            PaymentAccount.ended_at.is_(None),
        )
    )


async def use_account(
    session: AsyncSession,
    vault: Vault,
    customer_id: int,
    policy_id: int | None,
    account: str,
    holder_name: str,
    bank: str | None,
) -> PaymentAccount:
    """Put this account in the place of the one in use, which is kept with its end."""
    await session.execute(
        update(PaymentAccount)
        .where(
            PaymentAccount.customer_id == customer_id,
            PaymentAccount.policy_id.is_not_distinct_from(policy_id),
            PaymentAccount.ended_at.is_(None),
        )
        .values(ended_at=clock.now())
    )
    row = PaymentAccount(
        customer_id=customer_id,
        policy_id=policy_id,
        bank=bank,
        holder_name=holder_name,
        account_sealed=vault.seal(account, ACCOUNT),
        account_index=vault.blind_index(account, ACCOUNT),
    )
    session.add(row)
    await session.flush()
    return row


async def account_in_full(session: AsyncSession, vault: Vault, customer_id: int, account_id: int) -> str:
    """Raises `NotFound`."""
    row = await session.get(PaymentAccount, account_id)
    if row is None or row.customer_id != customer_id:
        raise NotFound("There is no such payment account.")
    return vault.open(row.account_sealed, ACCOUNT)
