"""Buttons travel as opaque tokens; web payloads, WeChat menu ids and SMS digits all map to them."""

from __future__ import annotations

import secrets
import unicodedata

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Kind, OfferedChoice, OutboundMessage

PREFIX = "choice:"


def new_token() -> str:
    """A token that cannot be guessed and cannot be mistaken for something a person types."""
    return PREFIX + secrets.token_urlsafe(12)


async def find(
    session: AsyncSession, conversation_id: int, token: str | None, text: str
) -> OfferedChoice | None:
    """The choice meant by a button's token, or by a bare number that answers the latest menu."""
    if token is not None or text.startswith(PREFIX):
        return await session.scalar(
            select(OfferedChoice).where(
                OfferedChoice.token == (token or text), OfferedChoice.conversation_id == conversation_id
            )
        )
    digits = unicodedata.normalize("NFKC", text).strip().rstrip(".。、)）")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 2):
        return None
    last = (
        await session.execute(
            select(OutboundMessage.id, OutboundMessage.inbound_id)
            .where(OutboundMessage.conversation_id == conversation_id, OutboundMessage.kind == Kind.MESSAGE)
            .order_by(OutboundMessage.id.desc())
            .limit(1)
        )
    ).first()
    if last is None:
        return None
    # All replies to one message share one numbering; what answers no message stands for itself.
    same = OutboundMessage.id == last[0] if last[1] is None else OutboundMessage.inbound_id == last[1]
    return await session.scalar(
        select(OfferedChoice)
        .join(OutboundMessage, OutboundMessage.id == OfferedChoice.outbound_id)
        .where(OfferedChoice.conversation_id == conversation_id, same, OfferedChoice.position == int(digits))
    )
