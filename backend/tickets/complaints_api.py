"""The register of complaints: class, severity, root cause, the first proposal, and the figures by class."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.free_text import FreeText
from backend.core import clock
from backend.core.db import SessionDep
from backend.core.errors import NotFound, VersionConflict
from backend.core.paging import Cursor, Limit, decode_id, encode_cursor
from backend.tickets import service
from backend.tickets.api import Reader, Writer, agent_id_of
from backend.tickets.history import note_event
from backend.tickets.models import Complaint, Ticket, TicketStatus

router = APIRouter(prefix="/api/v1/complaints", tags=["complaints"])
Category = Literal["product", "service", "claim"]
Severity = Literal["ordinary", "major"]
ProductType = Literal["auto", "critical_illness", "medical", "accident", "life", "home"]


class ComplaintRead(BaseModel):
    """An entry of the register with its ticket's clocks."""

    number: str = Field(description="The ticket's.", examples=["T2026000012"])
    category: Category
    severity: Severity
    product_type: str | None
    root_cause: str | None
    summary: str
    status: str
    opened_at: datetime
    first_response_due_at: datetime
    first_responded_at: datetime | None
    proposal_due_at: datetime | None
    proposed_at: datetime | None
    resolution_due_at: datetime
    resolved_at: datetime | None
    escalated_at: datetime | None
    outcome: str | None
    version: int


class ComplaintPage(BaseModel):
    items: list[ComplaintRead]
    next: str | None


class ComplaintUpdate(BaseModel):
    """What is left out stays; `version` is the one that was read."""

    model_config = ConfigDict(extra="forbid")
    version: int = Field(ge=1, lt=2**63)
    category: Category | None = None
    severity: Severity | None = None
    product_type: ProductType | None = None
    root_cause: Annotated[FreeText, Field(max_length=2000)] | None = None


class ComplaintCount(BaseModel):
    category: str
    severity: str
    product_type: str | None
    complaints: int
    open: int
    breached: int


class ComplaintFigures(BaseModel):
    """Counts by class, severity and product; `within_standard` is the share resolved without a broken standard."""

    items: list[ComplaintCount]
    total: int
    within_standard: float | None


def _rows() -> Select[Complaint, Ticket]:
    return select(Complaint, Ticket).join(Ticket, Ticket.id == Complaint.ticket_id)


def _read(complaint: Complaint, ticket: Ticket) -> ComplaintRead:
    values = {
        name: getattr(complaint if hasattr(complaint, name) else ticket, name)
        for name in ComplaintRead.model_fields
    }
    return ComplaintRead.model_validate(values)


async def _one(session: AsyncSession, number: str) -> tuple[Complaint, Ticket]:
    row = (await session.execute(_rows().where(Ticket.number == number.strip().upper()))).first()
    if row is None:
        raise NotFound("There is no such complaint.")
    return row[0], row[1]


@router.get("", summary="The register, newest first")
async def list_complaints(
    session: SessionDep,
    _: Reader,
    category: Category | None = None,
    severity: Severity | None = None,
    is_open: Annotated[bool | None, Query(description="Only open ones, or only resolved ones.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ComplaintPage:
    """Filter by class and state."""
    query = _rows().order_by(Ticket.id.desc()).limit(limit + 1)
    query = query.where(Complaint.category == category) if category else query
    query = query.where(Complaint.severity == severity) if severity else query
    if is_open is not None:
        query = query.where((Ticket.status != TicketStatus.RESOLVED) == is_open)
    query = query.where(Ticket.id < decode_id(cursor)) if cursor else query
    rows = (await session.execute(query)).all()
    items = [_read(complaint, ticket) for complaint, ticket in rows[:limit]]
    return ComplaintPage(
        items=items, next=encode_cursor(rows[limit - 1][1].id) if len(rows) > limit else None
    )


@router.get("/figures", summary="Complaints by class, severity and product")
async def complaint_figures(
    request: Request, session: SessionDep, _: Reader, since: date | None = None, until: date | None = None
) -> ComplaintFigures:
    """Of the days from `since` to `until`, both included, in the insurer's zone."""
    zone = request.app.state.settings.zone
    open_ones = func.count().filter(Ticket.status != TicketStatus.RESOLVED)
    breached = func.count().filter(Ticket.escalated_at.is_not(None))
    query = (
        select(
            Complaint.category, Complaint.severity, Complaint.product_type, func.count(), open_ones, breached
        )
        .join(Ticket, Ticket.id == Complaint.ticket_id)
        .group_by(Complaint.category, Complaint.severity, Complaint.product_type)
        .order_by(Complaint.category, Complaint.severity, Complaint.product_type)
    )
    if since:
        query = query.where(Ticket.opened_at >= datetime.combine(since, time.min, zone))
    if until:
        query = query.where(Ticket.opened_at <= datetime.combine(until, time.max, zone))
    names = list(ComplaintCount.model_fields)
    items = [
        ComplaintCount.model_validate(dict(zip(names, row, strict=True)))
        for row in await session.execute(query)
    ]
    total = sum(item.complaints for item in items)
    broken = sum(item.breached for item in items)
    return ComplaintFigures(
        items=items, total=total, within_standard=(total - broken) / total if total else None
    )


@router.get("/{number}", summary="One complaint")
async def read_complaint(number: str, session: SessionDep, _: Reader) -> ComplaintRead:
    """By its ticket's number."""
    return _read(*await _one(session, number))


@router.patch("/{number}", summary="Class, severity or root cause")
async def change_complaint(
    number: str, body: ComplaintUpdate, session: SessionDep, principal: Writer
) -> ComplaintRead:
    """409 `version_conflict` when somebody else changed it since."""
    _, ticket = await _one(session, number)
    changes = body.model_dump(exclude_unset=True, exclude={"version"})
    done = await session.scalar(
        update(Complaint)
        .where(Complaint.ticket_id == ticket.id, Complaint.version == body.version)
        .values(**changes, version=Complaint.version + 1)
        .returning(Complaint)
        .execution_options(populate_existing=True)
    )
    if done is None:
        raise VersionConflict("Somebody else changed this complaint meanwhile. Read it again.")
    await note_event(session, ticket, "classified", principal.agent_id, fields=sorted(changes))
    return _read(done, ticket)


@router.post("/{number}/proposal", summary="A first proposal was made to the customer")
async def made_proposal(number: str, session: SessionDep, principal: Writer) -> ComplaintRead:
    """Stops the 48-hour clock; again changes nothing."""
    complaint, ticket = await _one(session, number)
    await service.locked_conversation(session, ticket.conversation_id)
    await session.refresh(ticket)
    if ticket.proposed_at is None:
        ticket.proposed_at = clock.now()
        await note_event(session, ticket, "proposed", agent_id_of(principal))
    return _read(complaint, ticket)
