"""Bindings: a contact is a customer from one moment to another, and the record follows exactly that."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Binding, Contact, Interaction
from backend.core import business, clock
from backend.tickets.models import Ticket, TicketStatus


async def bind(session: AsyncSession, contact: Contact, customer_id: int) -> Binding:
    """Bind the contact to the customer, ending any other binding, and attach what was said on the way here."""
    now = clock.now()
    hours = (await business.setting(session, "binding_hours"))[contact.channel]
    current = await session.scalar(
        select(Binding).where(Binding.contact_id == contact.id, Binding.ended_at.is_(None)).with_for_update()
    )
    if current is not None and current.customer_id == customer_id and current.expires_at > now:
        current.verified_at, current.expires_at = now, now + timedelta(hours=hours)
        return current
    if current is not None:
        current.ended_at, current.end_reason = min(now, current.expires_at), "replaced"
        await session.flush()
    await _attach(session, contact, customer_id, timedelta(hours=hours))
    binding = Binding(
        contact_id=contact.id,
        customer_id=customer_id,
        bound_at=now,
        verified_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    session.add(binding)
    await session.flush()
    return binding


async def unbind(session: AsyncSession, contact_id: int, reason: str) -> None:
    """End the contact's binding, if it has one."""
    await session.execute(
        update(Binding)
        .where(Binding.contact_id == contact_id, Binding.ended_at.is_(None))
        .values(ended_at=clock.now(), end_reason=reason)
    )


async def unbind_customer(session: AsyncSession, customer_id: int, reason: str) -> int:
    """End every binding of this customer, on all channels; how many there were."""
    ended = await session.scalars(
        update(Binding)
        .where(Binding.customer_id == customer_id, Binding.ended_at.is_(None))
        .values(ended_at=clock.now(), end_reason=reason)
        .returning(Binding.id)
    )
    return len(list(ended))


async def record_starts_at(session: AsyncSession, contact_id: int) -> Interaction | None:
    """The last interaction that belongs to an earlier binding; what follows it is the present person's."""
    ended = await session.scalar(select(func.max(Binding.ended_at)).where(Binding.contact_id == contact_id))
    if ended is None:
        return None
    return await session.scalar(
        select(Interaction)
        .where(Interaction.contact_id == contact_id, Interaction.occurred_at <= ended)
        .order_by(Interaction.id.desc())
        .limit(1)
    )


async def _attach(session: AsyncSession, contact: Contact, customer_id: int, period: timedelta) -> None:
    """What was said since the last binding ended, and no longer ago than a binding lasts, joins the record."""
    last_of_others = await record_starts_at(session, contact.id)
    unbound = update(Interaction).where(
        Interaction.contact_id == contact.id,
        Interaction.customer_id.is_(None),
        Interaction.occurred_at > clock.now() - period,
        Interaction.id > (last_of_others.id if last_of_others else 0),
    )
    await session.execute(unbound.values(customer_id=customer_id))
    tickets = update(Ticket).where(
        Ticket.contact_id == contact.id, Ticket.customer_id.is_(None), Ticket.status != TicketStatus.RESOLVED
    )
    await session.execute(tickets.values(customer_id=customer_id, identity_level=2))
