"""Periodic work of the worker: each job runs in one worker at a time, however many there are."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.core.db import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """`run` is called every `every`; a run that fails is logged and tried again at the next beat."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[None]]


async def run_jobs(database: Database, jobs: list[Job], stopping: asyncio.Event) -> None:
    """Run every job until told to stop; a run that was begun is finished."""
    await asyncio.gather(*(_repeat(database, job, stopping) for job in jobs))


async def _repeat(database: Database, job: Job, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await _run_alone(database, job)
        except (SQLAlchemyError, OSError) as error:
            log.warning("job_failed", extra={"job": job.name, "error": type(error).__name__})
        except Exception as error:  # one job's mistake must never stop the messages
            log.exception("job_broken", extra={"job": job.name, "error": type(error).__name__})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), job.every.total_seconds())


async def _run_alone(database: Database, job: Job) -> None:
    """The lock lasts as long as its connection's transaction, so a killed worker frees it."""
    async with database.session.begin() as session:
        is_ours = await session.scalar(
            text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"job:{job.name}"}
        )
        if is_ours:
            await job.run()
