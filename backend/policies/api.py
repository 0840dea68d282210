"""Policies, their premiums and payments, and products under /api/v1, for agents and other systems."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from backend.core import audit, clock
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit
from backend.customers.api import CustomerId
from backend.customers.service import get_customer
from backend.policies import beneficiaries, payments, products, service
from backend.policies.models import Payment, PolicyStatus, ProductType
from backend.policies.schemas import (
    AgentPolicyRead,
    BeneficiariesReplace,
    Instalments,
    PaymentCreate,
    PaymentPage,
    PaymentRead,
    PolicyPage,
    ProductRead,
    Products,
)

router = APIRouter(prefix="/api/v1", tags=["policies"])
Number = Annotated[str, Path(max_length=100, examples=["P2024000123"])]
Reader = Annotated[Principal, Depends(Allowed("policies:read"))]
Writer = Annotated[Principal, Depends(Allowed("policies:write"))]
Sort = Literal["id", "-id", "number", "-number", "start_date", "-start_date", "end_date", "-end_date"]


@router.get("/policies", summary="List policies")
async def list_policies(
    session: SessionDep,
    request: Request,
    _: Reader,
    customer_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    status: PolicyStatus | None = None,
    product_type: ProductType | None = None,
    ends_from: Annotated[date | None, Query(description="The present period ends then or later")] = None,
    ends_until: Annotated[date | None, Query(description="… then or earlier: what is to be renewed")] = None,
    sort: Sort = "id",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PolicyPage:
    """Policies that fit all filters given. Follow `next` for more; keep the same `sort` and filters with it."""
    return await service.list_policies(
        session,
        clock.today(request.app.state.settings.zone),
        customer_id=customer_id,
        status=status,
        product_type=product_type,
        ends_from=ends_from,
        ends_until=ends_until,
        sort=sort,
        cursor=cursor,
        limit=limit,
    )


@router.get("/policies/{number}", summary="Read a policy")
async def get_policy(number: Number, request: Request, session: SessionDep, _: Reader) -> AgentPolicyRead:
    """With coverages, riders, exclusions, next premium and beneficiaries. The number may be typed as people do."""
    policy = await service.get_policy(session, number)
    return await service.agent_detail(session, policy, clock.today(request.app.state.settings.zone))


@router.get("/customers/{customer_id}/policies", summary="A customer's policies")
async def list_policies_of_customer(
    customer_id: CustomerId,
    request: Request,
    session: SessionDep,
    _: Reader,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PolicyPage:
    """Those that this customer holds."""
    customer = await get_customer(session, customer_id)
    today = clock.today(request.app.state.settings.zone)
    return await service.list_policies(session, today, customer_id=customer.id, cursor=cursor, limit=limit)


@router.put("/policies/{number}/beneficiaries", summary="Replace the beneficiaries")
async def replace_beneficiaries(
    number: Number, body: BeneficiariesReplace, session: SessionDep, principal: Writer, request: Request
) -> AgentPolicyRead:
    """All at once; their shares must add to 100. 409 `version_conflict` when the policy changed since it was read."""
    policy = await beneficiaries.replace_at(session, number, body.version, body.beneficiaries)
    await audit.record(session, principal.actor, "policy.beneficiaries_replaced", f"policy:{policy.number}")
    policy = await service.get_policy(session, policy.number)
    return await service.agent_detail(session, policy, clock.today(request.app.state.settings.zone))


@router.get("/policies/{number}/instalments", summary="The premium schedule")
async def list_instalments(number: Number, session: SessionDep, _: Reader) -> Instalments:
    """Every premium of the policy, paid and open, earliest first."""
    policy = await service.get_policy(session, number)
    return Instalments(items=await payments.instalments_of(session, policy))


@router.get("/policies/{number}/payments", summary="The payments")
async def list_payments(
    number: Number, session: SessionDep, _: Reader, cursor: Cursor = None, limit: Limit = 50
) -> PaymentPage:
    """What came in for the policy, newest record first."""
    return await payments.payments_of(session, await service.get_policy(session, number), cursor, limit)


@router.post("/policies/{number}/payments", status_code=201, summary="Record a payment")
async def record_payment(
    number: Number,
    body: PaymentCreate,
    session: SessionDep,
    principal: Writer,
    request: Request,
    key: KeyHeader,
) -> PaymentRead:
    """Pays the oldest open premiums, in part if it is not enough; what is left over stays as credit (`unused`).
    The same `external_id` from the same system again is the same payment: nothing is paid twice."""
    today = clock.today(request.app.state.settings.zone)

    async def write() -> dict[str, Any]:
        payment = await payments.record_payment(session, number, body, principal.name, today)
        await audit.record(session, principal.actor, "payment.recorded", f"payment:{payment.id}")
        return {"id": payment.id}

    done = await once(session, principal.actor, key, {"policy": number, **body.model_dump()}, write)
    policy = await service.get_policy(session, number)
    payment = await session.get_one(Payment, done["id"])
    return (await payments.payments_read(session, [payment], policy.number))[0]


@router.get("/products", summary="The products")
async def list_products(session: SessionDep, _: Reader) -> Products:
    """What the insurer sells, with coverages, riders on offer, waiting periods, deductibles and exclusions."""
    return Products(items=await products.list_products(session))


@router.get("/products/{code}", summary="Read a product")
async def get_product(
    code: Annotated[str, Path(max_length=100, examples=["auto"])], session: SessionDep, _: Reader
) -> ProductRead:
    """One product with its terms."""
    return await products.get_product(session, code)
