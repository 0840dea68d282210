"""Plain functions that make HTTP clients of signed-in agents and of other systems with their tokens."""

from __future__ import annotations

import secrets
from datetime import timedelta

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.access import COOKIE, Agent, AgentSession, ApiToken, hash_token
from tests.factories import make_agent


def _client(app: FastAPI, **options: object) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", **options)  # type: ignore[arg-type]


async def signed_in(
    app: FastAPI, session: AsyncSession, role: str = "agent"
) -> tuple[httpx.AsyncClient, Agent]:
    """A browser of a new agent with this role."""
    agent, cookie, now = await make_agent(session, role=role), secrets.token_urlsafe(16), clock.now()
    expires = now + timedelta(hours=1)
    session.add(
        AgentSession(agent_id=agent.id, token_hash=hash_token(cookie), created_at=now, expires_at=expires)
    )
    await session.commit()
    return _client(app, cookies={COOKIE: cookie}), agent


async def with_token(
    app: FastAPI, session: AsyncSession, *scopes: str, name: str = "core"
) -> httpx.AsyncClient:
    """Another system with a token of these scopes."""
    token = secrets.token_urlsafe(16)
    session.add(ApiToken(name=name, token_hash=hash_token(token), scopes=list(scopes)))
    await session.commit()
    return _client(app, headers={"Authorization": f"Bearer {token}"})


def once(key: str | None = None) -> dict[str, str]:
    """The header of one write."""
    return {"Idempotency-Key": key or secrets.token_hex(8)}
