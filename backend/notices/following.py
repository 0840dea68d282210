"""What became of notices in the outbox: sent, or on to the next channel, with the reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, and_, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import OutboundMessage, OutboundState
from backend.core import business, clock
from backend.customers.models import Customer
from backend.notices.choosing import Rules, choose
from backend.notices.models import Notice, NoticeDelivery, NoticeState
from backend.notices.reach import reach
from backend.notices.sending import template_of

WITHDRAWN = "withdrawn"
# A platform may say this much later that a message did not arrive.
LATE_NEWS = timedelta(days=1)


async def open_deliveries(session: AsyncSession, limit: int) -> list[int]:
    """Deliveries to look at: news of the outbox first, then those that nobody saw for long."""
    outbound, notice = OutboundMessage, Notice
    deliveries = (
        select(NoticeDelivery.id)
        .join(outbound, outbound.id == NoticeDelivery.outbound_id)
        .join(notice, notice.id == NoticeDelivery.notice_id)
        .where(NoticeDelivery.failed_because.is_(None))
    )
    queued = deliveries.where(notice.state == NoticeState.QUEUED)
    is_news = or_(
        outbound.state.in_((OutboundState.FAILED, OutboundState.EXPIRED)),
        outbound.state.in_((OutboundState.DELIVERED, OutboundState.READ)),
        and_(outbound.state == OutboundState.SENT, outbound.channel != "web"),
    )
    failed_late = deliveries.where(
        notice.state == NoticeState.SENT,
        notice.sent_at > clock.now() - LATE_NEWS,
        outbound.state == OutboundState.FAILED,
    )
    patience = timedelta(minutes=await business.setting(session, "notice_patience_minutes"))
    unseen = queued.where(not_(is_news), outbound.created_at < clock.now() - patience)
    found: list[int] = []
    # Those that nobody saw may have no other way for days: drawn by lot, none of them keeps the others waiting.
    for query in (
        queued.where(is_news).order_by(NoticeDelivery.id),
        failed_late,
        unseen.order_by(func.random()),
    ):
        found += await session.scalars(query.limit(limit))
    return found


async def follow(session: AsyncSession, delivery_id: int, rule: Rules) -> None:
    """Bring one notice up to date with its outbound message."""
    delivery = await session.get_one(NoticeDelivery, delivery_id)
    notice = await session.get_one(Notice, delivery.notice_id, with_for_update=True, populate_existing=True)
    await session.refresh(delivery)
    outbound = await session.get_one(OutboundMessage, delivery.outbound_id, populate_existing=True)
    if delivery.failed_because or notice.state not in (NoticeState.QUEUED, NoticeState.SENT):
        return
    if outbound.state == OutboundState.FAILED:
        _next_channel(notice, delivery, outbound.error or "failed")
    elif outbound.state == OutboundState.EXPIRED:
        delivery.failed_because = outbound.error or "expired"
        notice.state, notice.reason = NoticeState.EXPIRED, "too_late"
    elif outbound.state in (OutboundState.DELIVERED, OutboundState.READ) or (
        outbound.state == OutboundState.SENT and outbound.channel != "web"
    ):
        _is_sent(notice, outbound)
    else:
        await _lost_patience(session, notice, delivery, outbound, rule)


def _is_sent(notice: Notice, outbound: OutboundMessage) -> None:
    notice.state, notice.sent_at = NoticeState.SENT, outbound.sent_at or clock.now()


def _next_channel(notice: Notice, delivery: NoticeDelivery, why: str) -> None:
    """Planned again at once; the channel that failed is not tried twice."""
    delivery.failed_because = why
    notice.state, notice.reason, notice.sent_at = NoticeState.PLANNED, "next_channel", None
    notice.planned_for = clock.now()


async def _lost_patience(
    session: AsyncSession, notice: Notice, delivery: NoticeDelivery, outbound: OutboundMessage, rule: Rules
) -> None:
    """Nobody saw it for long: take it back and go on by another channel, if there is one; or give it up."""
    if notice.expires_at is not None and notice.expires_at <= clock.now():
        if await take_back(session, [outbound.id], "expired"):
            delivery.failed_because = "too_late"
            notice.state, notice.reason = NoticeState.EXPIRED, "too_late"
        return
    customer = await session.get_one(Customer, notice.customer_id)
    one = (await reach(session, [customer], rule.sms_account, rule.cap_days))[customer.id]
    used = select(NoticeDelivery.channel).where(
        NoticeDelivery.notice_id == notice.id, NoticeDelivery.outbound_id.is_not(None)
    )
    tried = set(await session.scalars(used))
    has_other = choose(one, await template_of(session, notice), rule, tried).way is not None
    if has_other and await take_back(session, [outbound.id], WITHDRAWN):
        _next_channel(notice, delivery, "not_seen" if outbound.channel == "web" else "not_taken")
    elif outbound.channel == "web" and outbound.state == OutboundState.SENT:
        _is_sent(notice, outbound)  # it waits on the page until the customer comes back
        notice.reason = "waits_on_the_page"


async def take_back(session: AsyncSession, outbound_ids: list[int], why: str) -> int:
    """Close those that nobody has: not yet sent, or on a web page that is not open. How many were."""
    statement = (
        update(OutboundMessage)
        .where(
            OutboundMessage.id.in_(outbound_ids),
            or_(
                OutboundMessage.state == OutboundState.QUEUED,
                and_(OutboundMessage.channel == "web", OutboundMessage.state == OutboundState.SENT),
            ),
        )
        .values(state=OutboundState.EXPIRED, error=why, due_at=func.now())
    )
    done: CursorResult[Any] = await session.execute(statement)  # type: ignore[assignment]
    return done.rowcount
