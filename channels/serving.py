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


class Serving:
    """Runs `serve(lease)` for every conversation whose box is due, at most `limit` at once.

    `begin` is what `serve` would do first: it is done in the transaction that leases, when that is for one conversation
    alone. Whoever leased a conversation by themselves may `start` it here, if there is room.
    """

    def __init__(
        self,
        box: Box,
        database: Database,
        client: redis.Redis,
        serve: Callable[..., Awaitable[None]],
        limit: int,
        begin: Callable[[AsyncSession, Lease], Awaitable[Any]] | None = None,
    ) -> None:
        self._box, self._database, self._client, self._serve, self._limit = (
            box,
            database,
            client,
            serve,
            limit,
        )
        self._begin = begin
        self._running: dict[asyncio.Task[None], Lease] = {}
        self._freed = asyncio.Event()
        self._times_passed_over = 0
        self._has_taken = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until `stopping` is set, then finish what was begun."""
        channel = live.INBOX if self._box == "inbox" else live.OUTBOX
        woken = asyncio.Event()
        helpers = [
            asyncio.create_task(self._listen(channel, woken)),
            asyncio.create_task(self._renew()),
        ]
        stop = asyncio.create_task(stopping.wait())
        while not stopping.is_set():
            woken.clear()
            self._freed.clear()
            if not await self._take():
                waits = [asyncio.create_task(woken.wait()), asyncio.create_task(self._freed.wait())]
                await asyncio.wait([*waits, stop], timeout=self._pause(), return_when=asyncio.FIRST_COMPLETED)
                for wait in waits:
                    wait.cancel()
        if self._running:
            await asyncio.wait(list(self._running), timeout=30)
        for helper in [*helpers, stop]:
            helper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await helper

    def _pause(self) -> float:
        if self._has_taken:
            return AGAIN_AFTER_TAKING
        times = self._times_passed_over
        return min(AGAIN * times**2, POLL) if times else POLL

    async def _listen(self, channel: str, woken: asyncio.Event) -> None:
        async for _ in live.wakeups(self._client, channel, POLL):
            woken.set()

    async def _take(self) -> bool:
        """Lease and start what is due; True when more may be due."""
        room = self._limit - len(self._running)
        if room <= 0:
            return False
        try:
            taken, begun, is_passed_over = await self._lease(room)
        except (SQLAlchemyError, OSError) as error:
            log.warning("database_unreachable", extra={"error": type(error).__name__})
            self._times_passed_over, self._has_taken = 0, False
            return False
        # What was taken is served first; whether somebody held another's row meanwhile is looked at a moment later.
        self._times_passed_over = self._times_passed_over + 1 if is_passed_over else 0
        self._has_taken = bool(taken)
        for lease in taken:
            self.start(lease, *begun)
        return len(taken) == room

    async def _lease(self, room: int) -> tuple[list[Lease], list[Any], bool]:
        """What was taken, what was begun of it, and whether something due was passed over."""
        begin = self._begin
        while True:
            try:
                async with self._database.session.begin() as session:
                    taken = await leases.take(session, self._box, room)
                    begun = [await begin(session, taken[0])] if begin and len(taken) == 1 else []
                    return taken, begun, not taken and await leases.passed_over(session, self._box)
            except (OperationalError, InterfaceError, OSError):
                raise
            except (
                Exception
            ) as error:  # one that cannot be begun is leased all the same: it must not stop the others
                if begin is None:
                    raise
                log.warning("not_begun", extra={"box": self._box, "error": type(error).__name__})
                begin = None

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
            self._freed.set()

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
