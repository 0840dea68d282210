"""Counts attempts to sign in, so that passwords and codes cannot be guessed."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.storage.redis import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

USERNAME = parse("5 per 15 minutes")
ADDRESS = parse("60 per 15 minutes")
CODE_USE = parse("1 per 2 minutes")

T = TypeVar("T")


class Attempts:
    """Counters in Redis, shared by all api processes; in this process alone while Redis is away."""

    def __init__(self, redis_url: str) -> None:
        uri = redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix:") else redis_url
        self._storage = RedisStorage(
            uri,
            implementation="redispy",
            key_prefix="anda:attempts",
            socket_connect_timeout=1,
            socket_timeout=2,
        )
        self._shared = MovingWindowRateLimiter(self._storage)
        self._own = MovingWindowRateLimiter(MemoryStorage())

    async def count(self, limit: RateLimitItem, *subject: str) -> bool:
        """Count one more; False when the limit had been reached before."""
        return await self._ask(lambda counter: counter.hit(limit, *_key(subject)))

    async def has_room(self, limit: RateLimitItem, *subject: str) -> bool:
        """Whether one more would be within the limit; counts nothing."""
        return await self._ask(lambda counter: counter.test(limit, *_key(subject)))

    async def seconds_left(self, limit: RateLimitItem, *subject: str) -> int:
        """Seconds until there is room again, at least 1."""
        window = await self._ask(lambda counter: counter.get_window_stats(limit, *_key(subject)))
        return max(1, round(window.reset_time - time.time()))

    async def forget(self, limit: RateLimitItem, *subject: str) -> None:
        """Start counting anew."""
        await self._ask(lambda counter: counter.clear(limit, *_key(subject)))

    async def _ask(self, question: Callable[[MovingWindowRateLimiter], Awaitable[T]]) -> T:
        try:
            return await question(self._shared)
        except (RedisError, OSError) as error:
            log.warning("attempts_counted_locally", extra={"error": type(error).__name__})
            return await question(self._own)


def _key(subject: tuple[str, ...]) -> list[str]:
    # Hashed: what was typed as a username may be anything of any length, a password included.
    return [hashlib.sha256(part.encode()).hexdigest()[:32] for part in subject]
