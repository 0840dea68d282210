"""A ticket's clocks: when the first response and the outcome are due, standing still while the customer is waited for.

Standards are the trade's (docs/architecture.md): hours for first responses, hours or working days for outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import business, clock
from backend.core.calendar import add_working_days
from backend.tickets.models import Ticket, TicketStatus

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True)
class Dues:
    """The moments a new ticket promises."""

    first_response: datetime
    proposal: datetime | None
    resolution: datetime


async def dues(session: AsyncSession, kind: str, opened: datetime, zone: ZoneInfo) -> Dues:
    """The dues of a ticket of `kind` opened then, from the business setting `ticket_clocks`."""
    clocks: dict[str, Any] = (await business.setting(session, "ticket_clocks"))[kind]
    return Dues(
        _after(opened, clocks["first_response"], zone),
        _after(opened, clocks["proposal"], zone) if "proposal" in clocks else None,
        _after(opened, clocks["outcome"], zone),
    )


def _after(opened: datetime, period: dict[str, int], zone: ZoneInfo) -> datetime:
    """`{"hours": 24}` counts through; `{"working_days": 5}` ends with the fifth working day, the insurer's time."""
    if "hours" in period:
        return opened + timedelta(hours=period["hours"])
    day = add_working_days(opened.astimezone(zone).date(), period["working_days"])
    return datetime.combine(day, END_OF_DAY, zone)


def pause(ticket: Ticket) -> None:
    """The customer is waited for: nothing falls due meanwhile."""
    ticket.status = TicketStatus.WAITING
    ticket.paused_at = ticket.paused_at or clock.now()


def resume(ticket: Ticket) -> None:
    """The customer answered, or the agent goes on: what is still due moves by the time that was waited."""
    if ticket.paused_at is None:
        return
    waited = clock.now() - ticket.paused_at
    ticket.paused_at = None
    ticket.resolution_due_at += waited
    if ticket.proposal_due_at is not None and ticket.proposed_at is None:
        ticket.proposal_due_at += waited
    if ticket.first_responded_at is None:
        ticket.first_response_due_at += waited
    # A later due may be warned of again.
    ticket.warned_at = None
    if ticket.status == TicketStatus.WAITING:
        ticket.status = TicketStatus.ASSIGNED


def next_due(ticket: Ticket) -> datetime | None:
    """What falls due first of what is still open; None while clocks stand still or nothing is open."""
    if ticket.status == TicketStatus.RESOLVED or ticket.paused_at is not None:
        return None
    open_dues = [ticket.resolution_due_at]
    if ticket.first_responded_at is None:
        open_dues.append(ticket.first_response_due_at)
    if ticket.proposal_due_at is not None and ticket.proposed_at is None:
        open_dues.append(ticket.proposal_due_at)
    return min(open_dues)
