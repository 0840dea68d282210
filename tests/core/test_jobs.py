"""Periodic jobs: a broken one neither stops the others nor the worker."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from backend.core.db import Database
from backend.core.jobs import Job, run_jobs


async def test_a_broken_job_stops_nobody(database: Database) -> None:
    stopping, ran = asyncio.Event(), 0

    async def break_down() -> None:
        raise KeyError("a mistake of ours")

    async def work() -> None:
        nonlocal ran
        ran += 1
        if ran == 2:
            stopping.set()

    every = timedelta(seconds=0.01)
    await run_jobs(database, [Job("broken", every, break_down), Job("good", every, work)], stopping)
    assert ran == 2
