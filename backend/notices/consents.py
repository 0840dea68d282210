"""Consents: who may be told what, by which channel. Every yes and no is kept; the latest wins."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Contact
from backend.notices.models import Consent, Purpose

# What holds for a person who never said anything.
DEFAULTS = {
    Purpose.SERVICE: True,
    Purpose.REMINDERS: True,
    Purpose.GREETINGS: False,
    Purpose.MARKETING: False,
}
WHOLE_CHANNEL = "all"
# What "stop telling me things" means: everything but news of one's own claims and cover.
OPTIONAL = (Purpose.MARKETING, Purpose.GREETINGS, Purpose.REMINDERS)


@dataclass
class Consents:
    """What one customer, and the contacts bound to them, said last."""

    by_customer: dict[tuple[str, str | None], Consent] = field(default_factory=dict)
    by_contact: dict[tuple[int, str], Consent] = field(default_factory=dict)

    def may_tell(self, purpose: Purpose, channel: str | None = None) -> bool:
        """Whether the customer agreed to `purpose`, on `channel` if one is given; the latest word counts."""
        said = [self.by_customer.get((purpose, None))]
        if channel is not None:
            said.append(self.by_customer.get((purpose, channel)))
        latest = max((one for one in said if one), key=lambda one: one.id, default=None)
        return latest.given if latest else DEFAULTS[purpose]

    def is_stopped(self, contact_id: int, purpose: Purpose) -> bool:
        """Whether this contact refused: its whole channel, or this purpose while nobody was bound to it."""
        said = (self.by_contact.get((contact_id, what)) for what in (WHOLE_CHANNEL, purpose))
        return any(one is not None and not one.given for one in said)

    def add(self, row: Consent) -> None:
        """Rows come oldest first."""
        if row.customer_id is not None and row.purpose != WHOLE_CHANNEL:
            self.by_customer[row.purpose, row.channel] = row
        elif row.contact_id is not None:
            self.by_contact[row.contact_id, row.purpose] = row


async def load(
    session: AsyncSession, customer_ids: Collection[int], contacts: dict[int, int]
) -> dict[int, Consents]:
    """By customer; `contacts` maps each contact to the customer it is bound to."""
    found = {customer_id: Consents() for customer_id in customer_ids}
    query = select(Consent).where(
        or_(Consent.customer_id.in_(customer_ids), Consent.contact_id.in_(contacts))
    )
    for row in await session.scalars(query.order_by(Consent.id)):
        of_contact = row.customer_id is None or row.purpose == WHOLE_CHANNEL
        owner = contacts.get(row.contact_id or 0) if of_contact else row.customer_id
        if owner in found:
            found[owner].add(row)
    return found


async def record(
    session: AsyncSession,
    purposes: Iterable[Purpose],
    given: bool,
    source: str,
    *,
    customer_id: int | None = None,
    contact_id: int | None = None,
    channel: str | None = None,
) -> None:
    """Keep a yes or no of a customer; of the contact alone where nobody is known."""
    for purpose in purposes:
        session.add(
            Consent(
                customer_id=customer_id,
                contact_id=contact_id,
                purpose=purpose,
                channel=channel,
                given=given,
                source=source,
            )
        )
    await session.flush()


async def record_contact(session: AsyncSession, contact_id: int, given: bool, source: str) -> None:
    """A contact stopped its whole channel, or allowed it again (STOP, START, unsubscribe, a refusal).

    `given` lifts an earlier stop; it is no consent to marketing. The same again is not written twice.
    """
    contact = await session.get_one(Contact, contact_id)
    last = await session.scalar(
        select(Consent)
        .where(Consent.contact_id == contact_id, Consent.purpose == WHOLE_CHANNEL)
        .order_by(Consent.id.desc())
        .limit(1)
    )
    if last.given == given if last else given:
        return
    session.add(
        Consent(
            contact_id=contact_id, purpose=WHOLE_CHANNEL, channel=contact.channel, given=given, source=source
        )
    )
    await session.flush()
