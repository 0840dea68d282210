"""A connection that broke while it lay idle is noticed before it is given out."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from backend.core import db
from backend.core.db import Database


async def _process(database: Database) -> int:
    async with database.session() as session:
        return int((await session.scalars(text("SELECT pg_backend_pid()"))).one())


@pytest.mark.parametrize("trusted_seconds", [0.0, 60.0])
async def test_a_connection_that_broke_while_idle_is_replaced(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, trusted_seconds: float
) -> None:
    monkeypatch.setattr(db, "TRUSTED_SECONDS", trusted_seconds)
    first, other = await _process(database), Database(database_url)
    is_there = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :process")
    async with other.session() as session:
        await session.execute(text("SELECT pg_terminate_backend(:process)"), {"process": first})
        while await session.scalar(is_there, {"process": first}):
            await asyncio.sleep(0.01)
            await session.rollback()
    await other.close()
    assert await _process(database) != first


async def test_a_connection_is_used_again(database: Database) -> None:
    assert await _process(database) == await _process(database)
