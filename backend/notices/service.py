"""Reading notices: what was decided, for when, and what became of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import OutboundMessage
from backend.core.errors import NotFound
from backend.core.paging import decode_id, encode_cursor
from backend.customers.models import Customer
from backend.notices.models import Notice, NoticeDelivery, NoticeState
from backend.notices.schemas import CustomerName, Delivery, NoticeDetail, NoticePage, NoticeRead


def _notices() -> Select[Any]:
    last_channel = (
        select(NoticeDelivery.channel)
        .where(NoticeDelivery.notice_id == Notice.id, NoticeDelivery.outbound_id.is_not(None))
        .order_by(NoticeDelivery.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(Notice, Customer.name, last_channel).join(Customer, Customer.id == Notice.customer_id)


def _shown(notice: Notice, name: str, channel: str | None) -> NoticeRead:
    own = [field for field in NoticeRead.model_fields if field not in ("customer", "channel")]
    values = {field: getattr(notice, field) for field in own}
    return NoticeRead(**values, customer=CustomerName(id=notice.customer_id, name=name), channel=channel)


async def list_notices(
    session: AsyncSession,
    *,
    customer_id: int | None,
    states: list[NoticeState] | None,
    kind: str | None,
    campaign_id: int | None,
    cursor: str | None,
    limit: int,
) -> NoticePage:
    """Newest decision first."""
    query = _notices().order_by(Notice.id.desc())
    if customer_id is not None:
        query = query.where(Notice.customer_id == customer_id)
    if states:
        query = query.where(Notice.state.in_(states))
    if kind is not None:
        query = query.where(Notice.kind == kind)
    if campaign_id is not None:
        query = query.where(Notice.campaign_id == campaign_id)
    if cursor:
        query = query.where(Notice.id < decode_id(cursor))
    rows = [_shown(*row) for row in await session.execute(query.limit(limit + 1))]
    page = rows[:limit]
    return NoticePage(items=page, next=encode_cursor(page[-1].id) if len(rows) > limit else None)


async def read_notice(session: AsyncSession, notice_id: int) -> NoticeDetail:
    """One notice with every channel that was considered. Raises `NotFound`."""
    row = (await session.execute(_notices().where(Notice.id == notice_id))).first()
    if row is None:
        raise NotFound("There is no such notice.")
    found = await session.execute(
        select(NoticeDelivery, OutboundMessage.text)
        .outerjoin(OutboundMessage, OutboundMessage.id == NoticeDelivery.outbound_id)
        .where(NoticeDelivery.notice_id == notice_id)
        .order_by(NoticeDelivery.id)
    )
    deliveries = [(delivery, text) for delivery, text in found]
    said = [text for _, text in deliveries if text is not None]
    return NoticeDetail(
        **_shown(*row).model_dump(),
        text=said[-1] if said else None,
        deliveries=[Delivery.model_validate(delivery) for delivery, _ in deliveries],
    )
