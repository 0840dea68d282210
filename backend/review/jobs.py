"""The worker's part: what was answered is looked through every half minute."""

from __future__ import annotations

from datetime import timedelta

from backend.core.db import Database
from backend.core.jobs import Job
from backend.review import collecting
from backend.review.collecting import AT_ONCE

EVERY = timedelta(seconds=30)


def make_jobs(database: Database) -> list[Job]:
    """A long stretch is looked through in several transactions."""

    async def collect() -> None:
        count = AT_ONCE
        while count == AT_ONCE:
            async with database.session.begin() as session:
                count = await collecting.collect(session)

    return [Job("review", EVERY, collect)]
