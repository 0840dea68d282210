"""That an answer is being written is shown when a turn begins and while an agent types, and harms nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from channels.inbox import Inbox
from channels.typing import Typing
from tests.channels.accounts import OPENID
from tests.channels.answering import FakeBot, serve_all
from tests.factories import customer_says


class Channel:
    """A channel that can show it."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.seen = asyncio.Event()

    async def show_typing(self, recipient: str) -> None:
        self.shown.append(recipient)
        self.seen.set()


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[redis.Redis]:
    client = live.connect(settings.redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


async def test_it_is_shown_once_when_turns_begin(
    database: Database, settings: Settings, session: AsyncSession, vault: Vault, client: redis.Redis
) -> None:
    channel = Channel()
    typing = Typing(database, client, {"wechat": channel})
    inbox = Inbox(database, client, FakeBot(), settings.zone, typing)  # type: ignore[arg-type]
    for _ in range(3):
        await customer_says(session, vault, "你好", channel="wechat", sender=OPENID)
    await customer_says(session, vault, "hello")
    await serve_all(inbox, database)
    await asyncio.wait_for(channel.seen.wait(), 5)
    await asyncio.gather(*typing._tasks)
    assert channel.shown == [OPENID]


async def test_an_agents_typing_is_shown(
    database: Database, session: AsyncSession, vault: Vault, client: redis.Redis
) -> None:
    receipt = await customer_says(session, vault, "你好", channel="wechat", sender=OPENID)
    channel, stopping = Channel(), asyncio.Event()
    running = asyncio.create_task(Typing(database, client, {"wechat": channel}).run(stopping))
    notice = {"type": "typing", "conversation": receipt.conversation_id}
    while not channel.seen.is_set():
        for speaker in ("customer", "agent"):
            await client.publish(live.LIVE, json.dumps(notice | {"speaker": speaker}))
        await asyncio.sleep(0.05)
    stopping.set()
    await running
    assert channel.shown == [OPENID]


async def test_without_redis_nothing_is_shown_and_nothing_fails(
    database: Database, session: AsyncSession, vault: Vault
) -> None:
    receipt = await customer_says(session, vault, "你好", channel="wechat", sender=OPENID)
    nowhere = redis.Redis(unix_socket_path="/nonexistent/anda.sock")
    channel = Channel()
    typing = Typing(database, nowhere, {"wechat": channel})
    typing.soon(receipt.conversation_id, "wechat")
    await asyncio.gather(*typing._tasks)
    assert channel.shown == []
    await nowhere.aclose()
