"""What belongs to a customer under /api/v1: tags, family, payment accounts, standing; and the lapse-risk list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlalchemy import literal_column, select, tuple_

from backend.core import audit, business, clock
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit, decode_cursor, encode_cursor
from backend.customers import accounts, family, overview, standing, tags
from backend.customers.api import CustomerId, Reader, Writer, sees_phones
from backend.customers.models import Customer, CustomerStanding, Tier
from backend.customers.overview_schemas import Overview
from backend.customers.schemas import (
    TAG,
    Accounts,
    Family,
    PointsPart,
    RelativeCreate,
    RiskPage,
    RiskRow,
    StandingRead,
    TagCounts,
    TagList,
)
from backend.customers.service import get_customer

router = APIRouter(prefix="/api/v1", tags=["customers"])
TagName = Annotated[str, Path(pattern=TAG, max_length=40, examples=["VIP"])]


@router.get("/customers/{customer_id}/tags", summary="A customer's tags")
async def list_tags(customer_id: CustomerId, session: SessionDep, _: Reader) -> TagList:
    """Given by hand or by a rule."""
    await get_customer(session, customer_id)
    return await tags.list_tags(session, customer_id)


@router.put("/customers/{customer_id}/tags/{tag}", summary="Tag a customer")
async def add_tag(customer_id: CustomerId, tag: TagName, session: SessionDep, principal: Writer) -> TagList:
    """Tagging again changes nothing. Answers all tags of the customer."""
    await get_customer(session, customer_id)
    if await tags.add_tag(session, customer_id, tag, principal.agent_id):
        await audit.record(session, principal.actor, "customer.tagged", f"customer:{customer_id}")
    return await tags.list_tags(session, customer_id)


@router.delete("/customers/{customer_id}/tags/{tag}", summary="Take a tag away")
async def remove_tag(
    customer_id: CustomerId, tag: TagName, session: SessionDep, principal: Writer
) -> TagList:
    """409 `tag_of_rule` for a tag that a rule gives. Answers the tags that are left."""
    await get_customer(session, customer_id)
    if await tags.remove_tag(session, customer_id, tag):
        await audit.record(session, principal.actor, "customer.untagged", f"customer:{customer_id}")
    return await tags.list_tags(session, customer_id)


@router.get("/tags", summary="All tags in use")
async def count_tags(session: SessionDep, _: Reader) -> TagCounts:
    """With the number of customers who have each, the most frequent first."""
    return TagCounts(items=await tags.count_tags(session))


@router.get("/customers/{customer_id}/family", summary="A customer's family")
async def list_family(customer_id: CustomerId, session: SessionDep, _: Reader) -> Family:
    """Relatives, seen from this customer, whoever's record they were entered on."""
    await get_customer(session, customer_id)
    return Family(items=await family.family_of(session, customer_id))


@router.post("/customers/{customer_id}/family", status_code=201, summary="Add a relative")
async def add_relative(
    customer_id: CustomerId, body: RelativeCreate, session: SessionDep, principal: Writer, key: KeyHeader
) -> Family:
    """Another customer, or somebody known by name. 409 when the two are related already."""
    await get_customer(session, customer_id)

    async def write() -> dict[str, int]:
        row = await family.add_relative(session, customer_id, body)
        await audit.record(session, principal.actor, "customer.relative_added", f"customer:{customer_id}")
        return {"id": row.id}

    await once(session, principal.actor, key, {"customer": customer_id, **body.model_dump()}, write)
    return Family(items=await family.family_of(session, customer_id))


@router.delete("/customers/{customer_id}/family/{member_id}", summary="Remove a relative")
async def remove_relative(
    customer_id: CustomerId,
    member_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    session: SessionDep,
    principal: Writer,
) -> Family:
    """Removes the relation from both records; answers who is left."""
    await family.remove_relative(session, customer_id, member_id)
    await audit.record(session, principal.actor, "customer.relative_removed", f"customer:{customer_id}")
    return Family(items=await family.family_of(session, customer_id))


@router.get("/customers/{customer_id}/payment-accounts", summary="A customer's bank accounts")
async def list_accounts(
    customer_id: CustomerId, session: SessionDep, _: Reader, request: Request
) -> Accounts:
    """Those in use, masked; they change by change requests. `POST …/reveal` shows one in full."""
    await get_customer(session, customer_id)
    return Accounts(items=await accounts.accounts_in_use(session, customer_id, request.app.state.vault))


def standing_read(tier: Tier, row: CustomerStanding | None) -> StandingRead:
    return StandingRead(
        tier=tier,
        value_points=row.value_points if row else 0,
        value_parts=[PointsPart(**part) for part in row.value_parts] if row else [],
        risk_points=row.risk_points if row else 0,
        risk_reasons=[PointsPart(**part) for part in row.risk_reasons] if row else [],
        computed_at=row.computed_at if row else None,
    )


@router.get("/customers/{customer_id}/standing", summary="Tier and lapse risk, and why")
async def read_standing(customer_id: CustomerId, session: SessionDep, _: Reader) -> StandingRead:
    """Which points came from which figure, by the insurer's own models (settings `value_model`,
    `lapse_risk_model`)."""
    customer = await get_customer(session, customer_id)
    return standing_read(Tier(customer.tier), await session.get(CustomerStanding, customer_id))


@router.post("/customers/{customer_id}/standing", summary="Compute the standing anew")
async def compute_standing(
    customer_id: CustomerId, session: SessionDep, _: Writer, request: Request
) -> StandingRead:
    """At once, instead of with the next run of the job."""
    customer = await get_customer(session, customer_id)
    await standing.refresh(session, [customer_id], clock.today(request.app.state.settings.zone))
    await session.refresh(customer)
    row = await session.get(CustomerStanding, customer_id, populate_existing=True)
    return standing_read(Tier(customer.tier), row)


@router.get("/lapse-risks", summary="Who may let a policy lapse")
async def list_risks(
    session: SessionDep, _: Reader, tier: Tier | None = None, cursor: Cursor = None, limit: Limit = 50
) -> RiskPage:
    """Most points first, each with its reasons."""
    least = (await business.setting(session, "lapse_risk_model"))["listed_from"]
    query = (
        select(CustomerStanding, Customer.name, Customer.tier)
        .join(Customer, Customer.id == CustomerStanding.customer_id)
        # The literal lets the partial index serve.
        .where(CustomerStanding.risk_points > literal_column("0"), CustomerStanding.risk_points >= least)
        .order_by(CustomerStanding.risk_points.desc(), CustomerStanding.customer_id.desc())
        .limit(limit + 1)
    )
    if tier:
        query = query.where(Customer.tier == tier)
    if cursor:
        points, last = decode_cursor(cursor, 2)
        if not all(type(part) is int and abs(part) < 2**63 for part in (points, last)):
            raise Invalid("This cursor is not valid.")
        place = tuple_(CustomerStanding.risk_points, CustomerStanding.customer_id)
        query = query.where(place < tuple_(points, last))
    found = (await session.execute(query)).all()
    items = [
        RiskRow(
            customer_id=row.customer_id,
            name=name,
            tier=Tier(tier_),
            risk_points=row.risk_points,
            reasons=[PointsPart(**part) for part in row.risk_reasons],
        )
        for row, name, tier_ in found[:limit]
    ]
    last_row = found[limit - 1][0] if len(found) > limit else None
    return RiskPage(
        items=items, next=encode_cursor(last_row.risk_points, last_row.customer_id) if last_row else None
    )


@router.get("/customers/{customer_id}/overview", summary="The 360° view")
async def read_overview(
    customer_id: CustomerId, session: SessionDep, principal: Reader, request: Request
) -> Overview:
    """Who the person is, policies and what is due, open claims and what they wait for, open tickets, tasks and
    changes, the last interactions over all channels, consents, tags, tier and risk, in one call. Parts that the caller
    has no right to read are null."""
    state = request.app.state
    zone, in_full = state.settings.zone, sees_phones(principal)
    return await overview.overview(
        session, state.vault, zone, customer_id, principal.scopes, shows_phones=in_full
    )
