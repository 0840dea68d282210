"""An answer leaves in the worker that stored it, and its outbox is leased and given back like any other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import redis.asyncio as redis
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.identity import Identity
from backend.conversations.models import Contact, Conversation, OutboundMessage
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from channels.inbox import Inbox, Sending
from channels.outbox import Outbox
from channels.ready import Ways
from channels.serving import Serving
from tests.channels.answering import FakeBot, serve_all
from tests.channels.test_outbox import FakeSender
from tests.factories import customer_says


class Worker:
    """Inbox and outbox of one process; nobody looks for what is due in the outbox."""

    def __init__(self, database: Database, client: redis.Redis, settings: Settings, ways: Ways) -> None:
        self.bot, self.sender, self.database = FakeBot(), FakeSender(), database
        outbox = Outbox(database, client, ways, {"sms": self.sender, "wechat": self.sender})
        self.sends = Serving("outbox", database, client, outbox.serve, limit=1)
        self.inbox = Inbox(database, client, self.bot, settings.zone, None, Sending(self.sends, ways))  # type: ignore[arg-type]

    async def answer(self) -> list[str]:
        """Answer what waits; the texts that have left after it."""
        await serve_all(self.inbox, self.database)
        while not self.sends.has_room:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return [message.text for message in self.sender.received]


@pytest.fixture
async def worker(database: Database, settings: Settings, vault: Vault) -> AsyncIterator[Worker]:
    client: redis.Redis = live.connect(settings.redis_url)
    yield Worker(database, client, settings, Ways(vault))
    await client.aclose()


async def leased_and_due(session: AsyncSession) -> tuple[Any, Any]:
    await session.rollback()
    found = select(Conversation.outbox_leased_until, Conversation.outbox_due_at)
    leased_until, due_at = (await session.execute(found)).one()
    return leased_until, due_at


async def test_an_answer_leaves_without_being_looked_for(
    worker: Worker, session: AsyncSession, vault: Vault
) -> None:
    worker.bot.replies = lambda question: [{"text": "first", "buttons": []}, {"text": "second"}]
    await customer_says(session, vault, "hello")
    assert await worker.answer() == ["first", "second"]
    assert await leased_and_due(session) == (None, None)
    assert set(await session.scalars(select(OutboundMessage.state))) == {"sent"}


async def test_its_buttons_leave_with_it(worker: Worker, session: AsyncSession, vault: Vault) -> None:
    worker.bot.replies = lambda question: [{"text": "?", "buttons": [{"title": "Yes", "payload": "/affirm"}]}]
    await customer_says(session, vault, "hello")
    await worker.answer()
    assert [choice.title for choice in worker.sender.received[0].choices] == ["Yes"]


async def test_it_waits_behind_a_reply_that_has_not_left(
    worker: Worker, session: AsyncSession, vault: Vault
) -> None:
    receipt = await customer_says(session, vault, "hello")
    conversation = await session.get_one(Conversation, receipt.conversation_id)
    contact = await session.get_one(Contact, conversation.contact_id)
    await queue_reply(session, conversation, contact, Identity(0), Reply("from the agent"))
    await session.commit()
    assert await worker.answer() == []
    leased_until, due_at = await leased_and_due(session)
    assert leased_until is None
    assert due_at is not None


async def test_who_serves_the_outbox_already_sends_it(
    worker: Worker, database: Database, session: AsyncSession, vault: Vault
) -> None:
    await customer_says(session, vault, "hello")
    await session.execute(update(Conversation).values(outbox_due_at=text("now()")))
    await session.commit()
    async with database.session.begin() as other:
        await leases.take(other, "outbox", 1)
    assert await worker.answer() == []
    assert list(await session.scalars(select(OutboundMessage.state))) == ["queued"]


async def test_a_refused_way_is_the_outboxs_business(
    worker: Worker, session: AsyncSession, vault: Vault
) -> None:
    receipt = await customer_says(session, vault, "hello")
    await session.execute(update(Contact).values(opted_out_at=text("now()")))
    await session.commit()
    assert await worker.answer() == []
    assert list(await session.scalars(select(OutboundMessage.error))) == ["opted_out"]
    conversation = await session.get_one(Conversation, receipt.conversation_id, populate_existing=True)
    assert conversation.outbox_leased_until is None


async def test_what_is_queued_while_another_leaves_follows_it(
    worker: Worker, database: Database, session: AsyncSession, vault: Vault
) -> None:
    receipt = await customer_says(session, vault, "hello")
    conversation = await session.get_one(Conversation, receipt.conversation_id)
    contact = await session.get_one(Contact, conversation.contact_id)
    send = worker.sender.send

    async def slow(message: Any) -> Any:
        if message.text == "echo hello":
            await queue_reply(session, conversation, contact, Identity(0), Reply("from the agent"))
            await session.commit()
        return await send(message)

    worker.sender.send = slow  # type: ignore[method-assign]
    assert await worker.answer() == ["echo hello", "from the agent"]
    assert await leased_and_due(session) == (None, None)


async def test_one_that_is_due_later_is_looked_at_then(
    worker: Worker, database: Database, session: AsyncSession, vault: Vault
) -> None:
    worker.bot.replies = lambda question: [{"text": "now"}, {"text": "later"}]
    await customer_says(session, vault, "hello")
    send = worker.sender.send

    async def delayed(message: Any) -> Any:
        async with database.session.begin() as other:
            late = update(OutboundMessage).where(OutboundMessage.text == "later")
            await other.execute(late.values(due_at=text("now() + interval '1 hour'")))
        return await send(message)

    worker.sender.send = delayed  # type: ignore[method-assign]
    assert await worker.answer() == ["now"]
    leased_until, due_at = await leased_and_due(session)
    now = await session.scalar(select(text("now()")))
    assert leased_until is None
    assert due_at - now > timedelta(minutes=59)
