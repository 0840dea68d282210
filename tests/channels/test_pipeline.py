"""The pipeline under trouble: hanging bots, broken ones, slow and poisoned conversations, restarts, a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
from aiohttp import web
from aiohttp.test_utils import TestServer
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.leases import Lease
from backend.conversations.models import Conversation, InboundMessage, OutboundMessage
from backend.core import live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from backend.launch.postgres import EmbeddedPostgres
from channels import bot_client
from channels.bot_client import BotAnswer, BotClient, BotFailed, Question
from channels.inbox import Inbox
from channels.serving import Serving
from tests.channels.answering import FakeBot
from tests.factories import customer_says

ROOT = Path(__file__).parents[2]
QUESTION = Question(1, "1:1", "hi", None, "en", "sms", 0, "2026-11-23T01:02:03Z")


class SlowBot(FakeBot):
    """Keeps who says "wait" waiting until it is let go, and breaks at "poison"."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on, self.begun = asyncio.Event(), asyncio.Event()

    async def ask(self, question: Question) -> BotAnswer:
        if question.text == "poison":
            raise RuntimeError("nobody expects this")
        if question.text == "wait":
            self.begun.set()
            await self.go_on.wait()
        return await super().ask(question)


class Running:
    """An inbox as the worker runs it."""

    def __init__(self, database: Database, client: redis.Redis, bot: FakeBot, settings: Settings) -> None:
        inbox = Inbox(database, client, bot, settings.zone)  # type: ignore[arg-type]
        self._serving = Serving("inbox", database, client, inbox.serve, 4, inbox.take)
        self.stopping = asyncio.Event()
        self.task = asyncio.create_task(self._serving.run(self.stopping))

    async def stop(self) -> None:
        self.stopping.set()
        await self.task


@pytest.fixture
async def redis_client(settings: Settings) -> AsyncIterator[redis.Redis]:
    client = live.connect(settings.redis_url)
    yield client
    await client.aclose()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something; the test's own time limit ends it."""
    while not await condition():  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def answered(database: Database, *texts: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        try:
            async with database.session() as session:
                said = set(await session.scalars(select(OutboundMessage.text)))
        except SQLAlchemyError:
            return False
        return said >= {f"echo {text}" for text in texts}

    return look


async def test_a_slow_and_a_poisoned_conversation_do_not_stop_the_others(
    database: Database, settings: Settings, redis_client: redis.Redis, session: AsyncSession, vault: Vault
) -> None:
    bot = SlowBot()
    await customer_says(session, vault, "wait", sender="+12125550101")
    await customer_says(session, vault, "poison", sender="+12125550102")
    running = Running(database, redis_client, bot, settings)
    await bot.begun.wait()
    for number in range(103, 109):
        await customer_says(session, vault, f"hello {number}", sender=f"+12125550{number}")
    await live.wake(redis_client, live.INBOX)
    await until(answered(database, *(f"hello {number}" for number in range(103, 109))))
    bot.go_on.set()
    await until(answered(database, "wait"))
    await running.stop()


async def test_a_conversation_that_cannot_be_begun_does_not_stop_the_others(
    database: Database, settings: Settings, redis_client: redis.Redis, session: AsyncSession, vault: Vault
) -> None:
    served: list[tuple[int, tuple[Any, ...]]] = []

    async def take(own: AsyncSession, limit: int) -> list[tuple[Any, ...]]:
        taken = await leases.take(own, "inbox", limit)
        if [lease.conversation_id for lease in taken] == [poisoned]:
            await own.execute(text("SELECT 1 / 0"))
        return [(lease, "begun") for lease in taken]

    async def serve(lease: Lease, *begun: Any) -> None:
        served.append((lease.conversation_id, begun))

    await customer_says(session, vault, "poison", sender="+12125550102")
    poisoned = (await session.scalars(select(Conversation.id))).one()
    stopping = asyncio.Event()
    task = asyncio.create_task(Serving("inbox", database, redis_client, serve, 4, take).run(stopping))
    await until(lambda: _is_so(len(served) == 1))
    await customer_says(session, vault, "hello", sender="+12125550103")
    await live.wake(redis_client, live.INBOX)
    await until(lambda: _is_so(len(served) == 2))
    stopping.set()
    await task
    assert served == [(poisoned, ()), (poisoned + 1, ("begun",))]


async def _is_so(condition: bool) -> bool:
    return condition


async def test_a_clean_shutdown_finishes_what_was_begun_and_begins_nothing_new(
    database: Database, settings: Settings, redis_client: redis.Redis, session: AsyncSession, vault: Vault
) -> None:
    bot = SlowBot()
    await customer_says(session, vault, "wait")
    running = Running(database, redis_client, bot, settings)
    await bot.begun.wait()
    running.stopping.set()
    await customer_says(session, vault, "too late", sender="+12125550199")
    bot.go_on.set()
    await running.task
    assert await answered(database, "wait")()
    assert [question.text for question in bot.asked] == ["wait"]


@contextlib.asynccontextmanager
async def bot_that(replies: Callable[[], web.Response]) -> AsyncIterator[BotClient]:
    """The client of a bot that replies so."""

    async def answer(request: web.Request) -> web.Response:
        return replies()

    app = web.Application()
    app.router.add_post("/webhooks/anda/message", answer)
    async with TestServer(app) as server:
        bot = BotClient(str(server.make_url("")), "token")
        yield bot
        await bot.close()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, b"", "HTTP 500"),
        (200, b"[]", "unreadable answer"),
        (200, b'{"replies": []}', "empty answer"),
        (200, b"<html>", "unreadable answer"),
    ],
)
async def test_a_bot_that_says_nothing_has_failed(status: int, body: bytes, error: str) -> None:
    async with bot_that(lambda: web.Response(status=status, body=body)) as bot:
        with pytest.raises(BotFailed, match=error):
            await bot.ask(QUESTION)


async def test_a_bot_that_keeps_failing_is_asked_seldom_until_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    status, asked = 503, 0

    def reply() -> web.Response:
        nonlocal asked
        asked += 1
        return web.json_response({"replies": [{"text": "hello"}]}, status=status)

    async with bot_that(reply) as bot:
        for _ in range(50):
            with pytest.raises(BotFailed):
                await bot.ask(QUESTION)
        assert asked < 50
        status = 200
        monkeypatch.setattr(bot_client, "THEN_ONCE_IN", 0.0)
        assert (await bot.ask(QUESTION)).replies[0].text == "hello"
        monkeypatch.undo()
        assert (await bot.ask(QUESTION)).replies[0].text == "hello"


async def test_a_bot_that_hangs_is_given_up() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    bot = BotClient(f"http://127.0.0.1:{port}", "token", timeout=0.2)
    with pytest.raises(BotFailed, match="Timeout"):
        await bot.ask(QUESTION)
    await bot.close()
    server.close()


async def test_without_redis_messages_are_answered_all_the_same(
    database: Database, settings: Settings, session: AsyncSession, vault: Vault, tmp_path: Path
) -> None:
    client = live.connect(f"unix://{tmp_path}/nobody.sock")
    running = Running(database, client, FakeBot(), settings)
    await customer_says(session, vault, "is anybody there")
    await until(answered(database, "is anybody there"))
    await running.stop()
    await client.aclose()


@pytest.fixture
def own_postgres(tmp_path: Path) -> EmbeddedPostgres:
    """A server of this test's own, which it may kill."""
    server = EmbeddedPostgres(tmp_path / "postgres", durable=True)
    server.start()
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["dsn"] = server.dsn
    command.upgrade(config, "head")
    return server


async def test_the_database_dies_and_comes_back_and_the_worker_goes_on(
    own_postgres: EmbeddedPostgres, settings: Settings, redis_client: redis.Redis, vault: Vault
) -> None:
    database = Database(own_postgres.dsn, pool_size=4)
    bot = SlowBot()
    running = Running(database, redis_client, bot, settings)
    async with database.session() as session:
        await customer_says(session, vault, "wait")
    await live.wake(redis_client, live.INBOX)
    await bot.begun.wait()
    assert own_postgres.process is not None
    os.kill(own_postgres.process.pid, signal.SIGKILL)
    own_postgres.process.wait()
    bot.go_on.set()  # the answer cannot be stored: the turn is taken up again later
    await asyncio.to_thread(own_postgres.start)
    await until(answered(database, "wait"))
    await running.stop()
    async with database.session() as session:
        inbound = (await session.scalars(select(InboundMessage))).one()
        replies = list(await session.scalars(select(OutboundMessage.text)))
    assert (inbound.state, replies.count("echo wait")) == ("answered", 1)
    await database.close()
    own_postgres.stop()


async def test_a_conversation_is_served_by_one_worker_at_a_time(
    database: Database, settings: Settings, redis_client: redis.Redis, session: AsyncSession, vault: Vault
) -> None:
    served: list[int] = []
    together = 0

    async def serve(lease: Lease) -> None:
        nonlocal together
        served.append(lease.conversation_id)
        together = max(together, served.count(lease.conversation_id))
        await asyncio.sleep(0.3)

    stopping = asyncio.Event()
    await customer_says(session, vault, "hi")
    workers = [
        asyncio.create_task(Serving("inbox", database, redis_client, serve, 4).run(stopping))
        for _ in range(3)
    ]
    await asyncio.sleep(0.5)
    stopping.set()
    await asyncio.gather(*workers)
    assert (len(served), together) == (1, 1)
