"""Redis carries wake-ups and live updates; losing it loses nothing, so every call here tolerates its absence."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import redis.asyncio as redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

INBOX, OUTBOX = "anda:wake:inbox", "anda:wake:outbox"
LIVE = "anda:live"


def connect(url: str) -> redis.Redis:
    """A client whose blocking reads may outlast redis-py's default socket time-out of 5 s."""
    return redis.from_url(url, decode_responses=True, socket_timeout=None, socket_connect_timeout=2)


async def wake(client: redis.Redis, channel: str) -> None:
    """Tell waiting workers that there is work; without Redis they find it at their next poll."""
    try:
        await client.publish(channel, "1")
    except (RedisError, OSError) as error:
        log.warning("wake_failed", extra={"channel": channel, "error": type(error).__name__})


async def announce(client: redis.Redis, kind: str, conversation_id: int, ticket: str | None = None) -> None:
    """Tell open consoles that a ticket or a conversation changed; they read what through the API."""
    notice = json.dumps({"type": kind, "conversation": conversation_id, "ticket": ticket})
    try:
        await client.publish(LIVE, notice)
    except (RedisError, OSError) as error:
        log.warning("announce_failed", extra={"error": type(error).__name__})


async def wakeups(client: redis.Redis, channel: str, poll: float) -> AsyncIterator[None]:
    """Yield when woken, and at least every `poll` seconds; survives Redis going away and coming back."""
    while True:
        pubsub = client.pubsub()
        try:
            await pubsub.subscribe(channel)
            yield
            while True:
                await pubsub.get_message(ignore_subscribe_messages=True, timeout=poll)
                yield
        except (RedisError, OSError) as error:
            log.warning("redis_unreachable", extra={"channel": channel, "error": type(error).__name__})
            await asyncio.sleep(min(poll, 1.0))
            yield
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]
