"""Segments: saved, counted, looked into."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit, business, clock
from backend.core.errors import Conflict, NotFound, VersionConflict
from backend.core.paging import decode_id, encode_cursor
from backend.core.schemas import Names
from backend.customers.models import Customer, CustomerTag
from backend.policies.models import Product
from backend.segments.filters import SegmentFilter
from backend.segments.models import Segment
from backend.segments.querying import customers_in
from backend.segments.schemas import (
    Choices,
    MemberPage,
    Preview,
    ProductChoice,
    SegmentCreate,
    SegmentMember,
    SegmentPage,
    SegmentRead,
    SegmentUpdate,
)

SAMPLE = 10


class NameTaken(Conflict):
    """Another segment has this name."""

    code = "name_taken"


async def members(session: AsyncSession, wanted: SegmentFilter, zone: ZoneInfo) -> Select[int]:
    """The query for the ids of everybody in a segment."""
    listed_from = (await business.setting(session, "lapse_risk_model"))["listed_from"]
    return customers_in(wanted, zone, listed_from)


async def preview(session: AsyncSession, wanted: SegmentFilter, zone: ZoneInfo) -> Preview:
    """How many, and a few of them; the few do not depend on who was recorded first."""
    query = await members(session, wanted, zone)
    inside = query.subquery()
    count = await session.scalar(select(func.count()).select_from(inside))
    everybody = await session.scalar(select(func.count()).where(Customer.erased_at.is_(None)))
    scattered = func.md5(func.concat("sample", Customer.id))
    few = select(Customer).where(Customer.id.in_(select(inside.c.id))).order_by(scattered).limit(SAMPLE)
    sample = [SegmentMember.model_validate(customer) for customer in await session.scalars(few)]
    return Preview(count=count or 0, of=everybody or 0, sample=sample)


async def page_of_members(
    session: AsyncSession, wanted: SegmentFilter, zone: ZoneInfo, cursor: str | None, limit: int
) -> MemberPage:
    """Everybody in it, by id."""
    inside = (await members(session, wanted, zone)).subquery()
    query = select(Customer).where(Customer.id.in_(select(inside.c.id))).order_by(Customer.id)
    if cursor:
        query = query.where(Customer.id > decode_id(cursor))
    found = list(await session.scalars(query.limit(limit + 1)))
    page = found[:limit]
    return MemberPage(
        items=[SegmentMember.model_validate(customer) for customer in page],
        next=encode_cursor(page[-1].id) if len(found) > limit else None,
    )


def shown(segment: Segment) -> SegmentRead:
    names = [name for name in SegmentRead.model_fields if name != "filter"]
    values = {name: getattr(segment, name) for name in names}
    return SegmentRead(**values, filter=SegmentFilter.model_validate(segment.filter))


async def get_segment(session: AsyncSession, segment_id: int) -> Segment:
    """Raises `NotFound`, also for one that was archived."""
    segment = await session.get(Segment, segment_id)
    if segment is None or segment.archived_at is not None:
        raise NotFound("There is no such segment.")
    return segment


async def list_segments(session: AsyncSession, cursor: str | None, limit: int) -> SegmentPage:
    """Newest first."""
    query = select(Segment).where(Segment.archived_at.is_(None)).order_by(Segment.id.desc())
    if cursor:
        query = query.where(Segment.id < decode_id(cursor))
    found = list(await session.scalars(query.limit(limit + 1)))
    page = found[:limit]
    return SegmentPage(
        items=[shown(segment) for segment in page],
        next=encode_cursor(page[-1].id) if len(found) > limit else None,
    )


async def _check_name(session: AsyncSession, name: str, own_id: int | None = None) -> None:
    taken = await session.scalar(select(Segment.id).where(Segment.name == name))
    if taken is not None and taken != own_id:
        raise NameTaken("Another segment has this name already (perhaps an archived one).")


async def create_segment(session: AsyncSession, asked: SegmentCreate, agent_id: int | None) -> Segment:
    """Save a description under a name. Raises `NameTaken`."""
    await _check_name(session, asked.name)
    segment = Segment(
        name=asked.name,
        description=asked.description,
        filter=_stored(asked.filter),
        created_by=agent_id,
    )
    session.add(segment)
    await session.flush()
    await audit.record(session, _actor(agent_id), "segment.created", f"segment:{segment.id}")
    return segment


def _stored(wanted: SegmentFilter) -> dict[str, object]:
    return wanted.model_dump(mode="json", exclude_defaults=True)


async def change_segment(
    session: AsyncSession, segment_id: int, asked: SegmentUpdate, agent_id: int | None
) -> Segment:
    """Replace it; campaigns made from it keep the filter they had. Raises `VersionConflict`, `NameTaken`."""
    await get_segment(session, segment_id)
    segment = await session.get_one(Segment, segment_id, with_for_update=True, populate_existing=True)
    if segment.version != asked.version:
        raise VersionConflict
    await _check_name(session, asked.name, segment_id)
    segment.name, segment.description, segment.filter = asked.name, asked.description, _stored(asked.filter)
    segment.version += 1
    await session.flush()
    await audit.record(session, _actor(agent_id), "segment.changed", f"segment:{segment_id}")
    return segment


async def archive_segment(session: AsyncSession, segment_id: int, agent_id: int | None) -> None:
    """It is offered no more; campaigns that used it still tell its name."""
    segment = await get_segment(session, segment_id)
    segment.archived_at = clock.now()
    await audit.record(session, _actor(agent_id), "segment.archived", f"segment:{segment_id}")


def _actor(agent_id: int | None) -> str:
    return f"agent:{agent_id}" if agent_id else "service"


async def choices(session: AsyncSession) -> Choices:
    """What there is to choose from."""
    tags = select(CustomerTag.tag).distinct().order_by(CustomerTag.tag).limit(500)
    regions = select(Customer.region).where(Customer.region.is_not(None)).distinct().order_by(Customer.region)
    products = await session.scalars(select(Product).order_by(Product.id))
    return Choices(
        tags=list(await session.scalars(tags)),
        regions=[region for region in await session.scalars(regions.limit(500)) if region],
        products=[
            ProductChoice(code=p.code, type=p.type, name=Names(zh=p.name_zh, en=p.name_en)) for p in products
        ],
    )
