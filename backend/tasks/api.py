"""Tasks under /api/v1: what was promised to people, who does it, until when, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from backend.core import audit, clock
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Forbidden
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit
from backend.customers.service import get_customer, one_phone
from backend.policies.models import Policy
from backend.policies.service import get_policy
from backend.tasks import service
from backend.tasks.models import Task, TaskKind, TaskOrigin, TaskState
from backend.tasks.schemas import Take, TaskClose, TaskCreate, TaskPage, TaskRead, TaskUpdate
from backend.tickets.service import ticket_by_number

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])
Reader = Annotated[Principal, Depends(Allowed("tasks:read"))]
Writer = Annotated[Principal, Depends(Allowed("tasks:write"))]
Number = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$", examples=["K2026000012"])]
Id = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get("", summary="List tasks")
async def list_tasks(
    session: SessionDep,
    principal: Reader,
    state: Annotated[list[TaskState] | None, Query()] = None,
    kind: TaskKind | None = None,
    owner: Annotated[
        str | None, Query(pattern=r"^(me|none|\d{1,9})$", description="me, none or an agent's id")
    ] = None,
    customer_id: Id = None,
    is_overdue: bool | None = None,
    sort: Literal["due_at", "-due_at", "id", "-id"] = "due_at",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TaskPage:
    """Tasks that fit all filters given, what is due soonest first."""
    query = service.tasks()
    if state:
        query = query.where(Task.state.in_(state))
    if kind:
        query = query.where(Task.kind == kind)
    if owner == "none":
        query = query.where(Task.owner_id.is_(None))
    elif owner:
        query = query.where(Task.owner_id == (principal.agent_id or 0 if owner == "me" else int(owner)))
    if customer_id is not None:
        query = query.where(Task.customer_id == customer_id)
    if is_overdue is not None:
        late = (Task.state == TaskState.OPEN) & (Task.due_at < clock.now())
        query = query.where(late if is_overdue else ~late)
    order = service.ORDERS[sort]
    rows = await service.read_tasks(session, order.page(query, cursor, limit))
    _, following = order.next([task for task, _ in rows], limit)
    return TaskPage(items=[read for _, read in rows[:limit]], next=following)


@router.post("", status_code=201, summary="Add a task")
async def create_task(
    body: TaskCreate, session: SessionDep, principal: Writer, request: Request, key: KeyHeader
) -> TaskRead:
    """What somebody is to do for a person. Without `owner_id` it waits for whoever takes it."""
    if body.owner_id not in (None, principal.agent_id) and "tickets:assign" not in principal.scopes:
        raise Forbidden("Only a supervisor gives tasks to others.")
    zone = request.app.state.settings.zone

    async def write() -> dict[str, Any]:
        await service.check_owner(session, body.owner_id)
        links = await _links(session, body)
        task = await service.add_task(
            session,
            zone,
            body.kind,
            body.summary,
            body.due_at,
            TaskOrigin.AGENT if principal.agent_id else TaskOrigin.SYSTEM,
            owner_id=body.owner_id,
            product_type=body.product_type,
            phone=one_phone(body.phone) if body.phone else None,
            created_by=principal.agent_id,
            **links,
        )
        await audit.record(session, principal.actor, "task.created", f"task:{task.number}")
        return {"number": task.number}

    done = await once(session, principal.actor, key, body.model_dump(), write)
    return await service.read_task(session, await service.task_by_number(session, done["number"]))


async def _links(session: SessionDep, body: TaskCreate) -> dict[str, Any]:
    links: dict[str, Any] = {}
    if body.customer_id is not None:
        links["customer_id"] = (await get_customer(session, body.customer_id)).id
    if body.policy_number:
        policy: Policy = await get_policy(session, body.policy_number)
        links |= {"policy_id": policy.id, "customer_id": body.customer_id or policy.holder_id}
    if body.ticket_number:
        ticket = await ticket_by_number(session, body.ticket_number)
        links |= {"ticket_id": ticket.id, "contact_id": ticket.contact_id}
        links.setdefault("customer_id", ticket.customer_id)
    return links


@router.get("/{number}", summary="Read a task")
async def get_task(number: Number, session: SessionDep, _: Reader) -> TaskRead:
    """One task with its outcome."""
    return await service.read_task(session, await service.task_by_number(session, number))


@router.patch("/{number}", summary="Change a task")
async def update_task(number: Number, body: TaskUpdate, session: SessionDep, principal: Writer) -> TaskRead:
    """Its words, day or owner. 409 `version_conflict` when it changed since it was read, `task_not_open` when it is
    closed."""
    if "owner_id" in body.model_fields_set and body.owner_id not in (None, principal.agent_id):
        if "tickets:assign" not in principal.scopes:
            raise Forbidden("Only a supervisor gives tasks to others.")
        await service.check_owner(session, body.owner_id)
    task = await service.update_task(session, number, body)
    fields = sorted(body.model_fields_set - {"version"})
    await audit.record(session, principal.actor, "task.changed", f"task:{task.number}", fields=fields)
    return await service.read_task(session, task)


@router.post("/{number}/take", summary="Take a task")
async def take_task(number: Number, _: Take, session: SessionDep, principal: Writer) -> TaskRead:
    """A task without an owner becomes yours; of two who take it at once, one gets 409 `task_not_open`."""
    if principal.agent_id is None:
        raise Forbidden("Only an agent who is signed in can take a task.")
    task = await service.take_task(session, number, principal.agent_id)
    await audit.record(session, principal.actor, "task.taken", f"task:{task.number}")
    return await service.read_task(session, task)


@router.post("/{number}/close", summary="Close a task")
async def close_task(number: Number, body: TaskClose, session: SessionDep, principal: Writer) -> TaskRead:
    """Done or cancelled, with what came of it. Closing it a second time is 409 `task_not_open`."""
    task = await service.close_task(session, number, body.state, body.outcome)
    await audit.record(session, principal.actor, f"task.{body.state}", f"task:{task.number}")
    return await service.read_task(session, task)
