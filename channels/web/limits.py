"""Rate limits of the web chat; without Redis nobody is turned away."""

from __future__ import annotations

import logging
import math
import time
from typing import Any

import redis.asyncio as redis
from limits import RateLimitItem, parse_many
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
MESSAGES = parse_many("20/10 seconds; 60/minute; 600/hour")
SESSIONS = parse_many("60/minute")
UPLOADS = parse_many("20/minute; 100/hour; 300/day")


class TooMany(Exception):
    """Not now; `retry_after` says in how many seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Limits:
    """Counts per session (messages, files) and per address (new sessions). Each raises `TooMany`."""

    def __init__(self, client: redis.Redis, is_on: bool) -> None:
        self._is_on = is_on
        pool: Any = client.connection_pool
        storage = RedisStorage("async+redis://", implementation="redispy", connection_pool=pool)
        self._limiter = SlidingWindowCounterRateLimiter(storage)

    async def count_message(self, sender: str) -> None:
        """This contact says something."""
        await self._count("web-message", MESSAGES, sender)

    async def count_session(self, address: str) -> None:
        """This address opens another new session."""
        await self._count("web-session", SESSIONS, address)

    async def count_upload(self, sender: str) -> None:
        """This contact hands in a file."""
        await self._count("web-upload", UPLOADS, sender)

    async def _count(self, name: str, items: list[RateLimitItem], key: str) -> None:
        if not self._is_on:
            return
        try:
            spent = [item for item in items if not await self._limiter.hit(item, name, key)]
            if spent:
                raise TooMany(max([await self._wait(item, name, key) for item in spent]))
        except (RedisError, OSError) as error:
            log.warning("limits_unreachable", extra={"error": type(error).__name__})

    async def _wait(self, item: RateLimitItem, name: str, key: str) -> int:
        stats = await self._limiter.get_window_stats(item, name, key)
        return min(max(1, math.ceil(stats.reset_time - time.time())), 300)
