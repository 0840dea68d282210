"""A catastrophe's rush: whose tickets go to its queue, and what they are told at once."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import Identity
from backend.conversations.models import Contact, Conversation
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import audit, clock
from backend.core.errors import NotFound
from backend.core.language import Language, localise
from backend.customers.models import Customer
from backend.notices.models import Surge
from backend.policies.models import IN_FORCE, Policy, Product
from backend.segments.querying import in_area


async def open_surges(session: AsyncSession) -> list[Surge]:
    """Those in force now, newest first."""
    now = clock.now()
    query = select(Surge).where(Surge.closed_at.is_(None), Surge.since <= now, Surge.until > now)
    return list(await session.scalars(query.order_by(Surge.id.desc())))


async def applying(session: AsyncSession, customer_id: int | None, words: str) -> Surge | None:
    """The surge that this ticket falls under: its customer lives there and holds such a policy; of somebody
    unknown, their words name the area."""
    for surge in await open_surges(session):
        if customer_id is None:
            if any(area in words for area in surge.areas):
                return surge
        elif await _hits(session, surge, customer_id):
            return surge
    return None


async def _hits(session: AsyncSession, surge: Surge, customer_id: int) -> bool:
    lives_there = or_(*(in_area(area) for area in surge.areas))
    query = select(Customer.id).where(Customer.id == customer_id, lives_there)
    if surge.product_types:
        of_type = select(Product.id).where(Product.type.in_(surge.product_types))
        holds = select(Policy.id).where(
            Policy.holder_id == Customer.id, Policy.status.in_(IN_FORCE), Policy.product_id.in_(of_type)
        )
        query = query.where(holds.exists())
    return await session.scalar(query) is not None


async def say_at_once(
    session: AsyncSession,
    surge: Surge,
    conversation: Conversation,
    contact: Contact,
    identity: Identity,
    ticket_id: int,
) -> None:
    """Tell who opened a ticket in a surge that a queue of its own takes it; once a ticket."""
    language: Language = conversation.language  # type: ignore[assignment]
    text = surge.text_en if language == "en" else localise(surge.text_zh, language)
    reply = Reply(text=text, speaker="system", key=f"surge:{surge.id}:{ticket_id}", ticket_id=ticket_id)
    await queue_reply(session, conversation, contact, identity, reply)


async def close_surge(session: AsyncSession, surge_id: int, actor: str) -> Surge:
    """End it now: later tickets go their usual way. Raises `NotFound`."""
    surge = await session.get(Surge, surge_id)
    if surge is None:
        raise NotFound("There is no such surge.")
    if surge.closed_at is None:
        surge.closed_at = clock.now()
        await audit.record(session, actor, "surge.closed", f"surge:{surge_id}")
    return surge
