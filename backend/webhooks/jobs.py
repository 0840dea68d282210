"""The worker's part: handing out events, sending deliveries, forgetting old ones."""

from __future__ import annotations

from datetime import timedelta

import httpx

from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.jobs import Job
from backend.webhooks import delivering

KEPT = timedelta(days=30)


def make_jobs(database: Database, vault: Vault) -> list[Job]:
    """Every second; old events once an hour."""

    async def deliver() -> None:
        async with database.session.begin() as session:
            await delivering.hand_out(session)
        async with httpx.AsyncClient(trust_env=False) as client:
            while await delivering.send_due(database, vault, client):
                pass

    async def forget() -> None:
        async with database.session.begin() as session:
            await delivering.forget(session, KEPT)

    return [Job("webhooks", timedelta(seconds=1), deliver), Job("webhooks-old", timedelta(hours=1), forget)]
