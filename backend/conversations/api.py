"""The record: every interaction of a customer, over all channels."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Interaction, OutboundMessage
from backend.core.access import Agent, Allowed, Principal
from backend.core.db import SessionDep
from backend.core.paging import Cursor, Limit, decode_place, encode_cursor

router = APIRouter(prefix="/api/v1", tags=["interactions"])


class AgentName(BaseModel):
    id: int
    name: str


class InteractionRead(BaseModel):
    """One entry of the record; `delivery` is the state of an outbound message at its platform."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    occurred_at: datetime
    channel: str
    direction: str
    speaker: str
    kind: str
    text: str
    language: str
    intent: str | None
    confidence: float | None
    level: int | None
    conversation_id: int
    customer_id: int | None
    inbound_id: int | None
    outbound_id: int | None
    ticket_id: int | None
    agent: AgentName | None = None
    delivery: str | None = None
    delivery_error: str | None = None
    details: dict[str, Any]


class InteractionPage(BaseModel):
    items: list[InteractionRead]
    next: str | None


def entries() -> Any:
    """Interactions with the agent who spoke and what became of the message."""
    return (
        select(Interaction, Agent.id, Agent.name, OutboundMessage.state, OutboundMessage.error)
        .outerjoin(Agent, Agent.id == Interaction.agent_id)
        .outerjoin(OutboundMessage, OutboundMessage.id == Interaction.outbound_id)
    )


async def read_entries(session: AsyncSession, query: Any) -> list[InteractionRead]:
    """Run a query made of `entries()`."""
    found = []
    for interaction, agent_id, agent_name, state, error in await session.execute(query):
        entry = InteractionRead.model_validate(
            {
                name: getattr(interaction, name)
                for name in InteractionRead.model_fields
                if hasattr(interaction, name)
            }
        )
        entry.agent = AgentName(id=agent_id, name=agent_name) if agent_id else None
        entry.delivery, entry.delivery_error = state, error
        found.append(entry)
    return found


@router.get("/customers/{customer_id}/interactions")
async def list_interactions(
    customer_id: int,
    session: SessionDep,
    _: Annotated[Principal, Depends(Allowed("interactions:read"))],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> InteractionPage:
    """The customer's record, newest first."""
    query = entries().where(Interaction.customer_id == customer_id)
    if cursor:
        place = decode_place(cursor)
        query = query.where(tuple_(Interaction.occurred_at, Interaction.id) < tuple_(place[1], place[2]))
    query = query.order_by(Interaction.occurred_at.desc(), Interaction.id.desc()).limit(limit + 1)
    found = await read_entries(session, query)
    page, more = found[:limit], len(found) > limit
    return InteractionPage(
        items=page, next=encode_cursor(page[-1].occurred_at, page[-1].id) if more else None
    )
