"""The register of complaints: class, severity, root cause, the first proposal, and the figures by class."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.api import AgentName
from backend.conversations.free_text import FreeText
from backend.core import clock
from backend.core.access import Agent
from backend.core.db import SessionDep
from backend.core.errors import NotFound, VersionConflict
from backend.core.paging import Cursor, Limit, decode_id, encode_cursor
from backend.customers.models import Customer
from backend.tickets import service
from backend.tickets.api import Reader, Writer, agent_id_of
from backend.tickets.history import note_event
from backend.tickets.models import Complaint, Ticket, TicketStatus
from backend.tickets.schemas import CustomerName
from backend.tickets.standards import first_due

router = APIRouter(prefix="/api/v1/complaints", tags=["complaints"])
Category = Literal["product", "service", "claim"]
Severity = Literal["ordinary", "major"]
ProductType = Literal["auto", "critical_illness", "medical", "accident", "life", "home"]
ClockState = Literal["broken", "due_soon", "paused"]
SOON = timedelta(hours=24)


class ComplaintRead(BaseModel):
    """An entry of the register with its ticket's clocks."""

    number: str = Field(description="The ticket's.", examples=["T2026000012"])
    category: Category
    severity: Severity
    product_type: str | None
    root_cause: str | None
    summary: str
    status: str
    channel: str
    customer: CustomerName | None
    agent: AgentName | None
    opened_at: datetime
    paused_at: datetime | None = Field(description="Since when the clocks stand still for the customer.")
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


class Proposal(BaseModel):
    """What was proposed, for colleagues and for the register; not sent to the customer."""

    model_config = ConfigDict(extra="forbid")
    text: FreeText | None = None


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


Row = tuple[Complaint, Ticket, Customer | None, Agent | None]


def _rows() -> Any:
    return (
        select(Complaint, Ticket, Customer, Agent)
        .join(Ticket, Ticket.id == Complaint.ticket_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(Agent, Agent.id == Ticket.agent_id)
    )


def _read(row: Row) -> ComplaintRead:
    complaint, ticket, customer, agent = row
    values = {
        name: getattr(complaint if hasattr(complaint, name) else ticket, name)
        for name in ComplaintRead.model_fields.keys() - {"customer", "agent"}
    }
    return ComplaintRead(
        **values,
        customer=CustomerName(id=customer.id, name=customer.name) if customer else None,
        agent=AgentName(id=agent.id, name=agent.name) if agent else None,
    )


async def _one(session: AsyncSession, number: str) -> Row:
    row = (await session.execute(_rows().where(Ticket.number == number.strip().upper()))).first()
    if row is None:
        raise NotFound("There is no such complaint.")
    return row[0], row[1], row[2], row[3]


def _stands(state: ClockState) -> ColumnElement[bool]:
    """Complaints whose clocks stand so; a standard once broken stays broken."""
    if state == "paused":
        return Ticket.paused_at.is_not(None)
    is_open, due = Ticket.status != TicketStatus.RESOLVED, first_due()
    runs = and_(is_open, Ticket.paused_at.is_(None), Ticket.escalated_at.is_(None))
    if state == "broken":
        return or_(Ticket.escalated_at.is_not(None), and_(runs, due <= clock.now()))
    return and_(runs, due > clock.now(), due <= clock.now() + SOON)


@router.get("", summary="The register, newest first")
async def list_complaints(
    session: SessionDep,
    _: Reader,
    category: Category | None = None,
    severity: Severity | None = None,
    product_type: ProductType | None = None,
    is_open: Annotated[bool | None, Query(description="Only open ones, or only resolved ones.")] = None,
    clocks: Annotated[
        ClockState | None, Query(description="A standard broken, one due within 24 hours, or standing still")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ComplaintPage:
    """Filter by class, severity, product, state and clocks."""
    query = _rows().order_by(Ticket.id.desc()).limit(limit + 1)
    query = query.where(Complaint.category == category) if category else query
    query = query.where(Complaint.severity == severity) if severity else query
    query = query.where(Complaint.product_type == product_type) if product_type else query
    query = query.where(_stands(clocks)) if clocks else query
    if is_open is not None:
        query = query.where((Ticket.status != TicketStatus.RESOLVED) == is_open)
    query = query.where(Ticket.id < decode_id(cursor)) if cursor else query
    rows = (await session.execute(query)).all()
    items = [_read((row[0], row[1], row[2], row[3])) for row in rows[:limit]]
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
    return _read(await _one(session, number))


@router.patch("/{number}", summary="Class, severity or root cause")
async def change_complaint(
    number: str, body: ComplaintUpdate, session: SessionDep, principal: Writer
) -> ComplaintRead:
    """409 `version_conflict` when somebody else changed it since."""
    _, ticket, customer, agent = await _one(session, number)
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
    return _read((done, ticket, customer, agent))


@router.post("/{number}/proposal", summary="A first proposal was made to the customer")
async def made_proposal(
    number: str, session: SessionDep, principal: Writer, body: Proposal | None = None
) -> ComplaintRead:
    """Stops the 48-hour clock; again changes nothing."""
    row = await _one(session, number)
    ticket = row[1]
    await service.locked_conversation(session, ticket.conversation_id)
    await session.refresh(ticket)
    if ticket.proposed_at is None:
        ticket.proposed_at = clock.now()
        await note_event(session, ticket, "proposed", agent_id_of(principal), body.text if body else None)
    return _read(row)
