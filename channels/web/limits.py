"""Rate limits of the web chat; without Redis nobody is turned away."""

from __future__ import annotations

import logging
from typing import Any

import redis.asyncio as redis
from limits import RateLimitItem, parse_many
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
MESSAGES = parse_many("20/10 seconds; 60/minute; 600/hour")
SESSIONS = parse_many("60/minute")


class Limits:
    """Counts per session (messages) and per address (new sessions)."""

    def __init__(self, client: redis.Redis, is_on: bool) -> None:
        self._is_on = is_on
        pool: Any = client.connection_pool
        storage = RedisStorage("async+redis://", implementation="redispy", connection_pool=pool)
        self._limiter = SlidingWindowCounterRateLimiter(storage)

    async def allows_message(self, sender: str) -> bool:
        """Whether this contact may say something now."""
        return await self._allows("web-message", MESSAGES, sender)

    async def allows_session(self, address: str) -> bool:
        """Whether this address may open another new session now."""
        return await self._allows("web-session", SESSIONS, address)

    async def _allows(self, name: str, items: list[RateLimitItem], key: str) -> bool:
        if not self._is_on:
            return True
        try:
            return all([await self._limiter.hit(item, name, key) for item in items])
        except (RedisError, OSError) as error:
            log.warning("limits_unreachable", extra={"error": type(error).__name__})
            return True
