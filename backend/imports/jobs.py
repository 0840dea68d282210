"""The worker's part in imports."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from backend.core.db import Database
from backend.core.jobs import Job
from backend.imports import service


def make_jobs(database: Database, data_dir: Path) -> list[Job]:
    """Do what was uploaded; close what was lost."""

    async def imports() -> None:
        await service.close_lost(database)
        await service.run_waiting(database, data_dir)

    return [Job("imports", timedelta(seconds=2), imports)]
