"""Customers under /api/v1, for agents and other systems."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from backend.core import audit
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit
from backend.customers import accounts, service
from backend.customers.models import Tier
from backend.customers.schemas import (
    CustomerCreate,
    CustomerPage,
    CustomerRead,
    CustomerSearch,
    CustomerUpdate,
    Revealed,
    RevealField,
)
from backend.customers.search import search

router = APIRouter(prefix="/api/v1/customers", tags=["customers"])
CustomerId = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[42])]
Text = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
Reader = Annotated[Principal, Depends(Allowed("customers:read"))]
Writer = Annotated[Principal, Depends(Allowed("customers:write"))]
Revealer = Annotated[Principal, Depends(Allowed("customers:reveal"))]
Sort = Literal["id", "-id", "name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"]


def sees_phones(principal: Principal) -> bool:
    """Other systems need the number; a person who needs it reveals it, which is audited."""
    return principal.agent_id is None


@router.get("", summary="List customers")
async def list_customers(
    session: SessionDep,
    principal: Reader,
    phone: Annotated[
        Text, Query(description="Any spelling of a phone number", examples=["142 0000 0101"])
    ] = None,
    name: Annotated[Text, Query(description="The whole name, Chinese or Latin", examples=["王芳"])] = None,
    q: Annotated[Text, Query(description="Part of a name, phone, e-mail or customer number")] = None,
    tier: Tier | None = None,
    tag: Text = None,
    region: Text = None,
    source: Annotated[Text, Query(description="The system that the records come from")] = None,
    external_id: Annotated[Text, Query(description="The customer's number there")] = None,
    sort: Sort = "id",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CustomerPage:
    """Customers that fit all filters given. Follow `next` for more; keep the same `sort` and filters with it."""
    return await service.list_customers(
        session,
        shows_phones=sees_phones(principal),
        phone=phone,
        name=name,
        q=q,
        tier=tier,
        tag=tag,
        region=region,
        source=source,
        external_id=external_id,
        sort=sort,
        cursor=cursor,
        limit=limit,
    )


@router.post("/search", summary="Find a customer by what is at hand")
async def search_customers(
    body: CustomerSearch, session: SessionDep, principal: Reader, request: Request
) -> CustomerPage:
    """By name, phone, identity number (by its blind index), or the number of a customer, policy, claim or ticket.
    At most 50; nothing of what was typed is kept, a search by identity number is on the audit log."""
    found, way = await search(session, request.app.state.vault, body.q)
    if way == "id_number":
        await audit.record(session, principal.actor, "customer.found_by_id_number", f"customer:{found[0].id}")
    return CustomerPage(items=await service.summaries(session, found, sees_phones(principal)), next=None)


@router.post("", status_code=201, summary="Add a customer")
async def create_customer(
    body: CustomerCreate, session: SessionDep, principal: Writer, request: Request, key: KeyHeader
) -> CustomerRead:
    """A person who is new. 409 `conflict` when the identity document is on record already."""
    vault = request.app.state.vault

    async def write() -> dict[str, Any]:
        customer = await service.create_customer(session, vault, body)
        await audit.record(session, principal.actor, "customer.created", f"customer:{customer.id}")
        return {"id": customer.id}

    # Only the id is kept with the key: the answer is read anew.
    done = await once(session, principal.actor, key, body.model_dump(), write)
    customer = await service.get_customer(session, done["id"])
    return await service.shown(session, customer, vault, shows_phones=sees_phones(principal))


@router.get("/{customer_id}", summary="Read a customer")
async def get_customer(
    customer_id: CustomerId, request: Request, session: SessionDep, principal: Reader
) -> CustomerRead:
    """The person, the identity number masked; agents see the phone masked, too."""
    customer = await service.get_customer(session, customer_id)
    vault = request.app.state.vault
    return await service.shown(session, customer, vault, shows_phones=sees_phones(principal))


@router.patch("/{customer_id}", summary="Change a customer's details")
async def update_customer(
    customer_id: CustomerId, body: CustomerUpdate, session: SessionDep, principal: Writer, request: Request
) -> CustomerRead:
    """Only the fields that are sent change; null empties one. `version` is that of the record you read: when somebody
    changed it since, the answer is 409 `version_conflict` and nothing is written. The phone changes by a request
    (`POST /customers/{id}/changes`), because it proves who somebody is."""
    changed = await service.update_customer(session, customer_id, body)
    if changed:
        target = f"customer:{customer_id}"
        await audit.record(session, principal.actor, "customer.changed", target, fields=changed)
    customer = await service.get_customer(session, customer_id)
    vault = request.app.state.vault
    return await service.shown(session, customer, vault, shows_phones=sees_phones(principal))


@router.post("/{customer_id}/reveal", summary="Show one masked field in full")
async def reveal(
    customer_id: CustomerId, body: RevealField, session: SessionDep, principal: Revealer, request: Request
) -> Revealed:
    """The identity number, phone or a payment account in clear. Each call is on the audit log with who made it."""
    customer = await service.get_customer(session, customer_id)
    vault = request.app.state.vault
    details: dict[str, Any] = {"field": body.field}
    value: str | None
    if body.field == "payment_account":
        if body.account_id is None:
            raise Invalid("Say which payment account.", field="account_id")
        value = await accounts.account_in_full(session, vault, customer_id, body.account_id)
        details["account"] = body.account_id
    else:
        value = customer.id_number(vault) if body.field == "id_number" else customer.phone
    await audit.record(session, principal.actor, "customer.revealed", f"customer:{customer_id}", **details)
    return Revealed(field=body.field, value=value)
