"""Interactions that happened outside our channels, logged by hand: calls, visits, e-mails."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.api import InteractionRead, entries, read_entries
from backend.conversations.free_text import FreeText
from backend.conversations.models import Interaction, Kind
from backend.core import audit, clock
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Invalid, NotFound
from backend.core.idempotency import KeyHeader, once
from backend.customers.models import Customer

router = APIRouter(prefix="/api/v1", tags=["interactions"])
CHANNELS = {Kind.CALL: "phone", Kind.VISIT: "visit", Kind.EMAIL: "email"}


class InteractionLog(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "call", "direction": "outbound", "text": "回电说明等待期，客户表示了解"}]
        },
    )
    kind: Literal["call", "visit", "email"]
    direction: Literal["inbound", "outbound"] = Field(description="inbound: the customer came to us")
    text: FreeText = Field(description="What it was about; identity and card numbers are crossed out")
    occurred_at: AwareDatetime | None = Field(None, description="Now, unless it was earlier")


@router.post(
    "/customers/{customer_id}/interactions", status_code=201, summary="Log a call, a visit or an e-mail"
)
async def log_interaction(
    customer_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    body: InteractionLog,
    session: SessionDep,
    principal: Annotated[Principal, Depends(Allowed("interactions:write"))],
    key: KeyHeader,
) -> InteractionRead:
    """On the customer's record, beside what the channels recorded themselves."""

    async def write() -> dict[str, Any]:
        row = await _log(session, customer_id, body, principal.agent_id)
        await audit.record(session, principal.actor, "interaction.logged", f"customer:{customer_id}")
        return {"id": row.id}

    done = await once(session, principal.actor, key, {"customer": customer_id, **body.model_dump()}, write)
    return (await read_entries(session, entries().where(Interaction.id == done["id"])))[0]


async def _log(
    session: AsyncSession, customer_id: int, body: InteractionLog, agent_id: int | None
) -> Interaction:
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("There is no such customer.")
    now = clock.now()
    if body.occurred_at is not None and body.occurred_at > now:
        raise Invalid("This lies in the future.", field="occurred_at")
    row = Interaction(
        customer_id=customer_id,
        channel=CHANNELS[Kind(body.kind)],
        direction=body.direction,
        speaker="customer" if body.direction == "inbound" else "agent",
        kind=body.kind,
        text=body.text,
        details={},
        language=customer.language,
        agent_id=agent_id,
        occurred_at=body.occurred_at or now,
    )
    session.add(row)
    await session.flush()
    return row
