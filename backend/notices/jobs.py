"""The worker's part: decide what is due, release campaigns, send what is planned, follow what was sent."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

import redis.asyncio as redis
from sqlalchemy.exc import SQLAlchemyError

from backend.core import live
from backend.core.db import Database
from backend.core.jobs import Job
from backend.core.settings import Settings
from backend.notices import choosing, due, following, releasing, sending
from backend.notices.choosing import Rules
from backend.notices.models import Notice, NoticeState

log = logging.getLogger(__name__)
# At most so many in one beat, so that a big campaign does not keep a claim's notice waiting.
AT_ONCE = 100


@dataclass(frozen=True)
class NoticeWork:
    """The jobs' work; each notice is a transaction of its own, so that one that fails stops no other."""

    settings: Settings
    database: Database
    client: redis.Redis

    async def decide(self) -> None:
        """What the calendar asks for."""
        async with self.database.session.begin() as session:
            await due.decide_due(session, self.settings.zone)

    async def send(self) -> None:
        """Release campaigns at their rate, then send what is planned, and wake the outbox."""
        async with self.database.session.begin() as session:
            rule = await choosing.rules(session, self.settings)
            await releasing.release(session, rule)
        async with self.database.session.begin() as session:
            waiting = await sending.due_notices(session, AT_ONCE)
        for notice_id in waiting:
            await self._send_one(notice_id, rule)
        if waiting:
            await live.wake(self.client, live.OUTBOX)

    async def _send_one(self, notice_id: int, rule: Rules) -> None:
        try:
            async with self.database.session.begin() as session:
                await sending.send_notice(session, notice_id, rule)
        except (SQLAlchemyError, OSError):
            raise  # the database is away or busy: the next beat tries again
        except Exception as error:  # noqa: BLE001 - a notice that cannot be made must not hold up all others
            log.error("notice_failed", extra={"notice": notice_id, "error": type(error).__name__})
            async with self.database.session.begin() as session:
                notice = await session.get_one(Notice, notice_id)
                notice.state, notice.reason = NoticeState.FAILED, f"error:{type(error).__name__}"

    async def follow(self) -> None:
        """What became of what was queued."""
        async with self.database.session.begin() as session:
            rule = await choosing.rules(session, self.settings)
            changed = await following.open_deliveries(session, AT_ONCE)
        for delivery_id in changed:
            async with self.database.session.begin() as session:
                await following.follow(session, delivery_id, rule)


def make_jobs(settings: Settings, database: Database, client: redis.Redis) -> list[Job]:
    """As the worker runs them."""
    work = NoticeWork(settings, database, client)
    return [
        Job("notices-due", timedelta(minutes=5), work.decide),
        Job("notices-send", timedelta(seconds=2), work.send),
        Job("notices-follow", timedelta(seconds=5), work.follow),
    ]
