"""A conversation that is due alone is begun in the transaction that leases it, and the bot asked before its commit."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.leases import Lease
from backend.conversations.models import Conversation, InboundMessage
from backend.core import clock
from backend.core.crypto import Vault
from backend.core.db import Database
from channels.inbox import Asked, Inbox
from tests.channels.answering import FakeBot, outbound
from tests.factories import customer_says


async def _free_all(session: AsyncSession) -> None:
    """As after a crash, when the leases have run out."""
    await session.execute(update(Conversation).values(inbox_leased_until=text("now() - interval '1 second'")))
    await session.commit()


async def _take(inbox: Inbox, database: Database) -> list[tuple[Lease, *tuple[Asked | None, ...]]]:
    async with database.session.begin() as session:
        return await inbox.take(session, 16)


async def test_what_was_asked_for_nothing_is_asked_again_and_answered_once(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    await customer_says(session, vault, "hello")
    async with database.session() as lost:
        await inbox.take(lost, 16)
        await asyncio.sleep(0)
        await lost.rollback()
    assert len(bot.asked) == 1
    ((lease, *begun),) = await _take(inbox, database)
    await inbox.serve(lease, *begun)
    assert bot.asked[0] == bot.asked[1]
    assert [message.text for message in await outbound(session)] == ["echo hello"]


async def test_several_are_only_leased(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    for number in range(3):
        await customer_says(session, vault, "hello", sender=f"+1212555010{number}")
    assert [len(taken) for taken in await _take(inbox, database)] == [1, 1, 1]
    assert bot.asked == []


async def test_one_without_messages_is_given_back(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    await customer_says(session, vault, "hello")
    await session.execute(update(InboundMessage).values(state="to_agent"))
    await session.commit()
    ((_, asked),) = await _take(inbox, database)
    conversation = (await session.scalars(select(Conversation))).one()
    assert (asked, conversation.inbox_due_at, conversation.inbox_leased_until) == (None, None, None)


@pytest.mark.parametrize("idle_for", [timedelta(), timedelta(days=3)])
async def test_after_a_crash_the_same_memory_of_the_bot_is_asked(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot, idle_for: timedelta
) -> None:
    await customer_says(session, vault, "hello")
    await session.execute(
        update(Conversation).values(episode_turns=3, episode_last_at=clock.now() - idle_for)
    )
    await session.commit()
    await _take(inbox, database)
    await _free_all(session)
    ((lease, *begun),) = await _take(inbox, database)
    await inbox.serve(lease, *begun)
    assert bot.asked[0].sender_id == bot.asked[1].sender_id
    inbound = (await session.scalars(select(InboundMessage))).one()
    assert f":{inbound.episode}" in bot.asked[0].sender_id


async def test_a_failure_counts_and_keeps_the_memory(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    await customer_says(session, vault, "hello")
    bot.failing = "HTTP 500"
    ((lease, *begun),) = await _take(inbox, database)
    await inbox.serve(lease, *begun)
    inbound = (await session.scalars(select(InboundMessage))).one()
    assert (inbound.attempts, inbound.episode) == (1, 1)
