"""Reports: the figures of a period beside those of the one before, day by day, with the conversations behind them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import business
from backend.core.db import SessionDep
from backend.core.errors import NotFound
from backend.core.paging import Cursor, Limit, encode_cursor
from backend.reports import live_figures
from backend.reports.asking import MOST_ROWS, Channel, PeriodDep, Reader, as_csv, before, offset
from backend.reports.figures import FIGURES, Figure, Period, by_day, by_hour, mean

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])


class Day(BaseModel):
    day: date
    value: float
    count: int


class Hour(BaseModel):
    hour: int = Field(ge=0, le=23, description="0 to 23, in the insurer's zone")
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
    hours: list[Hour] = Field(description="Of a period of one day; else empty")


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


def _figure(name: str) -> Figure:
    if name not in FIGURES:
        raise NotFound("There is no such figure.")
    return FIGURES[name]


async def _read(
    session: AsyncSession, name: str, figure: Figure, period: Period, zone: ZoneInfo
) -> FigureRead:
    rows = figure.rows(period)
    value, count = (await session.execute(mean(rows))).one()
    previous, _ = (await session.execute(mean(figure.rows(before(period))))).one()
    days = (await session.execute(by_day(rows, zone.key))).all()
    is_one_day = period.until - period.since < timedelta(days=2)
    hours = (await session.execute(by_hour(rows, zone.key))).all() if is_one_day else []
    target = figure.target
    if figure.target_setting:
        target = float(await business.setting(session, figure.target_setting))
    return FigureRead(
        name=name,
        unit=figure.unit,
        value=value,
        count=count,
        previous=previous,
        target=target,
        more_is_better=figure.more_is_better,
        days=[Day(day=day, value=mean, count=rows) for day, mean, rows in days],
        hours=[Hour(hour=hour, value=mean, count=rows) for hour, mean, rows in hours],
    )


@router.get("/figures", summary="All figures of a period")
async def read_figures(request: Request, session: SessionDep, _: Reader, period: PeriodDep) -> Figures:
    """Days in the insurer's zone, both included; the last 30 days by default. Formulas: docs/reports.md."""
    zone: ZoneInfo = request.app.state.settings.zone
    items = [await _read(session, name, figure, period, zone) for name, figure in FIGURES.items()]
    last = (period.until - timedelta(seconds=1)).astimezone(zone).date()
    return Figures(since=period.since.astimezone(zone).date(), until=last, items=items)


@router.get("/figures/{name}/rows", summary="The conversations behind a figure")
async def read_rows(
    name: str, session: SessionDep, _: Reader, period: PeriodDep, limit: Limit = 50, cursor: Cursor = None
) -> FigureRows:
    """The ones that pull the figure the wrong way first."""
    figure = _figure(name)
    table = figure.rows(period).subquery()
    worst = table.c.value.asc() if figure.more_is_better else table.c.value.desc()
    start = offset(cursor)
    order = (worst, table.c.at.desc(), table.c.conversation_id, table.c.ticket)
    query = select(table).order_by(*order).offset(start).limit(limit + 1)
    found = [FigureRow.model_validate(dict(row)) for row in (await session.execute(query)).mappings()]
    return FigureRows(items=found[:limit], next=encode_cursor(start + limit) if len(found) > limit else None)


@router.get("/figures/{name}/csv", summary="A figure's rows as a table", response_class=Response)
async def download_rows(name: str, session: SessionDep, _: Reader, period: PeriodDep) -> Response:
    """UTF-8 with a mark at its beginning, as spreadsheets like it; at most 100,000 rows."""
    table = _figure(name).rows(period).subquery()
    rows = (await session.execute(select(table).order_by(table.c.at).limit(MOST_ROWS))).mappings().all()
    return as_csv(name, list(FigureRow.model_fields), [list(row.values()) for row in rows])


@router.get("/live", summary="The desk at this moment")
async def read_live(session: SessionDep, _: Reader, channel: Channel = None) -> live_figures.Live:
    """What waits, what is late, and how busy the bot is."""
    return await live_figures.read(session, channel)
