"""Reports: the figures of a period beside those of the one before, day by day, with the conversations behind them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Invalid, NotFound
from backend.core.paging import Cursor, Limit, decode_cursor, encode_cursor
from backend.reports import live_figures
from backend.reports.figures import FIGURES, Figure, Period, by_day, mean
from backend.reports.volumes import VOLUMES

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
Reader = Annotated[Principal, Depends(Allowed("reports:read"))]
Channel = Annotated[Literal["wechat", "sms", "web"] | None, Query()]
LONGEST = timedelta(days=400)
MOST_ROWS = 100_000
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class Day(BaseModel):
    day: date
    value: float
    count: int


class FigureRead(BaseModel):
    """The mean of `count` rows; null without any. `previous` is the same figure of the period before."""

    name: str
    unit: str = Field(description="share, minutes, hours or rating")
    value: float | None
    count: int
    previous: float | None
    target: float | None
    more_is_better: bool
    days: list[Day]


class Figures(BaseModel):
    since: date
    until: date
    items: list[FigureRead]


class FigureRow(BaseModel):
    """One row behind a figure: a ticket, or an episode of a conversation with the bot."""

    at: datetime
    value: float
    conversation_id: int
    episode: int | None
    ticket: str | None
    channel: str


class FigureRows(BaseModel):
    items: list[FigureRow]
    next: str | None


class Volume(BaseModel):
    name: str
    count: int


class Volumes(BaseModel):
    by: str
    items: list[Volume]


def _period(request: Request, since: date | None, until: date | None, channel: str | None) -> Period:
    """Days in the insurer's zone, both included; the last 30 days when nothing is said."""
    zone: ZoneInfo = request.app.state.settings.zone
    last = until or clock.today(zone)
    first = since or last - timedelta(days=29)
    if first > last or last - first > LONGEST:
        raise Invalid("The period must end after it begins, and last at most 400 days.")
    begin = datetime.combine(first, time.min, zone).astimezone(UTC)
    return Period(begin, datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC), channel)


def _figure(name: str) -> Figure:
    if name not in FIGURES:
        raise NotFound("There is no such figure.")
    return FIGURES[name]


async def _read(session: AsyncSession, name: str, figure: Figure, period: Period, zone: str) -> FigureRead:
    value, count = (await session.execute(mean(figure.rows(period)))).one()
    length = period.until - period.since
    earlier = Period(period.since - length, period.since, period.channel)
    previous, _ = (await session.execute(mean(figure.rows(earlier)))).one()
    days = await session.execute(by_day(figure.rows(period), zone))
    return FigureRead(
        name=name,
        unit=figure.unit,
        value=value,
        count=count,
        previous=previous,
        target=figure.target,
        more_is_better=figure.more_is_better,
        days=[Day(day=day, value=mean, count=rows) for day, mean, rows in days],
    )


@router.get("/figures", summary="All figures of a period")
async def read_figures(
    request: Request,
    session: SessionDep,
    _: Reader,
    since: date | None = None,
    until: date | None = None,
    channel: Channel = None,
) -> Figures:
    """Days in the insurer's zone, both included; the last 30 days by default. Formulas: docs/reports.md."""
    period = _period(request, since, until, channel)
    settings = request.app.state.settings
    items = [
        await _read(session, name, figure, period, settings.timezone) for name, figure in FIGURES.items()
    ]
    zone = settings.zone
    last = (period.until - timedelta(seconds=1)).astimezone(zone).date()
    return Figures(since=period.since.astimezone(zone).date(), until=last, items=items)


@router.get("/figures/{name}/rows", summary="The conversations behind a figure")
async def read_rows(
    name: str,
    request: Request,
    session: SessionDep,
    _: Reader,
    since: date | None = None,
    until: date | None = None,
    channel: Channel = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FigureRows:
    """The ones that pull the figure the wrong way first."""
    figure = _figure(name)
    table = figure.rows(_period(request, since, until, channel)).subquery()
    worst = table.c.value.asc() if figure.more_is_better else table.c.value.desc()
    start = _offset(cursor)
    query = (
        select(table)
        .order_by(worst, table.c.at.desc(), table.c.conversation_id)
        .offset(start)
        .limit(limit + 1)
    )
    found = [FigureRow.model_validate(dict(row)) for row in (await session.execute(query)).mappings()]
    return FigureRows(items=found[:limit], next=encode_cursor(start + limit) if len(found) > limit else None)


def _offset(cursor: str | None) -> int:
    (start,) = decode_cursor(cursor, 1) if cursor else (0,)
    if type(start) is not int or not 0 <= start <= MOST_ROWS:
        raise Invalid("This cursor is not valid.")
    return start


@router.get("/figures/{name}/csv", summary="A figure's rows as a table", response_class=Response)
async def download_rows(
    name: str,
    request: Request,
    session: SessionDep,
    _: Reader,
    since: date | None = None,
    until: date | None = None,
    channel: Channel = None,
) -> Response:
    """UTF-8 with a mark at its beginning, as spreadsheets like it; at most 100,000 rows."""
    table = _figure(name).rows(_period(request, since, until, channel)).subquery()
    rows = (await session.execute(select(table).order_by(table.c.at).limit(MOST_ROWS))).mappings().all()
    return _csv(name, list(FigureRow.model_fields), [list(row.values()) for row in rows])


@router.get("/volumes/{by}", summary="Counts by channel, intent or class; drop-outs; unanswered questions")
async def read_volumes(
    by: Literal["channel", "intent", "complaint", "drop_out", "unanswered"],
    request: Request,
    session: SessionDep,
    _: Reader,
    since: date | None = None,
    until: date | None = None,
    channel: Channel = None,
    limit: Limit = 50,
) -> Volumes:
    """The most frequent first."""
    query = VOLUMES[by](_period(request, since, until, channel)).order_by(func.count().desc()).limit(limit)
    rows = (await session.execute(query)).all()
    return Volumes(by=by, items=[Volume(name=name or "", count=count) for name, count in rows])


@router.get("/volumes/{by}/csv", summary="Counts as a table", response_class=Response)
async def download_volumes(
    by: Literal["channel", "intent", "complaint", "drop_out", "unanswered"],
    request: Request,
    session: SessionDep,
    principal: Reader,
    since: date | None = None,
    until: date | None = None,
    channel: Channel = None,
) -> Response:
    """The most frequent first, at most 200."""
    volumes = await read_volumes(by, request, session, principal, since, until, channel, 200)
    return _csv(by, [by, "count"], [[item.name, item.count] for item in volumes.items])


@router.get("/live", summary="The desk at this moment")
async def read_live(session: SessionDep, _: Reader) -> live_figures.Live:
    """What waits, what is late, and how busy the bot is."""
    return await live_figures.read(session)


def _csv(name: str, columns: list[str], rows: list[list[Any]]) -> Response:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([[_harmless(value) for value in row] for row in rows])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula is shown instead."""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
