"""Servers that the whole test session shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.launch.postgres import EmbeddedPostgres
from backend.launch.valkey import EmbeddedValkey


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL cluster for the session; `.dsn` names its database `anda`, `.sockets` the folder to reach others."""
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
