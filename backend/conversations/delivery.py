"""What platforms tell of sent messages: statuses come late, twice and out of order, and never go backwards."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation, OutboundMessage, OutboundState
from backend.core import clock

RANK = {
    OutboundState.QUEUED: 0,
    OutboundState.SENDING: 1,
    OutboundState.IN_DOUBT: 1,
    OutboundState.SENT: 2,
    OutboundState.FAILED: 3,
    OutboundState.DELIVERED: 4,
    OutboundState.READ: 5,
}


async def record_status(
    session: AsyncSession,
    channel: str,
    account: str,
    platform_id: str,
    state: OutboundState,
    error: str | None = None,
) -> OutboundMessage | None:
    """Move the message forward to `state`; gives it when it moved, None when unknown or already further."""
    message = await session.scalar(
        select(OutboundMessage)
        .where(
            OutboundMessage.channel == channel,
            OutboundMessage.account == account,
            OutboundMessage.platform_id == platform_id,
        )
        .with_for_update()
    )
    if message is None or RANK[state] <= RANK.get(OutboundState(message.state), 9):
        return None
    message.state = state
    message.error = error or message.error
    if state in (OutboundState.DELIVERED, OutboundState.READ) and message.delivered_at is None:
        message.delivered_at = clock.now()
    return message


async def read_by_agent(session: AsyncSession, conversation_id: int) -> int | None:
    """An agent has this conversation before their eyes: up to which message, when that is further than before."""
    return await session.scalar(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.read_seq < Conversation.last_seq)
        .values(read_seq=Conversation.last_seq)
        .returning(Conversation.read_seq)
    )
