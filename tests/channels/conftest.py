"""An app with the connectors on a database of its own, and the settings of a demo account on each platform."""

import base64
import importlib
from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import psycopg
import pytest
import redis.asyncio as redis
from fastapi import FastAPI
from psycopg import sql

from backend.core import live
from backend.core.crypto import Vault
from backend.core.db import Base, Database
from backend.core.errors import add_problem_handlers
from backend.core.settings import Settings, TwilioSettings, WeChatSettings
from backend.launch.postgres import EmbeddedPostgres
from channels.sms import connector as sms
from channels.wechat import connector as wechat

MODELS = (
    "backend.core.access",
    "backend.core.audit",
    "backend.customers.models",
    "backend.policies.models",
    "backend.claims.models",
    "backend.conversations.models",
    "backend.tickets.models",
)
PUBLIC_URL = "https://chat.anda.example"
OPENID = "oAnda-Test-Person-0123456789"


def make_settings(**changes: object) -> Settings:
    """Settings of a test account on both platforms; nothing comes from the environment."""
    key = base64.b64encode(bytes(range(32))).decode()
    values: dict[str, object] = {
        "database_url": "postgresql://unused",
        "redis_url": "unix:///unused",
        "public_url": PUBLIC_URL,
        "encryption_keys": f"test:{key}",
        "service_token": "service-token",
        "demo": True,
        "twilio": TwilioSettings(
            account_sid="AC" + "0" * 32,
            auth_token="twilio-test-token",
            from_number="+15550100000",
            messaging_service_sid="",
            api_url="http://127.0.0.1:8020",
        ),
        "wechat": wechat_settings(),
    }
    return Settings(**(values | changes))


def wechat_settings(**changes: str) -> WeChatSettings:
    """A test account in safe mode."""
    values = {
        "app_id": "wx0123456789abcdef",
        "app_secret": "wechat-test-secret",
        "token": "wechat-test-token",
        "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        "api_url": "http://127.0.0.1:8020",
        "mode": "",
        "reply_mode": "customer_service",
    }
    return WeChatSettings(**(values | changes))


@pytest.fixture(scope="session")
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database with all tables, for the channels' tests."""
    for module in MODELS:
        importlib.import_module(module)
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier("channels_test")))
    dsn = postgres.dsn.replace("/anda?", "/channels_test?")
    database = Database(dsn, pool_size=5)
    async with database.engine.begin() as connection_:
        await connection_.run_sync(Base.metadata.create_all)
    yield database
    await database.close()


@pytest.fixture(autouse=True)
async def _empty_tables(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    yield
    if "database" in request.fixturenames:
        database: Database = request.getfixturevalue("database")
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql(f"TRUNCATE {tables} CASCADE")


@pytest.fixture
async def redis_client(redis_url: str) -> AsyncIterator[redis.Redis]:
    """An empty Redis."""
    client = live.connect(redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def settings() -> Settings:
    return make_settings()


def make_app(settings: Settings, database: Database, client: redis.Redis) -> FastAPI:
    """The two connectors as backend.main wires them."""
    app = FastAPI()
    add_problem_handlers(app)
    app.include_router(sms.router)
    app.include_router(wechat.router)
    vault = Vault(settings.encryption_keys.get_secret_value())
    app.state = SimpleNamespace(settings=settings, database=database, redis=client, vault=vault)  # type: ignore[assignment]
    return app


@pytest.fixture
async def client(settings: Settings, database: Database, redis_client: redis.Redis) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the connectors."""
    transport = httpx.ASGITransport(make_app(settings, database, redis_client))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        yield http
