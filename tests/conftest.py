"""What the whole test session shares: servers, a database for each test, and the product's api over HTTP."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings, TwilioSettings, WeChatSettings
from backend.launch.postgres import EmbeddedPostgres
from backend.launch.valkey import EmbeddedValkey
from tests.databases import Databases

ROOT = Path(__file__).parent.parent
SERVICE_TOKEN = "test-service-token"
KEYS = "k1:" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL cluster for the session; `.dsn` names its database `anda`."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Valkey server for the session, as an address for redis-py."""
    folder: Path = tmp_path_factory.mktemp("valkey")
    server = EmbeddedValkey(folder)
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def migrated(postgres: EmbeddedPostgres) -> str:
    """The name of a database with the product's schema, made by its migrations, to copy from."""
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["dsn"] = postgres.dsn
    command.upgrade(config, "head")
    return "anda"


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres, migrated: str) -> Databases:
    """Copies of the migrated database, used again after they were emptied."""
    return Databases(postgres)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database of this test's own, as a libpq URL."""
    name = databases.take()
    yield databases.url(name)
    databases.give_back(name)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Settings of the product under test; nothing is read from the environment that a test did not set."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        redis_url=redis_url,
        data_dir=tmp_path,
        encryption_keys=KEYS,
        service_token=SERVICE_TOKEN,
        public_url="http://testserver",
        twilio=TwilioSettings(
            _env_file=None, account_sid="AC" + "0" * 32, auth_token="twilio-token", from_number="+15550100000"
        ),
        wechat=WeChatSettings(
            _env_file=None,
            app_id="wx0123456789abcdef",
            app_secret="secret",
            token="wechat-token",
            encoding_aes_key="a" * 43,
        ),
    )


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The test's database, open."""
    database = Database(settings.database_url, pool_size=5)
    yield database
    await database.close()


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A session to prepare and look at data with; commit what others shall see."""
    async with database.session() as session:
        yield session


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault(settings.encryption_keys.get_secret_value())


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The api process's application, running in this process."""
    from backend.main import create_app

    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A stranger's HTTP client."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
async def service(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client with the service token."""
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers=headers
    ) as client:
        yield client
