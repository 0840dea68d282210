"""What every report is asked with, and how tables leave: period and channel, cursors over rows, CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from backend.core import clock
from backend.core.access import Allowed, Principal
from backend.core.errors import Invalid
from backend.core.paging import decode_cursor
from backend.reports.figures import Period

Reader = Annotated[Principal, Depends(Allowed("reports:read"))]
Channel = Annotated[Literal["wechat", "sms", "web"] | None, Query(description="Only of this channel")]
LONGEST = timedelta(days=400)
MOST_ROWS = 100_000
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def read_period(
    request: Request,
    since: Annotated[date | None, Query(description="First day, in the insurer's zone")] = None,
    until: Annotated[date | None, Query(description="Last day, included")] = None,
    channel: Channel = None,
    against: Annotated[
        date | None,
        Query(description="First day of the days to compare with, as many; those just before by default"),
    ] = None,
) -> Period:
    """Days in the insurer's zone, both included; the last 30 days when nothing is said."""
    zone: ZoneInfo = request.app.state.settings.zone
    last = until or clock.today(zone)
    first = since or last - timedelta(days=29)
    if not date(2000, 1, 1) <= first <= last <= date(2200, 1, 1) or last - first > LONGEST:
        raise Invalid("The period must end after it begins, and last at most 400 days.")
    if against is not None and not date(2000, 1, 1) <= against < first:
        raise Invalid("The days to compare with must begin before the period.", field="against")
    return Period(
        _midnight(first, zone),
        _midnight(last + timedelta(days=1), zone),
        channel,
        _midnight(against or first - (last - first) - timedelta(days=1), zone),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


PeriodDep = Annotated[Period, Depends(read_period)]


def before(period: Period) -> Period:
    """What it is compared with; it ends where the period begins, at the latest."""
    length = period.until - period.since
    begin = period.against or period.since - length
    return Period(begin, min(begin + length, period.since), period.channel)


def offset(cursor: str | None) -> int:
    """Where the page begins; raises `Invalid`."""
    (start,) = decode_cursor(cursor, 1) if cursor else (0,)
    if type(start) is not int or not 0 <= start <= MOST_ROWS:
        raise Invalid("This cursor is not valid.")
    return start


def as_csv(name: str, columns: list[str], rows: list[list[Any]]) -> Response:
    """UTF-8 with a mark at its beginning, as spreadsheets like it."""
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
