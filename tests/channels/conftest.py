"""An inbox over the test's database, and the bot that it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis

from backend.core import live
from backend.core.db import Database
from backend.core.settings import Settings
from channels.inbox import Inbox
from tests.channels.answering import FakeBot


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture
async def inbox(database: Database, settings: Settings, bot: FakeBot) -> AsyncIterator[Inbox]:
    client: redis.Redis = live.connect(settings.redis_url)
    yield Inbox(database, client, bot, settings.zone)  # type: ignore[arg-type]
    await client.aclose()
