"""What the worker does for privacy from time to time: sealing the audit log, and what the retention periods ask."""

from __future__ import annotations

import logging
from datetime import timedelta

from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.jobs import Job
from backend.privacy import retention, sealing

log = logging.getLogger(__name__)


def make_jobs(database: Database, vault: Vault) -> list[Job]:
    """The sealing job, every few seconds, and the retention periods, every hour."""

    async def seal() -> None:
        async with database.session.begin() as session:
            await sealing.seal(session, vault)

    async def forget() -> None:
        async with database.session.begin() as session:
            if counts := await retention.apply(session):
                log.info("retention_applied", extra={"rows": counts})

    return [Job("audit-sealing", timedelta(seconds=5), seal), Job("retention", timedelta(hours=1), forget)]
