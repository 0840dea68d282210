"""The ledger of sends that a WeChat user's messages and events allow us; the platform tells nobody what is left.

The last one is kept for a human: the bot and notices never spend it, so an agent can always answer once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import OPEN, Contact, Conversation, Lane, OutboundMessage, SendAllowance
from backend.core import clock

RESERVED = 1
COUNTED = frozenset({"wechat"})


@dataclass(frozen=True)
class SendsLeft:
    """How many sends are left altogether, how many of them only an agent may use, and when the last one ends."""

    left: int
    reserved: int
    until: datetime | None

    def usable_by(self, is_human: bool) -> int:
        """How many of them this sender may use."""
        return self.left if is_human else self.left - self.reserved


def _open(contact_id: int) -> list[ColumnElement[bool]]:
    return [
        SendAllowance.contact_id == contact_id,
        SendAllowance.expires_at > clock.now(),
        SendAllowance.used < SendAllowance.allowed,
    ]


async def sends_left(session: AsyncSession, contact_id: int) -> SendsLeft:
    """What the open allowances of this contact still hold."""
    total = func.coalesce(func.sum(SendAllowance.allowed - SendAllowance.used), 0)
    row = await session.execute(select(total, func.max(SendAllowance.expires_at)).where(*_open(contact_id)))
    left, until = row.one()
    return SendsLeft(int(left), min(RESERVED, int(left)), until)


async def spend(session: AsyncSession, contact_id: int, is_human: bool = False) -> bool:
    """Use one send of the allowance that ends first; False when none is left for this sender.

    The caller holds the conversation's row lock.
    """
    if (await sends_left(session, contact_id)).usable_by(is_human) < 1:
        return False
    first = select(SendAllowance).where(*_open(contact_id)).order_by(SendAllowance.expires_at).limit(1)
    allowance = await session.scalar(first.with_for_update())
    if allowance is None:
        return False
    allowance.used += 1
    return True


async def exhaust(session: AsyncSession, contact_id: int) -> None:
    """The platform says that nothing is left: it knows better."""
    await session.execute(update(SendAllowance).where(*_open(contact_id)).values(used=SendAllowance.allowed))


@dataclass(frozen=True)
class SendAllowanceRead:
    """What may still be sent to a conversation now.

    `way`: `free` (the channel does not count), `counted`, or `passive` (replies wait for the customer's next message).
    `waiting`: replies that wait to leave.
    """

    way: str
    left: int | None
    reserved: int
    until: datetime | None
    waiting: int


async def send_allowance(
    session: AsyncSession, conversation: Conversation, is_passive: bool
) -> SendAllowanceRead:
    """What an agent's console shows beside the composer; `is_passive`: the WeChat account is in passive mode."""
    contact = await session.get_one(Contact, conversation.contact_id)
    waiting = await session.scalar(
        select(func.count()).where(
            OutboundMessage.conversation_id == conversation.id,
            OutboundMessage.lane == Lane.REPLY,
            OutboundMessage.channel == contact.channel,
            OutboundMessage.state.in_(OPEN),
        )
    )
    if contact.channel not in COUNTED:
        return SendAllowanceRead("free", None, 0, None, waiting or 0)
    if is_passive:
        return SendAllowanceRead("passive", 0, 0, None, waiting or 0)
    now = await sends_left(session, contact.id)
    return SendAllowanceRead("counted", now.left, now.reserved, now.until, waiting or 0)
