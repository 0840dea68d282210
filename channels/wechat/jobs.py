"""What is done for WeChat from time to time: passive replies that were missed, held ones that nobody came for."""

from __future__ import annotations

from datetime import timedelta

from backend.conversations.outgoing import expire_held
from backend.core.db import Database
from backend.core.jobs import Job
from channels.ready import Ways
from channels.wechat.passive import tell_of_missed


def make_jobs(database: Database, ways: Ways) -> list[Job]:
    """The jobs of the account's mode."""

    async def expire() -> None:
        async with database.session.begin() as session:
            await expire_held(session)

    async def tell() -> None:
        await tell_of_missed(database, ways)

    jobs = [Job("wechat_held", timedelta(minutes=10), expire)]
    return [*jobs, Job("wechat_missed", timedelta(seconds=15), tell)] if "wechat" in ways.fetched else jobs
