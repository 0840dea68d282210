"""What is known of a contact: nobody (0), a number on one customer's record (1), verified (2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import cast, null, select, union_all
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


async def identity_of(session: AsyncSession, contact: Contact) -> Identity:
    """The identity level that the open binding, or the SMS number itself, gives."""
    bound = select(Binding.customer_id, Binding.verified_at).where(
        Binding.contact_id == contact.id, Binding.ended_at.is_(None), Binding.expires_at > clock.now()
    )
    if contact.channel != "sms":
        binding = (await session.execute(bound)).first()
        return Identity(2, *binding) if binding else Identity(0)
    owns = select(Customer.id, cast(null(), Binding.verified_at.type)).where(Customer.phone == contact.external_id).limit(2)
    known = (await session.execute(union_all(bound, owns.subquery().select()))).all()
    bindings = [found for found in known if found.verified_at is not None]
    if bindings:
        return Identity(2, *bindings[0])
    return Identity(1, known[0].customer_id) if len(known) == 1 else Identity(0)
