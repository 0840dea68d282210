"""The api as its own process over the demo company, and somebody of every role to call it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import schemathesis

from backend.core.access import COOKIE
from backend.core.crypto import Vault
from backend.demo.agents import AGENTS, PASSWORD
from backend.launch.postgres import EmbeddedPostgres
from tests.api.good_requests.world import World
from tests.api.neighbours import neighbours
from tests.conftest import KEYS, ROOT, SERVICE_TOKEN

ROLES = {str(agent.role): agent.username for agent in AGENTS}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The api's data folder."""
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="session")
def demo_database(postgres: EmbeddedPostgres) -> str:
    """The address of the api's database, to store in it what platforms and the worker would."""
    return postgres.dsn.replace("/anda?", "/test_api?")


@pytest.fixture(scope="session")
def demo_url(
    postgres: EmbeddedPostgres, migrated: str, redis_url: str, demo_folder: Path, demo_database: str
) -> Iterator[str]:
    """The api's address; its database holds the demo company."""
    folder = demo_folder
    port = _free_port()
    with (
        neighbours() as beside,
        psycopg.connect(host=str(postgres.sockets), user="anda", dbname="postgres", autocommit=True) as admin,
    ):
        admin.execute(f"CREATE DATABASE test_api TEMPLATE {migrated} STRATEGY FILE_COPY".encode())
        environment = {
            "PATH": os.environ["PATH"],
            "ANDA_DATABASE_URL": demo_database,
            "ANDA_REDIS_URL": redis_url,
            "ANDA_DATA_DIR": str(folder),
            "ANDA_ENCRYPTION_KEYS": KEYS,
            "ANDA_SERVICE_TOKEN": SERVICE_TOKEN,
            "ANDA_PORT": str(port),
            "ANDA_RATE_LIMITS": "off",
            "ANDA_KNOWLEDGE_URL": beside,
            "ANDA_BOT_URL": beside,
            "ANDA_ACTIONS_URL": beside,
        }
        subprocess.run(
            [sys.executable, "-m", "backend.demo", "load"],
            env=environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with (folder / "api.log").open("wb") as log:
            api = subprocess.Popen(
                [sys.executable, "-m", "backend.main"], env=environment, cwd=ROOT, stdout=log
            )
        try:
            _wait(f"http://127.0.0.1:{port}", folder / "api.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            api.terminate()
            api.wait(20)
            admin.execute(b"DROP DATABASE test_api WITH (FORCE)")


def _wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health/live", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the api did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def callers(demo_url: str) -> dict[str, httpx.Client]:
    """A client of every role: agents with their sessions, `service` with the token of our own processes."""
    clients = {}
    for role, username in ROLES.items():
        client = httpx.Client(base_url=demo_url, trust_env=False, timeout=60)
        answer = client.post("/api/v1/auth/login", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        # The session's cookie is for secure addresses only where the product is reached by one.
        client.headers["Cookie"] = f"{COOKIE}={answer.cookies[COOKIE]}"
        clients[role] = client
    clients["service"] = httpx.Client(
        base_url=demo_url, trust_env=False, timeout=60, headers={"Authorization": f"Bearer {SERVICE_TOKEN}"}
    )
    return clients


@pytest.fixture(scope="session")
def world(demo_url: str, demo_database: str, callers: dict[str, httpx.Client]) -> World:
    """The demo company, to set up what a request needs."""
    return World(callers, demo_url, demo_database, Vault(KEYS))


@pytest.fixture(scope="session")
def api_schema(demo_url: str) -> schemathesis.BaseSchema:
    """Our own OpenAPI description, as an integrator reads it."""
    description = httpx.get(f"{demo_url}/openapi.json", trust_env=False, timeout=60).json()
    schema = schemathesis.openapi.from_dict(description)
    schema.config.update(base_url=demo_url)
    # The tests say who calls: a made-up token would be refused before anything is asked.
    schema.config.generation.update(with_security_parameters=False)
    return schema
