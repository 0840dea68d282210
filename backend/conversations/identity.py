"""What is known of a contact: nobody (0), a number on one customer's record (1), verified (2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, case, func, null, select
from sqlalchemy.dialects.postgresql import ARRAY
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


# Joined to a contact's row, these columns tell who it is; `now` is bound when the statement runs.
OPEN_BINDING = (
    (Binding.contact_id == Contact.id)
    & Binding.ended_at.is_(None)
    & (Binding.expires_at > bindparam("now", type_=Binding.expires_at.type))
)
_OWNERS = select(Customer.id).where(Customer.phone == Contact.external_id).limit(2).correlate(Contact)
COLUMNS = (
    Binding.customer_id.label("bound_customer_id"),
    Binding.verified_at.label("verified_at"),
    case(
        (Contact.channel == "sms", func.array(_OWNERS.scalar_subquery(), type_=ARRAY(BigInteger()))),
        else_=null(),
    ).label("owners"),
)
_OF_CONTACT = (
    select(*COLUMNS)
    .select_from(Contact)
    .outerjoin(Binding, OPEN_BINDING)
    .where(Contact.id == bindparam("contact_id"))
)


async def identity_of(session: AsyncSession, contact: Contact) -> Identity:
    """The identity level that the open binding, or the SMS number itself, gives."""
    row = (await session.execute(_OF_CONTACT, {"contact_id": contact.id, "now": clock.now()})).one()
    return told_by(row)


def told_by(row: Any) -> Identity:
    """The identity that a row with `COLUMNS` tells: bound, or the one customer on whose record the number stands."""
    if row.bound_customer_id is not None:
        return Identity(2, row.bound_customer_id, row.verified_at)
    owners = row.owners or []
    return Identity(1, owners[0]) if len(owners) == 1 else Identity(0)
