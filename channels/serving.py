"""The loop that inbox and outbox share: lease what is due, serve conversations side by side, keep the leases alive."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import redis.asyncio as redis
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.leases import Box, Lease, LeaseLost
from backend.core import live
from backend.core.db import Database

log = logging.getLogger(__name__)
POLL = 1.0
# A conversation that was passed over, because somebody held its row just then, is looked at again this soon.
AGAIN = 0.02
# After something was taken: the answers that are on their way need the processor more.
AGAIN_AFTER_TAKING = 0.1
RENEW_EVERY = leases.DURATION.total_seconds() / 3
# Leases up to so many conversations; gives each lease, and what was begun of it.
Take = Callable[[AsyncSession, int], Awaitable[list[tuple[Any, ...]]]]


class Serving:
    """Runs `serve(lease)` for every conversation whose box is due, at most `limit` at once.

    `take` may begin what it leases, in the same transaction: what it gives beside a lease is handed to `serve`. Whoever
    leased a conversation by themselves may `start` it here, if there is room.
    """

    def __init__(
        self,
        box: Box,
        database: Database,
        client: redis.Redis,
        serve: Callable[..., Awaitable[None]],
        limit: int,
        take: Take | None = None,
    ) -> None:
        self._box, self._database, self._client, self._serve, self._limit = (
            box,
            database,
            client,
            serve,
            limit,
        )
        self._take_and_begin = take
        self._running: dict[asyncio.Task[None], Lease] = {}
        self._may_look = asyncio.Event()
        self._times_passed_over = 0
        self._has_taken = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until `stopping` is set, then finish what was begun."""
        helpers = [
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._renew()),
            asyncio.create_task(self._stop(stopping)),
        ]
        while not stopping.is_set():
            self._may_look.clear()
            if not await self._take():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pause()):
                        await self._may_look.wait()
        if self._running:
            await asyncio.wait(list(self._running), timeout=30)
        for helper in helpers:
            helper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await helper

    def _pause(self) -> float:
        if self._has_taken:
            return AGAIN_AFTER_TAKING
        times = self._times_passed_over
        return min(AGAIN * times**2, POLL) if times else POLL

    async def _listen(self) -> None:
        channel = live.INBOX if self._box == "inbox" else live.OUTBOX
        async for _ in live.wakeups(self._client, channel, POLL):
            self._may_look.set()

    async def _stop(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._may_look.set()

    async def _take(self) -> bool:
        """Lease and start what is due; True when more may be due."""
        room = self._limit - len(self._running)
        if room <= 0:
            return False
        try:
            taken, is_passed_over = await self._lease(room)
        except (SQLAlchemyError, OSError) as error:
            log.warning("database_unreachable", extra={"error": type(error).__name__})
            self._times_passed_over, self._has_taken = 0, False
            return False
        # What was taken is served first; whether somebody held another's row meanwhile is looked at a moment later.
        self._times_passed_over = self._times_passed_over + 1 if is_passed_over else 0
        self._has_taken = bool(taken)
        for lease, *begun in taken:
            self.start(lease, *begun)
        return len(taken) == room

    async def _lease(self, room: int) -> tuple[list[tuple[Any, ...]], bool]:
        """What was taken, and whether something due was passed over."""
        if self._take_and_begin is not None:
            try:
                return await self._leased(self._take_and_begin, room)
            except (OperationalError, InterfaceError, OSError):
                raise
            except (
                Exception
            ) as error:  # what cannot be begun is leased all the same: it must not stop the others
                noted = {"box": self._box, "error": type(error).__name__}
                log.error("not_begun", extra=noted, exc_info=not isinstance(error, SQLAlchemyError))
        return await self._leased(self._take_only, room)

    async def _leased(self, take: Take, room: int) -> tuple[list[tuple[Any, ...]], bool]:
        async with self._database.session.begin() as session:
            taken = await take(session, room)
            return taken, not taken and await leases.passed_over(session, self._box)

    async def _take_only(self, session: AsyncSession, limit: int) -> list[tuple[Any, ...]]:
        return [(lease,) for lease in await leases.take(session, self._box, limit)]

    @property
    def has_room(self) -> bool:
        """Whether one conversation more may be served."""
        return len(self._running) < self._limit

    def start(self, lease: Lease, *begun: Any) -> None:
        """Serve this conversation, with what was begun of it, and keep its lease alive meanwhile."""
        task = asyncio.create_task(self._guarded(lease, *begun))
        self._running[task] = lease
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        was_full = not self.has_room
        self._running.pop(task, None)
        if was_full:
            self._may_look.set()

    async def _guarded(self, lease: Lease, *begun: Any) -> None:
        try:
            await self._serve(lease, *begun)
        except LeaseLost:
            log.info("lease_lost", extra={"box": lease.box, "conversation": lease.conversation_id})
        except (
            Exception
        ) as error:  # one conversation's trouble must never stop the others; its lease runs out
            log.error(
                "serve_failed",
                extra={
                    "box": lease.box,
                    "conversation": lease.conversation_id,
                    "error": type(error).__name__,
                },
                exc_info=not isinstance(error, SQLAlchemyError),
            )

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            if not self._running:
                continue
            try:
                async with self._database.session.begin() as session:
                    await leases.extend(session, list(self._running.values()))
            except (SQLAlchemyError, OSError) as error:
                log.warning("renew_failed", extra={"error": type(error).__name__})
