"""Volumes of a period beside those of the one before, the messages behind each count, and a conversation to read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import func, select

from backend.conversations.api import InteractionRead, entries, read_entries
from backend.conversations.models import Conversation, Interaction
from backend.core.access import Allowed
from backend.core.db import SessionDep
from backend.core.errors import Invalid, NotFound
from backend.core.paging import Cursor, Limit, encode_cursor
from backend.reports.asking import PeriodDep, Reader, as_csv, before, offset
from backend.reports.volumes import VOLUMES, counts, of_name
from backend.tickets.models import Ticket

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
By = Literal["channel", "intent", "complaint", "drop_out", "unanswered"]
Id = Annotated[int, Path(ge=1, le=2**62)]
MOST_ENTRIES = 500


class Volume(BaseModel):
    name: str
    count: int
    previous: int


class Volumes(BaseModel):
    """The most frequent first; `total` counts those beyond the list as well."""

    by: str
    total: int
    previous_total: int
    items: list[Volume]


class VolumeRow(BaseModel):
    """A message or a complaint behind a count."""

    at: datetime
    conversation_id: int
    episode: int | None
    ticket: str | None
    channel: str


class VolumeRows(BaseModel):
    items: list[VolumeRow]
    next: str | None


class ConversationRead(BaseModel):
    """A stretch of a conversation as the record has it, oldest first, and the tickets that it led to."""

    conversation_id: int
    items: list[InteractionRead]
    tickets: list[str]
    is_cut: bool


@router.get("/volumes/{by}", summary="Counts by channel, intent or class; drop-outs; unanswered questions")
async def read_volumes(
    by: By, session: SessionDep, _: Reader, period: PeriodDep, limit: Limit = 50
) -> Volumes:
    """The most frequent first, each beside its count in the period before."""
    rows = VOLUMES[by](period)
    earlier = VOLUMES[by](before(period))
    found = (await session.execute(counts(rows).limit(limit))).all()
    table = counts(earlier).subquery()
    names = [name for name, _ in found]
    known = {row[0]: row[1] for row in await session.execute(select(table).where(table.c.name.in_(names)))}
    total = await session.scalar(select(func.count()).select_from(rows.subquery()))
    previous = await session.scalar(select(func.count()).select_from(earlier.subquery()))
    items = [Volume(name=name, count=count, previous=known.get(name, 0)) for name, count in found]
    return Volumes(by=by, total=total or 0, previous_total=previous or 0, items=items)


@router.get("/volumes/{by}/rows", summary="The messages behind a count")
async def read_volume_rows(
    by: By,
    session: SessionDep,
    _: Reader,
    period: PeriodDep,
    name: Annotated[str, Query(max_length=6000, pattern=r"^[^\x00]*$", description="As the count is called")],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> VolumeRows:
    """The newest first."""
    start = offset(cursor)
    query = of_name(VOLUMES[by](period), name).offset(start).limit(limit + 1)
    found = [VolumeRow.model_validate(dict(row)) for row in (await session.execute(query)).mappings()]
    return VolumeRows(items=found[:limit], next=encode_cursor(start + limit) if len(found) > limit else None)


@router.get("/volumes/{by}/csv", summary="Counts as a table", response_class=Response)
async def download_volumes(by: By, session: SessionDep, reader: Reader, period: PeriodDep) -> Response:
    """The most frequent first, at most 200."""
    volumes = await read_volumes(by, session, reader, period, 200)
    return as_csv(
        by, [by, "count", "previous"], [[one.name, one.count, one.previous] for one in volumes.items]
    )


@router.get(
    "/conversations/{conversation_id}",
    summary="The conversation behind a row",
    dependencies=[Depends(Allowed("interactions:read"), scope="function")],
)
async def read_conversation(
    conversation_id: Id,
    request: Request,
    session: SessionDep,
    _: Reader,
    episode: Annotated[int | None, Query(ge=0, le=2**31, description="One episode with the bot")] = None,
    day: Annotated[date | None, Query(description="One day, in the insurer's zone")] = None,
) -> ConversationRead:
    """One episode, one day, or the latest of it; at most 500 entries."""
    if await session.get(Conversation, conversation_id) is None:
        raise NotFound("There is no such conversation.")
    if day is not None and not date(2000, 1, 1) <= day <= date(2200, 1, 1):
        raise Invalid("There is nothing of this day.")
    query = entries().where(Interaction.conversation_id == conversation_id)
    query = query.where(Interaction.episode == episode) if episode is not None else query
    if day is not None:
        zone = request.app.state.settings.zone
        begin, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
        query = query.where(Interaction.occurred_at >= begin, Interaction.occurred_at < end)
    latest = query.order_by(Interaction.id.desc()).limit(MOST_ENTRIES + 1)
    found = (await read_entries(session, latest))[::-1]
    tickets = await session.scalars(
        select(Ticket.number)
        .where(Ticket.conversation_id == conversation_id)
        .order_by(Ticket.id.desc())
        .limit(20)
    )
    return ConversationRead(
        conversation_id=conversation_id,
        items=found[-MOST_ENTRIES:],
        tickets=list(tickets),
        is_cut=len(found) > MOST_ENTRIES,
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
