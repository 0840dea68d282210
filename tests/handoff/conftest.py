"""The api as a real server on loopback: sockets and browsers need one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.datastructures import State

from backend.core.settings import Settings
from backend.main import create_app
from tests.hiring import hire

__all__ = ["hire"]


@dataclass(frozen=True)
class Running:
    """Where the api listens, and what it holds."""

    url: str
    state: State


@pytest.fixture
async def running(settings: Settings) -> AsyncIterator[Running]:
    """The api, serving."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(settings.model_copy(update={"public_url": url}))
    await app.state.redis.flushdb()
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield Running(url, app.state)
    server.should_exit = True
    await serving
