"""Who writes faster than we can answer is told so, once: nothing is silently lost, and nothing piles up."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import Identity
from backend.conversations.models import Contact, Conversation, Kind, Mode, OutboundMessage
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import clock
from backend.core.language import Language
from backend.core.texts import say

MOST_WAITING = 50
TELL_AGAIN_AFTER = 600  # seconds
# These are recorded, and no answer of their own is due; over the account's limit everybody is answered, but later.
UNANSWERED = frozenset({"contact", "backlog"})


def reason(mode: str, over: str | None, waiting: int) -> str | None:
    """Why the bot does not answer this message as usual; agents read every message."""
    if mode != Mode.BOT:
        return None
    return "backlog" if waiting >= MOST_WAITING else over


async def tell(
    session: AsyncSession, conversation: Conversation, contact: Contact, identity: Identity, over: str
) -> None:
    """Say so, unless it was said within ten minutes; the conversation is row-locked."""
    window = int(clock.machine_now().timestamp()) // TELL_AGAIN_AFTER
    key = f"over:{over}:{conversation.id}:{window}"
    if await session.scalar(select(OutboundMessage.id).where(OutboundMessage.key == key)):
        return
    words = say(f"over_{over}", cast(Language, conversation.language), count=MOST_WAITING)
    reply = Reply(text=words, speaker="system", kind=Kind.INTERIM, key=key)
    await queue_reply(session, conversation, contact, identity, reply)
