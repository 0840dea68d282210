"""What can be done with a task; a race is settled in one UPDATE."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.api import AgentName
from backend.core import clock
from backend.core.access import Agent
from backend.core.errors import Conflict, Invalid, NotFound, VersionConflict
from backend.core.sorting import orders
from backend.customers.models import Customer
from backend.policies.models import Policy, ProductType
from backend.tasks.models import NUMBERS, Task, TaskKind, TaskOrigin, TaskState
from backend.tasks.schemas import TaskRead, TaskUpdate
from backend.tickets.models import Ticket
from backend.tickets.schemas import CustomerName

ORDERS = orders(Task.id, {"due_at": (Task.due_at, datetime), "id": (Task.id, int)})


class TaskNotOpen(Conflict):
    """It belongs to somebody else, or is closed."""

    code = "task_not_open"


async def task_by_number(session: AsyncSession, number: str) -> Task:
    """Raises `NotFound`."""
    task = await session.scalar(select(Task).where(Task.number == number.strip().upper()))
    if task is None:
        raise NotFound("There is no such task.")
    return task


async def add_task(
    session: AsyncSession,
    zone: ZoneInfo,
    kind: TaskKind,
    summary: str,
    due_at: datetime,
    origin: TaskOrigin,
    *,
    origin_key: str | None = None,
    **links: Any,
) -> Task:
    """A new open task; with an `origin_key` that was used before, the task that has it.

    `links`: owner_id, customer_id, contact_id, policy_id, ticket_id, product_type, phone, created_by.
    """
    if origin_key is not None:
        known = await session.scalar(select(Task).where(Task.origin_key == origin_key))
        if known is not None:
            return known
    number = await session.scalar(select(NUMBERS.next_value()))
    task = Task(
        number=f"K{clock.today(zone).year}{number:06d}",
        kind=kind,
        summary=summary,
        due_at=due_at,
        origin=origin,
        origin_key=origin_key,
        **links,
    )
    session.add(task)
    await session.flush()
    return task


async def check_owner(session: AsyncSession, agent_id: int | None) -> None:
    """Raises `Invalid` for somebody who does not work here."""
    if agent_id is None:
        return
    agent = await session.get(Agent, agent_id)
    if agent is None or not agent.is_active:
        raise Invalid("There is no such agent.", field="owner_id")


async def take_task(session: AsyncSession, number: str, agent_id: int) -> Task:
    """Give a task that waits to this agent; taking one's own again is fine. Raises `TaskNotOpen`."""
    task = await task_by_number(session, number)
    taken = await session.scalar(
        update(Task)
        .where(Task.id == task.id, Task.state == TaskState.OPEN, Task.owner_id.is_(None))
        .values(owner_id=agent_id, version=Task.version + 1)
        .returning(Task)
        .execution_options(populate_existing=True)
    )
    if taken is not None:
        return taken
    await session.refresh(task)
    if task.owner_id == agent_id and task.state == TaskState.OPEN:
        return task
    raise TaskNotOpen("Somebody else has this task, or it is closed.")


async def close_task(session: AsyncSession, number: str, state: TaskState, outcome: str) -> Task:
    """End it, once; raises `TaskNotOpen` when somebody else ended it before."""
    if state == TaskState.OPEN:
        raise Invalid("A task is closed as done or cancelled.", field="state")
    task = await task_by_number(session, number)
    closed = await session.scalar(
        update(Task)
        .where(Task.id == task.id, Task.state == TaskState.OPEN)
        .values(state=state, outcome=outcome, closed_at=clock.now(), version=Task.version + 1)
        .returning(Task)
        .execution_options(populate_existing=True)
    )
    if closed is None:
        raise TaskNotOpen("This task is closed already.")
    return closed


async def update_task(session: AsyncSession, number: str, body: TaskUpdate) -> Task:
    """Set what was sent. Raises `VersionConflict` when it changed since it was read, `TaskNotOpen` when closed."""
    task = await task_by_number(session, number)
    if task.version != body.version:
        raise VersionConflict
    if task.state != TaskState.OPEN:
        raise TaskNotOpen("This task is closed already.")
    for name in body.model_fields_set - {"version"}:
        value = getattr(body, name)
        if value is None and name != "owner_id":
            raise Invalid(f"{name} cannot be empty.", field=name)
        setattr(task, name, value)
    await session.flush()
    return task


def tasks() -> Any:
    """Tasks with the names that belong to them."""
    return (
        select(Task, Agent.name, Customer.name, Policy.number, Ticket.number)
        .outerjoin(Agent, Agent.id == Task.owner_id)
        .outerjoin(Customer, Customer.id == Task.customer_id)
        .outerjoin(Policy, Policy.id == Task.policy_id)
        .outerjoin(Ticket, Ticket.id == Task.ticket_id)
    )


async def read_tasks(session: AsyncSession, query: Any) -> list[tuple[Task, TaskRead]]:
    """Run a query made of `tasks()`."""
    now = clock.now()
    found = []
    for task, agent, customer, policy, ticket in await session.execute(query):
        read = TaskRead(
            number=task.number,
            kind=TaskKind(task.kind),
            summary=task.summary,
            state=TaskState(task.state),
            due_at=task.due_at,
            is_overdue=task.state == TaskState.OPEN and task.due_at < now,
            owner=AgentName(id=task.owner_id, name=agent) if agent else None,
            customer=CustomerName(id=task.customer_id, name=customer) if customer else None,
            policy_number=policy,
            ticket_number=ticket,
            product_type=ProductType(task.product_type) if task.product_type else None,
            phone=task.phone,
            origin=TaskOrigin(task.origin),
            outcome=task.outcome,
            created_at=task.created_at,
            closed_at=task.closed_at,
            version=task.version,
        )
        found.append((task, read))
    return found


async def read_task(session: AsyncSession, task: Task) -> TaskRead:
    return (await read_tasks(session, tasks().where(Task.id == task.id)))[0][1]
