"""The access token: one for all processes, in Redis, refreshed by one of them at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

log = logging.getLogger(__name__)
# The old token stays valid for five minutes after a refresh, so half of that is margin enough.
MARGIN = 150
LOCK_LIFE = 30
# The platform allows a forced refresh every 30 s and 20 a day.
FORCE_EVERY = 30


@dataclass(frozen=True)
class FetchedToken:
    """What /cgi-bin/stable_token answered."""

    value: str
    expires_in: int


class SharedToken:
    """`get()` is cheap; `replace(bad)` asks the platform once, however many processes saw `bad` refused.

    Without Redis each process keeps a token of its own: the platform's stable token is the same for all.
    """

    def __init__(self, redis: Redis, app_id: str, fetch: Callable[[bool], Awaitable[FetchedToken]]) -> None:
        self._redis, self._fetch = redis, fetch
        self._key, self._forced = f"anda:wechat:{app_id}:token", f"anda:wechat:{app_id}:forced"
        self._local: str | None = None
        self._here = asyncio.Lock()

    async def get(self) -> str:
        """The token in use, fetched when there is none."""
        return await self._read() or await self.replace(None)

    async def replace(self, bad: str | None) -> str:
        """A token other than `bad`: one that another task or process fetched meanwhile, or a fresh one."""
        async with self._here, self._everywhere():
            current = await self._read()
            if current is not None and current != bad:
                return current
            fetched = await self._fetch(False)
            if fetched.value == bad and await self._may_force():
                fetched = await self._fetch(True)
            await self._write(fetched)
            return fetched.value

    async def _read(self) -> str | None:
        try:
            value = await self._redis.get(self._key)
        except (RedisError, OSError):
            return self._local
        return value.decode() if isinstance(value, bytes) else value

    async def _write(self, token: FetchedToken) -> None:
        self._local = token.value
        try:
            await self._redis.set(self._key, token.value, ex=max(token.expires_in - MARGIN, 1))
        except (RedisError, OSError) as error:
            log.warning("token_not_shared", extra={"error": type(error).__name__})

    async def _may_force(self) -> bool:
        try:
            return bool(await self._redis.set(self._forced, "1", nx=True, ex=FORCE_EVERY))
        except (RedisError, OSError):
            return False

    @asynccontextmanager
    async def _everywhere(self) -> AsyncIterator[None]:
        """The lock over all processes; without Redis, or when another holds it too long, go on without."""
        lock = self._redis.lock(
            f"{self._key}:lock", timeout=LOCK_LIFE, blocking_timeout=LOCK_LIFE, sleep=0.05
        )
        try:
            is_locked = await lock.acquire()
        except (RedisError, OSError):
            is_locked = False
        try:
            yield
        finally:
            if is_locked:
                try:
                    await lock.release()
                except (LockError, RedisError, OSError) as error:
                    log.warning("token_lock_lost", extra={"error": type(error).__name__})
