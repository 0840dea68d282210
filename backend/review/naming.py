"""The names that may stand in a customer's words: their own, and those of the people on their policies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from backend.customers.models import Customer, FamilyMember
from backend.policies.models import Beneficiary, Policy


async def names_for(session: AsyncSession, customer_id: int | None, said: Iterable[str] = ()) -> list[str]:
    """What the bot took for people's names in the message (`said`), and the names on the customer's record."""
    names = list(said)
    if customer_id is None:
        return names
    own = Policy.holder_id == customer_id
    relative = select(Customer.name).join(FamilyMember, FamilyMember.relative_id == Customer.id)
    query: Any = union_all(
        select(Customer.name).where(Customer.id == customer_id),
        select(Customer.latin_name).where(Customer.id == customer_id),
        relative.where(FamilyMember.customer_id == customer_id),
        select(FamilyMember.name).where(FamilyMember.customer_id == customer_id),
        select(Policy.insured_name).where(own),
        select(Beneficiary.name).join(Policy, Policy.id == Beneficiary.policy_id).where(own),
    )
    return names + [name for name in await session.scalars(query) if name]
