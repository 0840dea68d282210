"""Change requests under /api/v1: ask, confirm or decline, and what the insurer's core system does with them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from backend.changes import asking, deciding, reading
from backend.changes.models import ChangeKind, ChangeRequest, ChangeState
from backend.changes.schemas import (
    EXAMPLES,
    Approve,
    Ask,
    ChangeDetail,
    ChangeInFull,
    ChangePage,
    CoreAnswer,
    Decline,
)
from backend.core import audit
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Forbidden
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit
from backend.core.sorting import orders
from backend.customers.api import CustomerId, Revealer

router = APIRouter(prefix="/api/v1", tags=["changes"])
Reader = Annotated[Principal, Depends(Allowed("changes:read"))]
Writer = Annotated[Principal, Depends(Allowed("changes:write"))]
Number = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$", examples=["R2026000007"])]
ORDERS = orders(ChangeRequest.id, {"id": (ChangeRequest.id, int)})


@router.get("/changes", summary="List change requests")
async def list_changes(
    session: SessionDep,
    _: Reader,
    request: Request,
    state: Annotated[list[ChangeState] | None, Query()] = None,
    kind: ChangeKind | None = None,
    customer_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    sort: Literal["id", "-id"] = "-id",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ChangePage:
    """Newest first. The core system fetches what is `approved` and answers each with `POST …/core`."""
    query = reading.changes()
    if state:
        query = query.where(ChangeRequest.state.in_(state))
    if kind:
        query = query.where(ChangeRequest.kind == kind)
    if customer_id is not None:
        query = query.where(ChangeRequest.customer_id == customer_id)
    order = ORDERS[sort]
    vault = request.app.state.vault
    rows = await reading.read_changes(session, vault, order.page(query, cursor, limit))
    _page, following = order.next([change for change, _read in rows], limit)
    return ChangePage(items=[read for _change, read in rows[:limit]], next=following)


@router.post("/customers/{customer_id}/changes", status_code=201, summary="Ask for a change")
async def ask_for_change(
    customer_id: CustomerId,
    body: Annotated[Ask, Body(openapi_examples=EXAMPLES)],
    session: SessionDep,
    principal: Writer,
    request: Request,
    key: KeyHeader,
) -> ChangeDetail:
    """In the customer's name, by an agent. Nothing changes until it is confirmed; asking again for the same matter
    replaces what nobody has confirmed yet."""
    vault, zone = request.app.state.vault, request.app.state.settings.zone

    async def write() -> dict[str, Any]:
        asker = asking.Asker(agent_id=principal.agent_id)
        change, _ = await asking.ask(session, vault, zone, customer_id, body, asker)
        await audit.record(session, principal.actor, "change.asked", f"change:{change.number}")
        return {"number": change.number}

    done = await once(session, principal.actor, key, {"customer": customer_id, **body.model_dump()}, write)
    return await reading.read_detail(session, vault, await deciding.change_by_number(session, done["number"]))


@router.get("/changes/{number}", summary="Read a change request")
async def get_change(number: Number, session: SessionDep, _: Reader, request: Request) -> ChangeDetail:
    """With what was there and what is to be, numbers masked, and the checks made when it was asked."""
    change = await deciding.change_by_number(session, number)
    return await reading.read_detail(session, request.app.state.vault, change)


@router.post("/changes/{number}/approve", summary="Confirm a change")
async def approve_change(
    number: Number, body: Approve, session: SessionDep, principal: Writer, request: Request
) -> ChangeDetail:
    """`changes:write` confirms what the setting `changes_agents_confirm` lists; all else needs `changes:approve`, and
    nobody confirms a sensitive change they asked for. Without a core system it is applied at once. A new phone ends
    every proof of identity. 409 `change_not_open` or `version_conflict` when somebody was quicker."""
    vault, zone = request.app.state.vault, request.app.state.settings.zone
    change = await deciding.approve(session, vault, zone, number, body.version, principal, body.beneficiaries)
    return await reading.read_detail(session, vault, change)


@router.post("/changes/{number}/decline", summary="Decline a change")
async def decline_change(
    number: Number, body: Decline, session: SessionDep, principal: Writer, request: Request
) -> ChangeDetail:
    """With a reason. 409 when it was decided before."""
    change = await deciding.decline(session, number, body.version, body.reason, principal)
    return await reading.read_detail(session, request.app.state.vault, change)


@router.post("/changes/{number}/core", summary="The core system's answer")
async def core_answers(
    number: Number, body: CoreAnswer, session: SessionDep, principal: Writer, request: Request
) -> ChangeDetail:
    """`sent` (it has it), then `applied` or `declined`. The same answer again changes nothing. For tokens only."""
    if principal.agent_id is not None:
        raise Forbidden("Only the core system answers this.")
    vault, zone = request.app.state.vault, request.app.state.settings.zone
    change = await deciding.core_answers(
        session, vault, zone, number, ChangeState(body.state), body.reference, principal.actor
    )
    return await reading.read_detail(session, vault, change)


@router.post("/changes/{number}/reveal", summary="Read a change request in full")
async def reveal_change(
    number: Number, session: SessionDep, principal: Revealer, request: Request
) -> ChangeInFull:
    """Nothing masked: for the core system, and for a person who has to read a number out. Each call is audited."""
    change = await deciding.change_by_number(session, number)
    await audit.record(session, principal.actor, "change.revealed", f"change:{change.number}")
    return await reading.read_in_full(session, request.app.state.vault, change)
