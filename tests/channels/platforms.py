"""Fixtures for tests of the connectors: a demo account on each platform, and an app with the two connectors."""

from collections.abc import AsyncIterator

import httpx
import pytest
import redis.asyncio as redis

from backend.core import live
from backend.core.db import Database
from backend.core.settings import Settings
from tests.channels.accounts import make_app, make_settings


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return make_settings(database_url=database_url, redis_url=redis_url)


@pytest.fixture
async def redis_client(redis_url: str) -> AsyncIterator[redis.Redis]:
    """An empty Redis."""
    client = live.connect(redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
async def client(
    settings: Settings, database: Database, redis_client: redis.Redis
) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the connectors."""
    transport = httpx.ASGITransport(make_app(settings, database, redis_client))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        yield http
