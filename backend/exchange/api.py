"""For the insurer's core system and others: push what they know, pull what changed here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from backend.changes import reading as changes
from backend.changes.models import ChangeRequest
from backend.claims import reading as claims
from backend.claims.models import Claim
from backend.claims.service import DOCUMENTS, HOLDER
from backend.claims.service import POLICY as CLAIM_POLICY
from backend.core import audit, clock
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Forbidden, Invalid
from backend.core.feed import FeedEntry, entries_after
from backend.core.paging import decode_cursor, encode_cursor
from backend.customers import service as customers
from backend.customers.api import sees_phones
from backend.customers.models import Customer
from backend.exchange import push
from backend.exchange.push_claims import push_claims as push_claim_records
from backend.exchange.schemas import (
    ChangeFeed,
    ChangeItem,
    ClaimFeed,
    ClaimItem,
    ClaimsPush,
    CustomerFeed,
    CustomerItem,
    CustomersPush,
    PoliciesPush,
    PolicyFeed,
    PolicyItem,
    PushAnswer,
)
from backend.policies import service as policies
from backend.policies.models import Policy

router = APIRouter(prefix="/api/v1", tags=["exchange"])
Cursor = Annotated[
    str | None, Query(max_length=500, description="`next` of the last answer; none: from the beginning")
]
Limit = Annotated[int, Query(ge=1, le=500)]


def source_of(principal: Principal) -> str:
    """Records belong to the token that brings them: a system never overwrites another's."""
    if principal.agent_id is not None:
        raise Forbidden("Only another system pushes records, with its token.")
    return principal.name.removeprefix("token:")


@router.post("/push/customers", summary="Push customers")
async def push_customers(
    body: CustomersPush,
    session: SessionDep,
    request: Request,
    principal: Annotated[Principal, Depends(Allowed("customers:write"))],
) -> PushAnswer:
    """Up to 500 customers, each as a whole. The token's name is the `source`; (source, external_id) is the key. The
    same version again is `unchanged`, an older one `out_of_date`: repeating and overtaking do no harm. Items stand
    alone: a rejected one says why and holds up no other."""
    state = request.app.state
    source, today = source_of(principal), clock.today(state.settings.zone)
    items = await push.push_customers(session, state.vault, source, body.items, today)
    await audit.record(session, principal.actor, "customers.pushed", f"source:{source}", count=len(items))
    return PushAnswer(items=items)


@router.post("/push/policies", summary="Push policies")
async def push_policies(
    body: PoliciesPush,
    session: SessionDep,
    request: Request,
    principal: Annotated[Principal, Depends(Allowed("policies:write"))],
) -> PushAnswer:
    """Up to 500 policies with coverages, riders, premium schedule and beneficiaries, by the same rules as customers.
    Push the holders first."""
    source, today = source_of(principal), clock.today(request.app.state.settings.zone)
    items = await push.push_policies(session, source, body.items, today)
    await audit.record(session, principal.actor, "policies.pushed", f"source:{source}", count=len(items))
    return PushAnswer(items=items)


@router.post("/push/claims", summary="Push claims")
async def push_claims(
    body: ClaimsPush,
    session: SessionDep,
    request: Request,
    principal: Annotated[Principal, Depends(Allowed("claims:write"))],
) -> PushAnswer:
    """Up to 500 claims, by the same rules as customers; the policy must be known. Between pushes, `POST
    /claims/{claim_number}/events` tells single steps."""
    source, zone = source_of(principal), request.app.state.settings.zone
    items = await push_claim_records(session, source, body.items, zone)
    await audit.record(session, principal.actor, "claims.pushed", f"source:{source}", count=len(items))
    return PushAnswer(items=items)


async def _entries(
    session: SessionDep, kind: str, cursor: str | None, limit: int
) -> tuple[list[FeedEntry], str, bool]:
    place = decode_cursor(cursor, 1)[0] if cursor else 0
    if not isinstance(place, int) or not 0 <= place < 2**63:
        raise Invalid("This cursor is not valid.")
    entries = await entries_after(session, kind, place, limit)
    last = entries[-1].place if entries else place
    return entries, encode_cursor(last), len(entries) == limit


@router.get("/feeds/customers", summary="Pull changed customers")
async def customer_feed(
    session: SessionDep,
    request: Request,
    principal: Annotated[Principal, Depends(Allowed("customers:read"))],
    cursor: Cursor = None,
    limit: Limit = 100,
) -> CustomerFeed:
    """Every customer that changed since `cursor`, whoever changed it, once each and as it is now. Nothing is skipped,
    also not what a slow transaction committed late; the same record may come again."""
    entries, following, more = await _entries(session, "customer", cursor, limit)
    vault, in_full = request.app.state.vault, sees_phones(principal)
    query = select(Customer).where(Customer.id.in_([entry.record_id for entry in entries]))
    rows = {row.id: row for row in await session.scalars(query)}
    records = {
        key: await customers.shown(session, row, vault, shows_phones=in_full) for key, row in rows.items()
    }
    items = [CustomerItem(**_told(entry), record=records.get(entry.record_id)) for entry in entries]
    return CustomerFeed(items=items, next=following, more=more)


@router.get("/feeds/policies", summary="Pull changed policies")
async def policy_feed(
    session: SessionDep,
    request: Request,
    _: Annotated[Principal, Depends(Allowed("policies:read"))],
    cursor: Cursor = None,
    limit: Limit = 100,
) -> PolicyFeed:
    """Every policy that changed since `cursor`: by the same rules as customers."""
    entries, following, more = await _entries(session, "policy", cursor, limit)
    query = select(Policy).options(joinedload(Policy.product), joinedload(Policy.holder))
    rows = list(await session.scalars(query.where(Policy.id.in_([entry.record_id for entry in entries]))))
    today = clock.today(request.app.state.settings.zone)
    read = await policies.agent_summaries(session, rows, today)
    records = dict(zip((row.id for row in rows), read, strict=True))
    items = [PolicyItem(**_told(entry), record=records.get(entry.record_id)) for entry in entries]
    return PolicyFeed(items=items, next=following, more=more)


@router.get("/feeds/claims", summary="Pull changed claims")
async def claim_feed(
    session: SessionDep,
    request: Request,
    _: Annotated[Principal, Depends(Allowed("claims:read"))],
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ClaimFeed:
    """Every claim that changed since `cursor`: by the same rules as customers."""
    entries, following, more = await _entries(session, "claim", cursor, limit)
    query = select(Claim).options(CLAIM_POLICY, HOLDER, DOCUMENTS)
    rows = await session.scalars(query.where(Claim.id.in_([entry.record_id for entry in entries])))
    zone = request.app.state.settings.zone
    records = {row.id: claims.agent_summary(row, zone) for row in rows}
    items = [ClaimItem(**_told(entry), record=records.get(entry.record_id)) for entry in entries]
    return ClaimFeed(items=items, next=following, more=more)


@router.get("/feeds/changes", summary="Pull change requests")
async def change_feed(
    session: SessionDep,
    request: Request,
    _: Annotated[Principal, Depends(Allowed("changes:read"))],
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ChangeFeed:
    """Every change request that was asked, decided or applied since `cursor`: by the same rules as customers."""
    entries, following, more = await _entries(session, "change", cursor, limit)
    ids = [entry.record_id for entry in entries]
    query = changes.changes().where(ChangeRequest.id.in_(ids))
    rows = await changes.read_changes(session, request.app.state.vault, query)
    records = {row.id: read for row, read in rows}
    items = [ChangeItem(**_told(entry), record=records.get(entry.record_id)) for entry in entries]
    return ChangeFeed(items=items, next=following, more=more)


def _told(entry: FeedEntry) -> dict[str, object]:
    return {"id": entry.record_id, "changed_at": entry.changed_at, "is_deleted": entry.is_deleted}
