"""What is known of a contact: nobody (0), a number on one customer's record (1), verified (2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
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
    binding = await session.scalar(
        select(Binding).where(
            Binding.contact_id == contact.id, Binding.ended_at.is_(None), Binding.expires_at > clock.now()
        )
    )
    if binding is not None:
        return Identity(2, binding.customer_id, binding.verified_at)
    if contact.channel == "sms":
        owners = list(
            await session.scalars(select(Customer.id).where(Customer.phone == contact.external_id).limit(2))
        )
        if len(owners) == 1:
            return Identity(1, owners[0])
    return Identity(0)
