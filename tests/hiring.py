"""Who works at the desk, and a ticket that waits there."""

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
from backend.core.access import COOKIE, Agent, AgentSession, hash_token
from tests.factories import make_agent


class AtDesk:
    """An agent who is signed in: `agent`, and the browser as `get`, `post`…"""

    def __init__(self, agent: Agent, browser: httpx.AsyncClient) -> None:
        self.agent, self.browser = agent, browser

    async def post(self, path: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
        answer = await self.browser.post(f"/api/v1{path}", json=body or {})
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def get(self, path: str) -> Any:
        answer = await self.browser.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()


Hire = Callable[..., Awaitable[AtDesk]]


@pytest.fixture
async def hire(app: FastAPI, session: AsyncSession) -> AsyncIterator[Hire]:
    """Make an agent who is signed in."""
    async with AsyncExitStack() as stack:

        async def hired(**values: Any) -> AtDesk:
            agent = await make_agent(session, **values)
            cookie, now = secrets.token_urlsafe(16), clock.now()
            session.add(
                AgentSession(
                    agent_id=agent.id,
                    token_hash=hash_token(cookie),
                    created_at=now,
                    expires_at=now + timedelta(days=3),
                )
            )
            await session.commit()
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="http://testserver", cookies={COOKIE: cookie}
            )
            return AtDesk(agent, await stack.enter_async_context(client))

        yield hired
