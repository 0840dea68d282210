"""How fast the webhooks take messages: limits per contact, account and address, and a refusal when all is too much.

Limits count in Redis; without Redis nobody is limited.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request
from limits import parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from backend.conversations.intake import IncomingMessage
from backend.conversations.models import InboundMessage, InboundState
from backend.core import business, live
from backend.core.errors import Forbidden, TooManyRequests, Unavailable

log = logging.getLogger(__name__)
SETTINGS_LAST = 30.0
BACKLOG_LASTS = 5.0
SUSPECT_FOR = 600.0
RETRY_AFTER = 5


class Pace:
    """One api process's view of the limits; `state` has settings, database and redis."""

    def __init__(self, state: Any) -> None:
        self._database, self._is_on = state.database, state.settings.rate_limits != "off"
        self._redis = state.redis
        pool: Any = state.redis.connection_pool
        storage = RedisStorage("async+redis://", implementation="redispy", connection_pool=pool)
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._limits: dict[str, Any] = business.DEFAULTS["rate_limits"]
        self._bounds: dict[str, int] = business.DEFAULTS["overload"]
        self._waiting = 0
        self._read_at = self._counted_at = float("-inf")
        self._posts = 0
        self._suspects: dict[str, float] = {}
        self._waking: asyncio.Task[None] | None = None
        self._is_wake_due = False

    @asynccontextmanager
    async def admitted(self) -> AsyncIterator[None]:
        """Room for one post; raises `Unavailable`, at which the platform posts again later."""
        await self._look()
        if self._posts >= self._bounds["posts_at_once"] or self._waiting >= self._bounds["waiting_messages"]:
            log.warning("overloaded", extra={"posts": self._posts, "waiting": self._waiting})
            raise Unavailable("Too much is waiting. Please post this again.", retry_after=RETRY_AFTER)
        self._posts += 1
        try:
            yield
        finally:
            self._posts -= 1

    async def over(self, message: IncomingMessage) -> str | None:
        """The limit that this message is over, if any: `contact` before `account`."""
        if not self._is_on or message.type == "event":
            return None
        account = f"{message.channel}:{message.account}"
        by_contact, by_account = await asyncio.gather(
            self._allows("contact", f"{account}:{message.sender}"), self._allows("account", account)
        )
        return "contact" if not by_contact else None if by_account else "account"

    def wake_inbox(self) -> None:
        """Soon, and nobody waits for it: what is stored while one wake-up is on its way shares the next."""
        self._is_wake_due = True
        if self._waking is None or self._waking.done():
            self._waking = asyncio.create_task(self._wake_inbox())

    async def _wake_inbox(self) -> None:
        while self._is_wake_due:
            self._is_wake_due = False
            await live.wake(self._redis, live.INBOX)

    async def check_address(self, address: str) -> None:
        """Raises `TooManyRequests` for an address whose posts were refused too often just now."""
        if self._is_on and self._suspects.get(address, 0.0) > time.monotonic():
            limit = parse(self._limits["refused_posts"])
            try:
                is_allowed = await self._limiter.test(limit, "refused", address)
            except (RedisError, OSError):
                return
            if not is_allowed:
                raise TooManyRequests("Too many refused posts. Please wait.", retry_after=60)

    async def count_refusal(self, address: str) -> None:
        """This address posted something that nobody signed."""
        now = time.monotonic()
        self._suspects = {known: until for known, until in self._suspects.items() if until > now}
        self._suspects[address] = now + SUSPECT_FOR
        if self._is_on:
            await self._allows("refused_posts", address, name="refused")

    async def _allows(self, limit: str, key: str, name: str = "") -> bool:
        try:
            return await self._limiter.hit(parse(self._limits[limit]), name or f"pace-{limit}", key)
        except (RedisError, OSError) as error:
            log.warning("limits_unreachable", extra={"error": type(error).__name__})
            return True

    async def _look(self) -> None:
        """Read settings and backlog now and then, one request for all; an old figure serves while that fails."""
        now = time.monotonic()
        if now - self._counted_at < BACKLOG_LASTS:
            return
        self._counted_at = now
        waiting = select(func.count()).where(InboundMessage.state == InboundState.STORED)
        try:
            async with self._database.session() as session:
                self._waiting = (await session.scalars(waiting)).one()
                if now - self._read_at >= SETTINGS_LAST:
                    self._limits = await business.setting(session, "rate_limits")
                    self._bounds = await business.setting(session, "overload")
                    self._read_at = now
        except (SQLAlchemyError, OSError) as error:
            log.warning("backlog_unknown", extra={"error": type(error).__name__})


def pace_of(state: Any) -> Pace:
    """The pace of this process."""
    if not hasattr(state, "pace"):
        state.pace = Pace(state)
    pace: Pace = state.pace
    return pace


async def guard_address(request: Request) -> AsyncIterator[None]:
    """A route's dependency: who keeps posting what nobody signed is answered 429 for a while."""
    address = request.client.host if request.client else "unknown"
    pace = pace_of(request.app.state)
    await pace.check_address(address)
    try:
        yield
    except Forbidden:
        await pace.count_refusal(address)
        raise
