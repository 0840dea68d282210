"""What was said around a message, masked like the message itself."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Interaction
from backend.review.masking import mask
from backend.review.models import ReviewItem
from backend.review.naming import names_for
from backend.review.schemas import Line

BEFORE, AFTER = 4, 4
SPOKEN = ("customer", "bot", "agent", "system")


async def around(session: AsyncSession, item: ReviewItem) -> list[Line]:
    """The conversation from a little before to a little after, oldest first."""
    own = await session.scalar(
        select(Interaction).where(Interaction.inbound_id == item.inbound_id, Interaction.position == 0)
    )
    if own is None:
        return []
    said = select(Interaction).where(
        Interaction.conversation_id == own.conversation_id,
        Interaction.speaker.in_(SPOKEN),
        Interaction.direction != "internal",
        Interaction.text != "",
    )
    before = said.where(Interaction.id < own.id).order_by(Interaction.id.desc()).limit(BEFORE)
    after = said.where(Interaction.id > own.id).order_by(Interaction.id).limit(AFTER)
    entries = [*reversed(list(await session.scalars(before))), own, *await session.scalars(after)]
    people = [name for one in entries for name in one.details.get("people") or []]
    names = await names_for(session, own.customer_id, people)
    return [
        Line(
            speaker=one.speaker,
            text=item.text if one is own else mask(one.text, names).text,
            at=one.occurred_at,
            is_this=one is own,
        )
        for one in entries
    ]
