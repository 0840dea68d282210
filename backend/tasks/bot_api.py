"""Tasks that the bot notes for us: a quote, a call back (docs/contracts.md). Open to people nobody knows yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.conversations.caller import CallerDep
from backend.conversations.free_text import FreeText
from backend.core import business, clock
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.core.idempotency import KeyHeader, once
from backend.core.phones import phone_candidates
from backend.policies.models import ProductType
from backend.tasks import service
from backend.tasks.models import TaskKind, TaskOrigin

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])
WITHIN = {
    TaskKind.QUOTE: timedelta(hours=24),
    TaskKind.CALLBACK: timedelta(hours=2),
    TaskKind.FOLLOW_UP: timedelta(hours=24),
}


class BotTaskCreate(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "quote", "summary": "三口之家医疗险报价", "product_type": "medical"}]
        }
    )
    kind: Literal["quote", "callback", "follow_up"]
    summary: FreeText
    product_type: ProductType | None = None
    phone: str | None = Field(None, max_length=40)
    call_at: AwareDatetime | None = None


class BotTask(BaseModel):
    number: str
    kind: TaskKind
    due_at: datetime
    owner: str | None


@bot_router.post("/tasks", summary="Note a task for a person of ours")
async def create_task(
    body: BotTaskCreate, caller: CallerDep, session: SessionDep, request: Request, key: KeyHeader
) -> BotTask:
    """A quote to make, somebody to call back. It waits for whoever takes it."""
    zone = request.app.state.settings.zone
    kind = TaskKind(body.kind)
    if body.phone and not phone_candidates(body.phone):
        raise Invalid("This cannot be a phone number.", field="phone")

    async def write() -> dict[str, Any]:
        hours = await business.setting(session, "service_hours")
        # The clock runs from the next opening: nobody is called at night.
        starts = business.next_opening(hours, clock.now(), zone) or clock.now()
        task = await service.add_task(
            session,
            zone,
            kind,
            body.summary,
            body.call_at or starts + WITHIN[kind],
            TaskOrigin.BOT,
            customer_id=caller.customer_id if caller.level == 2 else None,
            contact_id=caller.contact_id,
            product_type=body.product_type,
            phone=phone_candidates(body.phone)[0] if body.phone else None,
        )
        return {"number": task.number}

    done = await once(session, f"contact:{caller.contact_id}", key, body.model_dump(), write)
    task = await service.task_by_number(session, done["number"])
    read = await service.read_task(session, task)
    return BotTask(
        number=read.number, kind=read.kind, due_at=read.due_at, owner=read.owner.name if read.owner else None
    )
