"""A customer's consents in one view: what holds, who said it, and which channels are stopped."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Binding, Contact
from backend.core import clock
from backend.customers.models import Customer
from backend.notices.consents import DEFAULTS
from backend.notices.models import Consent, NoticePreference, Purpose
from backend.notices.schemas import ConsentsRead, ConsentState, StoppedChannel


async def consents_of(session: AsyncSession, customer: Customer) -> ConsentsRead:
    """Every purpose, and every channel with a word of its own."""
    said: dict[tuple[str, str | None], Consent] = {}
    query = select(Consent).where(Consent.customer_id == customer.id).order_by(Consent.id)
    for row in await session.scalars(query):
        if row.channel is None:  # a later word for every channel replaces earlier ones for single channels
            said = {key: value for key, value in said.items() if key[0] != row.purpose}
        said[row.purpose, row.channel] = row
    preference = await session.get(NoticePreference, customer.id)
    return ConsentsRead(
        items=[state for purpose in Purpose for state in _states(purpose, said)],
        stopped=await _stopped(session, customer),
        preferred_channel=preference.channel if preference else None,
    )


def _states(purpose: Purpose, said: dict[tuple[str, str | None], Consent]) -> list[ConsentState]:
    rows = [row for (what, _), row in said.items() if what == purpose]
    states = [
        ConsentState(
            purpose=purpose,
            channel=row.channel,
            given=row.given,
            source=row.source,
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]
    if not any(row.channel is None for row in rows):
        usual = ConsentState(
            purpose=purpose, channel=None, given=DEFAULTS[purpose], source="default", recorded_at=None
        )
        states.insert(0, usual)
    return states


async def _stopped(session: AsyncSession, customer: Customer) -> list[StoppedChannel]:
    bound = select(Binding.contact_id).where(
        Binding.customer_id == customer.id, Binding.ended_at.is_(None), Binding.expires_at > clock.now()
    )
    is_their_phone = (Contact.channel == "sms") & (Contact.external_id == (customer.phone or ""))
    query = select(Contact).where(Contact.id.in_(bound) | is_their_phone).order_by(Contact.id)
    contacts = await session.scalars(query)
    return [
        StoppedChannel(channel=contact.channel, since=contact.opted_out_at or contact.unfollowed_at)
        for contact in contacts
        if contact.opted_out_at or contact.unfollowed_at
    ]


async def prefer(session: AsyncSession, customer_id: int, channel: str | None) -> None:
    """Keep the customer's wish; None takes it back."""
    if channel is None:
        known = await session.get(NoticePreference, customer_id)
        if known is not None:
            await session.delete(known)
            await session.flush()
        return
    statement = insert(NoticePreference).values(
        customer_id=customer_id, channel=channel, changed_at=clock.now()
    )
    changed = {"channel": channel, "changed_at": clock.now()}
    await session.execute(statement.on_conflict_do_update(index_elements=["customer_id"], set_=changed))
