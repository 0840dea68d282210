"""The figures that supervisors steer by. Each is the mean of `value` over its rows, so that every figure can be opened
down to the conversations behind it; the formulas in words are in docs/reports.md.

A row is (at, value, conversation_id, episode, ticket, channel). A case is one episode of a conversation with the bot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Float,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from backend.conversations.models import Interaction, Kind
from backend.core import clock
from backend.tickets.models import Satisfaction, Ticket, TicketStatus

RETURN = timedelta(hours=24)
COMES_BACK = timedelta(days=7)


class Unit(StrEnum):
    SHARE = "share"
    MINUTES = "minutes"
    HOURS = "hours"
    RATING = "rating"


@dataclass(frozen=True)
class Period:
    """From `since` (included) to `until` (not), and one channel or all; compared with as long a time from `against`."""

    since: datetime
    until: datetime
    channel: str | None = None
    against: datetime | None = None


Rows = Select[Any]


@dataclass(frozen=True)
class Figure:
    """`target` is the standard to reach, where there is one, or `target_setting` names the business setting that
    holds it; `more_is_better` tells which way is good."""

    unit: Unit
    rows: Callable[[Period], Rows]
    target: float | None = None
    more_is_better: bool = True
    target_setting: str | None = None


def _cases(period: Period) -> Any:
    """Episodes in which a customer spoke, that began in the period."""
    entry = Interaction
    began = func.min(entry.occurred_at)
    query = (
        select(
            entry.conversation_id,
            entry.episode,
            func.min(entry.channel).label("channel"),
            began.label("began"),
            func.max(entry.occurred_at).label("ended"),
            func.bool_or(entry.kind == Kind.HANDOFF).label("handed_over"),
        )
        .where(entry.episode.is_not(None), or_(entry.direction == "inbound", entry.kind == Kind.HANDOFF))
        .group_by(entry.conversation_id, entry.episode)
        .having(began >= period.since, began < period.until)
    )
    if period.channel:
        query = query.where(entry.channel == period.channel)
    return query.subquery()


def containment(period: Period) -> Rows:
    """Cases without a hand-over, of all cases."""
    cases = _cases(period)
    return _case_rows(cases, case((cases.c.handed_over, 0.0), else_=1.0))


def verified_resolution(period: Period) -> Rows:
    """Cases that the customer confirmed (a rating of 4 or 5), or did not come back from within 24 hours.

    Cases of less than 24 hours ago count only when they were confirmed or the customer came back.
    """
    cases = _cases(period)
    later = aliased(Interaction)
    came_back = exists().where(
        later.conversation_id == cases.c.conversation_id,
        later.direction == "inbound",
        later.episode > cases.c.episode,
        later.occurred_at > cases.c.ended,
        later.occurred_at <= cases.c.ended + RETURN,
    )
    confirmed = exists().where(
        Satisfaction.ticket_id == Ticket.id,
        Ticket.conversation_id == cases.c.conversation_id,
        Satisfaction.rating >= 4,
        Ticket.opened_at >= cases.c.began,
        Ticket.opened_at <= cases.c.ended,
    )
    value = case((confirmed, 1.0), (came_back, 0.0), else_=1.0)
    settled = or_(cases.c.ended < clock.now() - RETURN, confirmed, came_back)
    return _case_rows(cases, value).where(settled)


def _case_rows(cases: Any, value: Any) -> Rows:
    return select(
        cases.c.began.label("at"),
        cast(value, Float).label("value"),
        cases.c.conversation_id.label("conversation_id"),
        cases.c.episode.label("episode"),
        cast(null(), String).label("ticket"),
        cases.c.channel.label("channel"),
    )


def _ticket_rows(at: Any, value: Any, period: Period, *where: Any) -> Rows:
    query = select(
        at.label("at"),
        cast(value, Float).label("value"),
        Ticket.conversation_id.label("conversation_id"),
        cast(null(), Interaction.episode.type).label("episode"),
        Ticket.number.label("ticket"),
        Ticket.channel.label("channel"),
    ).where(at >= period.since, at < period.until, *where)
    return query.where(Ticket.channel == period.channel) if period.channel else query


def first_contact_resolution(period: Period) -> Rows:
    """Resolved tickets that were not opened again and not followed by another of the same kind within 7 days."""
    other = aliased(Ticket)
    again = exists().where(
        other.contact_id == Ticket.contact_id,
        other.kind == Ticket.kind,
        other.id != Ticket.id,
        other.opened_at > Ticket.resolved_at,
        other.opened_at <= Ticket.resolved_at + COMES_BACK,
    )
    value = case((or_(Ticket.reopened > 0, again), 0.0), else_=1.0)
    counted = and_(Ticket.status == TicketStatus.RESOLVED, Ticket.outcome.not_in(("merged", "spam")))
    return _ticket_rows(Ticket.resolved_at, value, period, counted)


def resolution_time(period: Period) -> Rows:
    """Hours from opening to resolution."""
    hours = func.extract("epoch", Ticket.resolved_at - Ticket.opened_at) / 3600
    counted = and_(Ticket.resolved_at.is_not(None), Ticket.outcome.not_in(("merged", "spam")))
    return _ticket_rows(Ticket.resolved_at, hours, period, counted)


def first_response(period: Period) -> Rows:
    """Minutes from opening to an agent's first reply."""
    minutes = func.extract("epoch", Ticket.first_responded_at - Ticket.opened_at) / 60
    return _ticket_rows(Ticket.first_responded_at, minutes, period, Ticket.first_responded_at.is_not(None))


def satisfaction(period: Period) -> Rows:
    """Ratings, 1 to 5."""
    return _ticket_rows(
        Satisfaction.rated_at, Satisfaction.rating, period, Satisfaction.rating.is_not(None)
    ).join(Ticket, Ticket.id == Satisfaction.ticket_id)


def answer_rate(period: Period) -> Rows:
    """Customers who rated, of those who were asked."""
    value = case((Satisfaction.rating.is_not(None), 1.0), else_=0.0)
    return _ticket_rows(Satisfaction.asked_at, value, period).join(
        Ticket, Ticket.id == Satisfaction.ticket_id
    )


def standards_met(period: Period) -> Rows:
    """Tickets opened in the period whose standards were never broken; open ones count once resolved or broken.

    Merged ones are left out: their clocks went on in the other ticket.
    """
    broken = or_(
        Ticket.escalated_at.is_not(None),
        Ticket.first_responded_at > Ticket.first_response_due_at,
        Ticket.proposed_at > Ticket.proposal_due_at,
        Ticket.resolved_at > Ticket.resolution_due_at,
    )
    # Unknown (a moment that never came) is not broken.
    value = case((func.coalesce(broken, False), 0.0), else_=1.0)
    settled = or_(Ticket.status == TicketStatus.RESOLVED, Ticket.escalated_at.is_not(None))
    own = Ticket.merged_into_id.is_(None)
    return _ticket_rows(Ticket.opened_at, value, period, settled, own)


FIGURES: dict[str, Figure] = {
    "containment": Figure(Unit.SHARE, containment),
    "verified_resolution": Figure(Unit.SHARE, verified_resolution),
    "first_contact_resolution": Figure(Unit.SHARE, first_contact_resolution, target=0.85),
    "resolution_time": Figure(Unit.HOURS, resolution_time, more_is_better=False),
    "first_response": Figure(
        Unit.MINUTES, first_response, more_is_better=False, target_setting="target_first_response_minutes"
    ),
    "satisfaction": Figure(Unit.RATING, satisfaction),
    "answer_rate": Figure(Unit.SHARE, answer_rate),
    "standards_met": Figure(Unit.SHARE, standards_met),
}


def mean(rows: Rows) -> Select[Any]:
    """One row: the figure and over how many rows it is."""
    table = rows.subquery()
    return select(func.avg(table.c.value), func.count())


def by_hour(rows: Rows, zone: str) -> Select[Any]:
    """The figure of each hour of the day, 0 to 23 in the insurer's zone, hours without rows left out."""
    table = rows.subquery()
    hour = cast(func.extract("hour", func.timezone(literal(zone), table.c.at)), Integer)
    return select(hour, func.avg(table.c.value), func.count()).group_by(hour).order_by(hour)


def by_day(rows: Rows, zone: str) -> Select[Any]:
    """The figure of each day in the insurer's zone, days without rows left out."""
    table = rows.subquery()
    day = func.date(func.timezone(literal(zone), table.c.at))
    return select(day, func.avg(table.c.value), func.count()).group_by(day).order_by(day)
