"""Signed-in editors, and an article to work on."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.access import COOKIE, AgentSession, hash_token
from tests.factories import make_agent

Write = Callable[..., Awaitable[httpx.Response]]
NOW = "2026-11-22T04:00:00Z"  # noon in Shanghai


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", NOW)


def content(**changes: Any) -> dict[str, Any]:
    """The fields of an article that are valid."""
    return {
        "title": "犹豫期有多久",
        "text": "签收后 15 天内可以退保。",
        "products": ["life"],
        "tags": ["cooling-off"],
        "questions": ["反悔了怎么办"],
        "source": "条款第三条",
        "valid_from": "2026-01-01",
        "valid_to": None,
        **changes,
    }


@pytest.fixture
async def sign_in(
    app: FastAPI, session: AsyncSession
) -> AsyncIterator[Callable[..., Awaitable[httpx.AsyncClient]]]:
    """Signs an agent in and gives the browser."""
    async with AsyncExitStack() as open_clients:

        async def enter(role: str = "supervisor", name: str = "周敏") -> httpx.AsyncClient:
            agent = await make_agent(session, role=role, name=name)
            cookie = secrets.token_hex(8)
            session.add(
                AgentSession(
                    agent_id=agent.id,
                    token_hash=hash_token(cookie),
                    created_at=clock.now(),
                    expires_at=clock.now() + timedelta(days=30),
                )
            )
            await session.commit()
            transport = httpx.ASGITransport(app=app)
            return await open_clients.enter_async_context(
                httpx.AsyncClient(
                    transport=transport,
                    base_url="http://testserver",
                    headers={"Cookie": f"{COOKIE}={cookie}"},
                )
            )

        yield enter


@pytest.fixture
async def editor(sign_in: Callable[..., Awaitable[httpx.AsyncClient]]) -> httpx.AsyncClient:
    """A supervisor's browser."""
    return await sign_in()


@pytest.fixture
def write(editor: httpx.AsyncClient) -> Write:
    """Writes as the supervisor, under a key of its own unless one is given."""

    async def post(path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or secrets.token_hex(8)}
        return await editor.post(f"/api/v1/articles{path}", json=body, headers=headers)

    return post


@pytest.fixture
def add(write: Write) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Adds an article, published unless told otherwise."""

    async def article(
        topic: str = "cooling-off", language: str = "zh", is_published: bool = True, **changes: Any
    ) -> dict[str, Any]:
        body = {"topic": topic, "language": language, "content": content(**changes)}
        made = await write("", body)
        assert made.status_code == 201, made.text
        read: dict[str, Any] = made.json()
        if is_published:
            read = (await write(f"/{read['id']}/publish", {"version": read["version"]})).json()
        return read

    return article
