"""Claims under /api/v1, for agents, other systems and the insurer's core."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from backend.claims import reading, service
from backend.claims.models import Stage
from backend.claims.schemas import AgentClaimRead, ClaimPage, EventCreate
from backend.core.access import Allowed
from backend.core.db import SessionDep
from backend.core.paging import Cursor, Limit
from backend.customers.api import CustomerId
from backend.customers.service import get_customer
from backend.policies.models import ProductType

router = APIRouter(prefix="/api/v1", tags=["claims"])
MAY_READ = [Depends(Allowed("claims:read"))]
MAY_WRITE = [Depends(Allowed("claims:write"))]
Number = Annotated[str, Path(max_length=100, examples=["C2026000101"])]


@router.get("/claims", dependencies=MAY_READ)
async def list_claims(
    session: SessionDep,
    request: Request,
    customer_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    policy_number: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]+$")] = None,
    stage: Stage | None = None,
    product_type: ProductType | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ClaimPage:
    """Claims, newest record first."""
    return await service.list_claims(
        session,
        request.app.state.settings.zone,
        customer_id=customer_id,
        policy_number=policy_number,
        stage=stage,
        product_type=product_type,
        cursor=cursor,
        limit=limit,
    )


@router.get("/claims/{claim_number}", dependencies=MAY_READ)
async def get_claim(claim_number: Number, request: Request, session: SessionDep) -> AgentClaimRead:
    """One claim with its history and documents."""
    claim = await service.get_claim(session, claim_number)
    return reading.agent_detail(claim, request.app.state.settings.zone)


@router.post("/claims/{claim_number}/events", dependencies=MAY_WRITE)
async def record_event(
    claim_number: Number, body: EventCreate, request: Request, session: SessionDep
) -> AgentClaimRead:
    """Tell a claim's progress. The same `event_id` again changes nothing; an event older than what is known
    is recorded and flagged, and does not move the claim back."""
    zone = request.app.state.settings.zone
    return reading.agent_detail(await service.record_event(session, claim_number, body, zone), zone)


@router.get("/customers/{customer_id}/claims", dependencies=MAY_READ)
async def list_claims_of_customer(
    customer_id: CustomerId, request: Request, session: SessionDep, cursor: Cursor = None, limit: Limit = 50
) -> ClaimPage:
    """This customer's claims, newest record first."""
    customer = await get_customer(session, customer_id)
    zone = request.app.state.settings.zone
    return await service.list_claims(session, zone, customer_id=customer.id, cursor=cursor, limit=limit)
