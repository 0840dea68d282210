"""A connection that broke while it lay idle is noticed before it is given out."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from backend.core import db
from backend.core.db import Database


async def _process(database: Database) -> int:
    async with database.session() as session:
        return int((await session.scalars(text("SELECT pg_backend_pid()"))).one())


async def test_a_connection_that_broke_while_idle_is_replaced(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = (
        await _process(database),
        Database(database_url),
    )
    async with other.session.begin() as session:
        await session.execute(text("SELECT pg_terminate_backend(:process)"), {"process": first})
    await other.close()
    monkeypatch.setattr(db, "TRUSTED_SECONDS", 0.0)
    assert await _process(database) != first


async def test_a_connection_is_used_again(database: Database) -> None:
    assert await _process(database) == await _process(database)
