"""What is known of a contact: nobody (0), a number on one customer's record (1), verified (2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, cast, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Binding, Contact
from backend.core import clock
from backend.customers.models import Customer


@dataclass(frozen=True)
class Identity:
    """Identity level of a contact now; the customer is known from level 1 on."""

    level: int
    customer_id: int | None = None
    verified_at: datetime | None = None


BOUND = select(Binding.customer_id, Binding.verified_at).where(
    Binding.contact_id == bindparam("contact_id"),
    Binding.ended_at.is_(None),
    Binding.expires_at > bindparam("now"),
)
_OWNERS = select(Customer.id, cast(null(), Binding.verified_at.type)).where(
    Customer.phone == bindparam("phone")
)
BOUND_OR_OWNER = union_all(BOUND, _OWNERS.limit(2).subquery().select())


async def identity_of(session: AsyncSession, contact: Contact) -> Identity:
    """The identity level that the open binding, or the SMS number itself, gives."""
    values: dict[str, Any] = {"contact_id": contact.id, "now": clock.now()}
    if contact.channel != "sms":
        binding = (await session.execute(BOUND, values)).first()
        return Identity(2, *binding) if binding else Identity(0)
    known = (await session.execute(BOUND_OR_OWNER, values | {"phone": contact.external_id})).all()
    bindings = [found for found in known if found.verified_at is not None]
    if bindings:
        return Identity(2, *bindings[0])
    return of_owners([found.customer_id for found in known])


def of_owners(customer_ids: list[int]) -> Identity:
    """Whom the number of an SMS tells: the one customer on whose record it stands, if it is one."""
    return Identity(1, customer_ids[0]) if len(customer_ids) == 1 else Identity(0)
