"""What the worker does for privacy from time to time: sealing the audit log, and what the retention periods ask."""

from __future__ import annotations

from datetime import timedelta

from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.jobs import Job
from backend.privacy import sealing


def make_jobs(database: Database, vault: Vault) -> list[Job]:
    """The sealing job, every few seconds."""

    async def seal() -> None:
        async with database.session.begin() as session:
            await sealing.seal(session, vault)

    return [Job("audit-sealing", timedelta(seconds=5), seal)]
