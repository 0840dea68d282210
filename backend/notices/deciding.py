"""Deciding that somebody is to be told something: once per (kind, subject, occurrence), whoever asks how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit, clock
from backend.core.errors import Conflict, NotFound
from backend.notices.catalogue import catalogue
from backend.notices.models import Notice, NoticeState


class NotPlanned(Conflict):
    """The notice is on its way, or done with."""

    code = "notice_not_planned"


@dataclass(frozen=True)
class Plan:
    """A notice to be decided. Without `expires_at` the kind's own `valid_hours` count from `planned_for`."""

    kind: str
    subject: str
    occurrence: str
    customer_id: int
    details: dict[str, Any] = field(default_factory=dict)
    planned_for: datetime | None = None
    expires_at: datetime | None = None


async def decide(session: AsyncSession, plans: Sequence[Plan]) -> int:
    """Plan these notices, each at most once ever; how many are new."""
    if not plans:
        return 0
    rows = [_row(plan) for plan in plans]
    keys = [Notice.kind, Notice.subject, Notice.occurrence]
    statement = insert(Notice).values(rows).on_conflict_do_nothing(index_elements=keys).returning(Notice.id)
    return len(list(await session.scalars(statement)))


def _row(plan: Plan) -> dict[str, Any]:
    template = catalogue().templates[plan.kind]
    planned_for = plan.planned_for or clock.now()
    expires_at = plan.expires_at
    if expires_at is None and template.valid_hours:
        expires_at = planned_for + timedelta(hours=template.valid_hours)
    return {
        "kind": plan.kind,
        "purpose": template.purpose,
        "subject": plan.subject,
        "occurrence": plan.occurrence,
        "customer_id": plan.customer_id,
        "details": plan.details,
        "state": NoticeState.PLANNED,
        "planned_for": planned_for,
        "expires_at": expires_at,
        "decided_at": clock.now(),
    }


async def cancel(session: AsyncSession, notice_id: int, actor: str) -> Notice:
    """Stop a notice that has not left; raises `NotFound` or `NotPlanned`."""
    stopped: Notice | None = await session.scalar(
        update(Notice)
        .where(Notice.id == notice_id, Notice.state.in_((NoticeState.HELD, NoticeState.PLANNED)))
        .values(state=NoticeState.STOPPED, reason="cancelled")
        .returning(Notice)
    )
    if stopped is None:
        if await session.get(Notice, notice_id) is None:
            raise NotFound("There is no such notice.")
        raise NotPlanned("This notice is on its way or done with; it cannot be cancelled any more.")
    await audit.record(session, actor, "notice.cancelled", f"notice:{notice_id}")
    return stopped
