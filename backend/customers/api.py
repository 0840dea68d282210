"""Customers under /api/v1, for agents and other systems."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from backend.core.access import Allowed
from backend.core.db import SessionDep
from backend.core.paging import Cursor, Limit
from backend.customers import service
from backend.customers.schemas import CustomerPage, CustomerRead

router = APIRouter(
    prefix="/api/v1/customers", tags=["customers"], dependencies=[Depends(Allowed("customers:read"))]
)
CustomerId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


@router.get("")
async def list_customers(
    session: SessionDep,
    phone: Annotated[Text, Query(description="Any spelling of a phone number")] = None,
    name: Annotated[Text, Query(description="The whole name, Chinese or Latin")] = None,
    q: Annotated[Text, Query(description="Part of a name, phone, e-mail or customer number")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CustomerPage:
    """Customers, oldest record first."""
    return await service.list_customers(session, phone=phone, name=name, q=q, cursor=cursor, limit=limit)


@router.get("/{customer_id}")
async def get_customer(customer_id: CustomerId, request: Request, session: SessionDep) -> CustomerRead:
    """One customer, the identity number masked."""
    customer = await service.get_customer(session, customer_id)
    return service.shown_to_agents(customer, request.app.state.vault)
