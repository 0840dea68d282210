"""Heartbeats of processes without a port, and whether each part of the product is well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base

router = APIRouter(prefix="/health", tags=["health"])
FRESH = timedelta(seconds=10)


class Heartbeat(Base):
    """When a worker process last said that it is alive."""

    __tablename__ = "heartbeats"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


async def beat(session: AsyncSession, name: str) -> None:
    """Say that the process `name` is alive."""
    alive = insert(Heartbeat).values(name=name, at=func.now())
    await session.execute(alive.on_conflict_do_update(index_elements=["name"], set_={"at": func.now()}))


async def _state(check: Awaitable[bool]) -> str:
    try:
        return "ok" if await asyncio.wait_for(check, 3) else "down"
    except (TimeoutError, OSError, SQLAlchemyError, RedisError, httpx.HTTPError):
        return "down"


async def _database(request: Request) -> bool:
    async with request.app.state.database.session() as session:
        return bool(await session.scalar(text("SELECT 1")))


async def _worker(request: Request) -> bool:
    async with request.app.state.database.session() as session:
        return bool(await session.scalar(select(func.count()).where(Heartbeat.at > func.now() - FRESH)))


async def _redis(request: Request) -> bool:
    return bool(await request.app.state.redis.ping())


async def _http(request: Request, url: str) -> bool:
    client: httpx.AsyncClient = request.app.state.http
    return (await client.get(url)).is_success


async def part_states(request: Request) -> dict[str, str]:
    """`ok` or `down` of each part, asked side by side."""
    settings = request.app.state.settings
    token = settings.service_token.get_secret_value()
    checks = {
        "database": _database(request),
        "redis": _redis(request),
        "worker": _worker(request),
        "bot": _http(request, f"{settings.bot_url}/status?token={token}"),
        "actions": _http(request, f"{settings.actions_url}/health"),
        "knowledge": _http(request, f"{settings.knowledge_url}/health"),
    }
    states = await asyncio.gather(*(_state(check) for check in checks.values()))
    return dict(zip(checks, states, strict=True))


async def bot_model(request: Request) -> str | None:
    """The version of the model that the bot answers with; none while it is away."""
    url = f"{request.app.state.settings.bot_url}/webhooks/anda/health"
    client: httpx.AsyncClient = request.app.state.http
    try:
        found = (await client.get(url, timeout=3)).json().get("model")
    except (httpx.HTTPError, ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None


@router.get("/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready", response_model=None)
async def ready(request: Request) -> JSONResponse:
    """A message can be stored; a dead bot does not stop intake."""
    state = await _state(_database(request))
    return JSONResponse({"status": state}, 200 if state == "ok" else 503)


@router.get("/parts", response_model=None)
async def parts(
    states: Annotated[dict[str, str], Depends(part_states)], model: Annotated[str | None, Depends(bot_model)]
) -> JSONResponse:
    """200 when every part is well, else 503 with the same list; and the version of the bot's model."""
    is_well = all(state == "ok" for state in states.values())
    content = {"status": "ok" if is_well else "degraded", "parts": states, "model": model}
    return JSONResponse(content, 200 if is_well else 503)
