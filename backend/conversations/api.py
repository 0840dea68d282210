"""The record: every interaction of a customer, over all channels."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.allowances import SendAllowanceRead, send_allowance
from backend.conversations.models import Conversation, Interaction, OutboundMessage
from backend.core.access import Agent, Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import NotFound
from backend.core.paging import Cursor, Limit, decode_place, encode_cursor

router = APIRouter(prefix="/api/v1", tags=["interactions"])


class AgentName(BaseModel):
    id: int
    name: str


class InteractionRead(BaseModel):
    """One entry of the record; `delivery`: state of an outbound message at its platform, `segments`: of an SMS."""

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
    conversation_id: int | None
    customer_id: int | None
    inbound_id: int | None
    outbound_id: int | None
    ticket_id: int | None
    agent: AgentName | None = None
    delivery: str | None = None
    delivery_error: str | None = None
    segments: int | None = None
    details: dict[str, Any]


class InteractionPage(BaseModel):
    items: list[InteractionRead]
    next: str | None


def entries() -> Any:
    """Interactions with the agent who spoke and what became of the message."""
    return (
        select(
            Interaction,
            Agent.id,
            Agent.name,
            OutboundMessage.state,
            OutboundMessage.error,
            OutboundMessage.segments,
        )
        .outerjoin(Agent, Agent.id == Interaction.agent_id)
        .outerjoin(OutboundMessage, OutboundMessage.id == Interaction.outbound_id)
    )


async def read_entries(session: AsyncSession, query: Any) -> list[InteractionRead]:
    """Run a query made of `entries()`."""
    found = []
    for interaction, agent_id, agent_name, state, error, segments in await session.execute(query):
        entry = InteractionRead.model_validate(
            {
                name: getattr(interaction, name)
                for name in InteractionRead.model_fields
                if hasattr(interaction, name)
            }
        )
        entry.agent = AgentName(id=agent_id, name=agent_name) if agent_id else None
        entry.delivery, entry.delivery_error, entry.segments = state, error, segments
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


@router.get(
    "/conversations/{conversation_id}/allowance",
    response_model=SendAllowanceRead,
    summary="What may still be sent",
    responses={
        200: {
            "content": {
                "application/json": {
                    "example": {
                        "way": "counted",
                        "left": 3,
                        "reserved": 1,
                        "until": "2026-11-25T02:00:00Z",
                        "waiting": 0,
                    }
                }
            }
        }
    },
)
async def read_allowance(
    conversation_id: int,
    session: SessionDep,
    _: Annotated[Principal, Depends(Allowed("interactions:read"))],
    request: Request,
) -> SendAllowanceRead:
    """How many messages may still be sent to this conversation, how many of them only by an agent, and until when.

    WeChat counts (`counted`); SMS and web chat do not (`free`); in `passive` mode replies wait for the customer's
    next message, and `waiting` says how many do.
    """
    conversation = await session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound("There is no such conversation.")
    is_passive = request.app.state.settings.wechat.reply_mode == "passive"
    return await send_allowance(session, conversation, is_passive)
