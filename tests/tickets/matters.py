"""Matters as the bot hands them over, and turns as the worker begins and answers them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.models import Conversation, InboundMessage, OfferedChoice, OutboundMessage
from backend.core.crypto import Vault
from backend.tickets import opening
from backend.tickets.models import Ticket, TicketKind
from channels import turns
from channels.bot_client import BotAnswer
from tests.factories import customer_says

ZONE = ZoneInfo("Asia/Shanghai")


def fresh(session: AsyncSession) -> AsyncSession:
    """A session of its own, as every request and every turn has one."""
    return AsyncSession(session.bind, expire_on_commit=False)


async def hand_over(
    session: AsyncSession, vault: Vault, kind: str = "inquiry", said: str = "转人工", **values: Any
) -> Ticket:
    """A customer writes, and the matter becomes a ticket."""
    urgency = values.pop("urgency", "normal")
    async with fresh(session) as own:
        receipt = await customer_says(own, vault, said, **values)
        inbound = await own.get_one(InboundMessage, receipt.inbound_id)
        inbound.state = "answered"
        ticket, _ = await opening.open_ticket(
            own, ZONE, receipt.conversation_id, TicketKind(kind), f"客户说：{said}", urgency
        )
        await own.commit()
    return await session.get_one(Ticket, ticket.id, populate_existing=True)


async def serve(session: AsyncSession, said: BotAnswer | None = None) -> list[turns.Turn]:
    """The worker serves what waits in the conversations; `said` is the bot's answer when it is asked."""
    served = []
    async with fresh(session) as own:
        for lease in await leases.take(own, "inbox", 10):
            await own.commit()
            while (begun := await turns.begin(own, lease)) is not None:
                answer = turns.canned(begun) if begun.canned else said
                assert answer is not None, "the bot was asked"
                await turns.answer(own, lease, begun, answer)
                await own.commit()
                served.append(begun)
            await own.commit()
    return served


async def last_reply(session: AsyncSession) -> OutboundMessage:
    query = select(OutboundMessage).order_by(OutboundMessage.id.desc()).limit(1)
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def choices(session: AsyncSession) -> list[OfferedChoice]:
    """The buttons below the last reply."""
    last = await last_reply(session)
    query = select(OfferedChoice).where(OfferedChoice.outbound_id == last.id).order_by(OfferedChoice.position)
    return list(await session.scalars(query))


async def conversation(session: AsyncSession) -> Conversation:
    query = select(Conversation).execution_options(populate_existing=True)
    return (await session.scalars(query)).one()
