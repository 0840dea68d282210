"""Policies under /api/v1, for agents and other systems."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from backend.core import clock
from backend.core.access import Allowed
from backend.core.db import SessionDep
from backend.core.paging import Cursor, Limit
from backend.customers.api import CustomerId
from backend.customers.service import get_customer
from backend.policies import service
from backend.policies.models import PolicyStatus, ProductType
from backend.policies.schemas import AgentPolicyRead, PolicyPage

router = APIRouter(prefix="/api/v1", tags=["policies"], dependencies=[Depends(Allowed("policies:read"))])
Number = Annotated[str, Path(max_length=100, examples=["P2024000123"])]


@router.get("/policies")
async def list_policies(
    session: SessionDep,
    request: Request,
    customer_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    status: PolicyStatus | None = None,
    product_type: ProductType | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PolicyPage:
    """Policies, oldest record first."""
    return await service.list_policies(
        session,
        clock.today(request.app.state.settings.zone),
        customer_id=customer_id,
        status=status,
        product_type=product_type,
        cursor=cursor,
        limit=limit,
    )


@router.get("/policies/{number}")
async def get_policy(number: Number, request: Request, session: SessionDep) -> AgentPolicyRead:
    """One policy with coverages, next premium and beneficiaries."""
    policy = await service.get_policy(session, number)
    return await service.agent_detail(session, policy, clock.today(request.app.state.settings.zone))


@router.get("/customers/{customer_id}/policies")
async def list_policies_of_customer(
    customer_id: CustomerId, request: Request, session: SessionDep, cursor: Cursor = None, limit: Limit = 50
) -> PolicyPage:
    """The policies that this customer holds."""
    customer = await get_customer(session, customer_id)
    today = clock.today(request.app.state.settings.zone)
    return await service.list_policies(session, today, customer_id=customer.id, cursor=cursor, limit=limit)
