"""Claims under /api/v1, for agents, other systems and the insurer's core: reading, reporting, correcting."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import catalogue, editing, listing, reading, service
from backend.claims.listing import Order, Wanted
from backend.claims.models import Stage
from backend.claims.schemas import AgentClaimRead, ClaimPage, ClaimTypeRead, ClaimTypes, EventCreate
from backend.claims.work_schemas import ClaimCreate, ClaimUpdate
from backend.core import audit
from backend.core.access import Agent, Allowed, Principal
from backend.core.db import SessionDep
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit
from backend.customers.api import CustomerId
from backend.customers.service import get_customer
from backend.policies.models import ProductType

router = APIRouter(prefix="/api/v1", tags=["claims"])
MAY_READ = [Depends(Allowed("claims:read"))]
Writer = Annotated[Principal, Depends(Allowed("claims:write"))]
Number = Annotated[str, Path(max_length=100, examples=["C2026000101"])]
Text = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


async def detail(session: AsyncSession, request: Request, number: str) -> AgentClaimRead:
    """The claim as it is now, with all that belongs to it."""
    await session.flush()
    claim = await service.get_claim(session, number)
    read = reading.agent_detail(claim, request.app.state.settings.zone)
    deciders = [decision.decided_by for decision in claim.decisions]
    query = select(Agent.id, Agent.name).where(Agent.id.in_(_agent_ids(deciders)))
    names = {f"agent:{agent_id}": name for agent_id, name in await session.execute(query)}
    for decision in read.decisions:
        decision.decided_by_name = names.get(decision.decided_by)
    return read


def _agent_ids(actors: list[str]) -> list[int]:
    return [int(actor.removeprefix("agent:")) for actor in actors if actor.startswith("agent:")]


@router.get("/claims", dependencies=MAY_READ, summary="List claims")
async def list_claims(
    session: SessionDep,
    request: Request,
    customer_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    policy_number: Annotated[Text, Query(examples=["P2024000123"])] = None,
    stage: Annotated[list[Stage] | None, Query(description="One of these stages")] = None,
    type: Annotated[Text, Query(description="A key of `GET /claims/types`")] = None,  # noqa: A002
    product_type: ProductType | None = None,
    reported_from: date | None = None,
    reported_to: date | None = None,
    is_disputed: Annotated[bool | None, Query(description="With an open dispute, or without")] = None,
    is_flagged: bool | None = None,
    q: Annotated[
        Text, Query(description="A claim's or policy's number, or part of the holder's name")
    ] = None,
    order: Order = Order.NEWEST,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ClaimPage:
    """Claims that meet all conditions, in the order wished for, page by page."""
    wanted = Wanted(
        customer_id=customer_id,
        policy_number=policy_number,
        stages=stage,
        type=type,
        product_type=product_type,
        reported_from=reported_from,
        reported_to=reported_to,
        is_disputed=is_disputed,
        is_flagged=is_flagged,
        q=q,
    )
    return await listing.list_claims(session, request.app.state.settings.zone, wanted, order, cursor, limit)


@router.get("/claims/types", dependencies=MAY_READ, summary="Kinds of claims")
async def list_types() -> ClaimTypes:
    """Every kind of claim, the products it can be made under, and the documents it needs."""
    return ClaimTypes(
        items=[
            ClaimTypeRead(
                type=code,
                name=kind.name,
                products=kind.products,
                documents=[reading.document_name(document) for document in kind.documents],
            )
            for code, kind in catalogue.catalogue().types.items()
        ],
        reasons=[reading.reason_name(code) for code in catalogue.catalogue().reasons],
    )


@router.post("/claims", status_code=201, summary="Report a claim")
async def create_claim(
    body: ClaimCreate, request: Request, session: SessionDep, principal: Writer, key: KeyHeader
) -> AgentClaimRead:
    """First notice of loss. The answer lists the documents that this kind of claim needs.

    The same `Idempotency-Key`, or the same `source` and `external_id`, is the same claim.
    """
    zone = request.app.state.settings.zone

    async def write() -> dict[str, Any]:
        claim, is_new = await editing.create(session, body, zone)
        if is_new:
            await audit.record(session, principal.actor, "claim.reported", f"claim:{claim.number}")
        return {"number": claim.number}

    answer = await once(session, f"api:{principal.name}", key, body.model_dump(mode="json"), write)
    return await detail(session, request, answer["number"])


@router.get("/claims/{claim_number}", dependencies=MAY_READ, summary="Read a claim")
async def get_claim(claim_number: Number, request: Request, session: SessionDep) -> AgentClaimRead:
    """One claim with its history, documents, files, decisions and disputes."""
    return await detail(session, request, claim_number)


@router.patch("/claims/{claim_number}", summary="Correct a claim")
async def update_claim(
    claim_number: Number,
    body: ClaimUpdate,
    request: Request,
    session: SessionDep,
    principal: Writer,
    key: KeyHeader,
) -> AgentClaimRead:
    """Correct what was told; 409 `version_conflict` when somebody else changed the claim meanwhile."""

    async def write() -> dict[str, Any]:
        claim = await service.locked_claim(session, claim_number, body.version)
        fields = await editing.change(session, claim, body)
        if fields:
            await audit.record(
                session, principal.actor, "claim.changed", f"claim:{claim.number}", fields=fields
            )
        return {"number": claim.number}

    asked = {"number": claim_number} | body.model_dump(mode="json")
    answer = await once(session, f"api:{principal.name}", key, asked, write)
    return await detail(session, request, answer["number"])


@router.post("/claims/{claim_number}/events", summary="Tell a claim's progress")
async def record_event(
    claim_number: Number, body: EventCreate, request: Request, session: SessionDep, _: Writer
) -> AgentClaimRead:
    """Progress as the insurer's core system knows it. The same `event_id` again changes nothing; an event older
    than what is known is recorded and flagged, and does not move the claim back."""
    zone = request.app.state.settings.zone
    claim = await service.record_event(session, claim_number, body, zone)
    return reading.agent_detail(claim, zone)


@router.get("/customers/{customer_id}/claims", dependencies=MAY_READ, summary="List a customer's claims")
async def list_claims_of_customer(
    customer_id: CustomerId, request: Request, session: SessionDep, cursor: Cursor = None, limit: Limit = 50
) -> ClaimPage:
    """This customer's claims, newest record first."""
    customer = await get_customer(session, customer_id)
    zone = request.app.state.settings.zone
    wanted = Wanted(customer_id=customer.id)
    return await listing.list_claims(session, zone, wanted, Order.NEWEST, cursor, limit)
