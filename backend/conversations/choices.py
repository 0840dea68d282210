"""Buttons travel as opaque tokens; web payloads, WeChat menu ids and SMS digits all map to them."""

from __future__ import annotations

import secrets
import unicodedata

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation, Kind, OfferedChoice, OutboundMessage

PREFIX = "choice:"


def new_token() -> str:
    """A token that cannot be guessed and cannot be mistaken for something a person types."""
    return PREFIX + secrets.token_urlsafe(12)


async def find(
    session: AsyncSession, conversation: Conversation, token: str | None, text: str
) -> OfferedChoice | None:
    """The choice meant by a button's token, or by a bare number that answers the latest menu."""
    if token is not None or text.startswith(PREFIX):
        return await session.scalar(
            select(OfferedChoice).where(
                OfferedChoice.token == (token or text), OfferedChoice.conversation_id == conversation.id
            )
        )
    digits = unicodedata.normalize("NFKC", text).strip().rstrip(".。、)）")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 2):
        return None
    last_answered = (
        select(func.max(OutboundMessage.inbound_id))
        .where(OutboundMessage.conversation_id == conversation.id, OutboundMessage.kind == Kind.MESSAGE)
        .scalar_subquery()
    )
    return await session.scalar(
        select(OfferedChoice)
        .join(OutboundMessage, OutboundMessage.id == OfferedChoice.outbound_id)
        .where(
            OfferedChoice.conversation_id == conversation.id,
            OutboundMessage.inbound_id == last_answered,
            OfferedChoice.position == int(digits),
        )
    )
