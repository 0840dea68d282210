"""A morning in the office: the clock stands at 10:00 in Shanghai, and notices go out when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from backend.notices.jobs import NoticeWork
from tests.handoff.conftest import running as running  # the api as a real server
from tests.notices.office import Office, Platform

MORNING = "2026-11-23T02:00:00Z"


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", MORNING)


@pytest.fixture
async def office(
    settings: Settings, database: Database, session: AsyncSession, vault: Vault
) -> AsyncIterator[Office]:
    client = live.connect(settings.redis_url)
    work = NoticeWork(settings, database, client)
    yield Office(settings, database, session, vault, work, Platform())
    await client.aclose()
