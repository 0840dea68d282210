"""Files that no record names (their request failed after they were stored) are removed after a day."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import select

from backend.claims.models import ClaimFile
from backend.conversations.models import InboundMedia, OutboundFile
from backend.core import files
from backend.core.db import Database
from backend.core.jobs import Job

AGE = timedelta(days=1)
BATCH = 500


def make_jobs(database: Database, data_dir: Path) -> list[Job]:
    """The sweep, several times a day."""

    async def sweep_files() -> None:
        await sweep(database, data_dir)

    return [Job("sweep_files", timedelta(hours=6), sweep_files)]


async def sweep(database: Database, data_dir: Path, age: timedelta = AGE) -> int:
    """Remove files older than `age` that neither a claim nor a message names; how many."""
    old, removed = _old_files(data_dir, time.time() - age.total_seconds()), 0
    while names := await asyncio.to_thread(lambda: list(islice(old, BATCH))):
        async with database.session() as session:
            known = set(await session.scalars(select(ClaimFile.name).where(ClaimFile.name.in_(names))))
            media = select(InboundMedia.stored_name).where(InboundMedia.stored_name.in_(names))
            known |= set(await session.scalars(media))
            sent = select(OutboundFile.stored_name).where(OutboundFile.stored_name.in_(names))
            known |= set(await session.scalars(sent))
        for name in set(names) - known:
            await asyncio.to_thread(files.remove, data_dir, name)
            removed += 1
    return removed


def _old_files(data_dir: Path, before: float) -> Iterator[str]:
    for path in (data_dir / "files").glob("*/*"):
        if files.NAME.fullmatch(path.name) and path.stat().st_mtime < before:
            yield path.name
