"""How customers can be reached now: the contacts bound to them, the phone on record, and what they agreed to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Binding, Contact, Conversation, SendAllowance
from backend.core import clock
from backend.customers.models import Customer
from backend.notices import consents
from backend.notices.consents import Consents
from backend.notices.models import Notice, NoticePreference, NoticeState


@dataclass(frozen=True)
class Way:
    """A way to one customer: a contact that is bound to them (level 2), or the phone on record (level 1)."""

    channel: str
    recipient: str
    level: int
    contact_id: int | None = None
    is_stopped: bool = False  # STOP, or no longer following
    has_window: bool = True  # WeChat: a customer-service message may be sent, one left for a person
    last_used: datetime | None = None


@dataclass
class Reach:
    """One customer, as far as notices are concerned. `closed` says why a channel is none."""

    customer: Customer
    ways: dict[str, Way] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    preferred: str | None = None
    consents: Consents = field(default_factory=Consents)
    # When notices of each purpose were queued lately, oldest first.
    lately: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))


async def reach(
    session: AsyncSession, customers: Collection[Customer], sms_account: str, cap_days: int
) -> dict[int, Reach]:
    """By customer id, with a handful of queries however many customers there are."""
    found = {customer.id: Reach(customer) for customer in customers}
    await _bound(session, found)
    await _phones(session, found, sms_account)
    for row in await session.scalars(select(NoticePreference).where(NoticePreference.customer_id.in_(found))):
        found[row.customer_id].preferred = row.channel
    contacts = {
        way.contact_id: customer_id
        for customer_id, one in found.items()
        for way in one.ways.values()
        if way.contact_id is not None
    }
    for customer_id, said in (await consents.load(session, found, contacts)).items():
        found[customer_id].consents = said
    await _lately(session, found, cap_days)
    return found


async def _bound(session: AsyncSession, found: dict[int, Reach]) -> None:
    """The contact of each channel that is bound now and was used last; never one whose binding ended."""
    rows = await session.execute(
        select(Binding.customer_id, Contact, Conversation.last_inbound_at)
        .join(Contact, Contact.id == Binding.contact_id)
        .join(Conversation, Conversation.contact_id == Contact.id)
        .where(Binding.customer_id.in_(found), Binding.ended_at.is_(None), Binding.expires_at > clock.now())
        .order_by(Conversation.last_inbound_at.asc().nulls_first(), Contact.id)
    )
    bound = [(customer_id, contact, last_used) for customer_id, contact, last_used in rows]
    windows = await _windows(session, [c.id for _, c, _ in bound if c.channel == "wechat"])
    for customer_id, contact, last_used in bound:
        found[customer_id].ways[contact.channel] = Way(
            channel=contact.channel,
            recipient=contact.external_id,
            level=2,
            contact_id=contact.id,
            is_stopped=contact.opted_out_at is not None or contact.unfollowed_at is not None,
            has_window=contact.channel != "wechat" or contact.id in windows,
            last_used=last_used,
        )


async def _windows(session: AsyncSession, contact_ids: Collection[int]) -> set[int]:
    """WeChat contacts with more than the last send left: that one is a person's."""
    rows = await session.scalars(
        select(SendAllowance.contact_id)
        .where(SendAllowance.contact_id.in_(contact_ids), SendAllowance.expires_at > clock.now())
        .group_by(SendAllowance.contact_id)
        .having(func.sum(SendAllowance.allowed - SendAllowance.used) > 1)
    )
    return set(rows)


async def _phones(session: AsyncSession, found: dict[int, Reach], sms_account: str) -> None:
    """The phone on record, where no proved SMS contact is: only if it is one customer's, and nobody else's now."""
    without = {
        one.customer.phone: one for one in found.values() if one.customer.phone and "sms" not in one.ways
    }
    if not without or not sms_account:
        return
    shared = set(
        await session.scalars(
            select(Customer.phone)
            .where(Customer.phone.in_(without))
            .group_by(Customer.phone)
            .having(func.count() > 1)
        )
    )
    rows = await session.execute(
        select(Contact, Binding.id)
        .outerjoin(
            Binding,
            (Binding.contact_id == Contact.id)
            & Binding.ended_at.is_(None)
            & (Binding.expires_at > clock.now()),
        )
        .where(Contact.channel == "sms", Contact.account == sms_account, Contact.external_id.in_(without))
    )
    known = {contact.external_id: (contact, binding_id) for contact, binding_id in rows}
    for one in found.values():
        phone = one.customer.phone
        if phone is None or "sms" in one.ways:
            continue
        contact, binding_id = known.get(phone, (None, None))
        if phone in shared or binding_id is not None:
            one.closed["sms"] = "shared_number" if phone in shared else "someone_elses"
            continue
        is_stopped = contact is not None and contact.opted_out_at is not None
        one.ways["sms"] = Way("sms", phone, 1, contact.id if contact else None, is_stopped)


async def _lately(session: AsyncSession, found: dict[int, Reach], days: int) -> None:
    rows = await session.execute(
        select(Notice.customer_id, Notice.purpose, Notice.queued_at)
        .where(
            Notice.customer_id.in_(found),
            Notice.state.in_((NoticeState.QUEUED, NoticeState.SENT)),
            Notice.queued_at > clock.now() - timedelta(days=days),
        )
        .order_by(Notice.queued_at)
    )
    for customer_id, purpose, queued_at in rows:
        if queued_at is not None:
            found[customer_id].lately[purpose].append(queued_at)
