"""Which agents are at their desks: kept in Redis for all processes, by each for itself while it is away."""

from __future__ import annotations

import json
import logging
import time
from enum import StrEnum
from typing import Any

import redis.asyncio as redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

KEY = "anda:presence"
# Each process repeats its agents more often than this; who is not repeated has gone.
STALE_SECONDS = 75


class State(StrEnum):
    AVAILABLE = "available"
    AWAY = "away"


class Presence:
    """Agents by id, with name and state."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._own: dict[str, str] = {}

    async def arrive(self, agent_id: int, name: str, state: State) -> None:
        """The agent is here, or still here."""
        entry = json.dumps({"id": agent_id, "name": name, "state": state, "at": time.time()})
        self._own[str(agent_id)] = entry
        try:
            await self._redis.hset(KEY, str(agent_id), entry)
        except (RedisError, OSError) as error:
            log.warning("presence_kept_locally", extra={"error": type(error).__name__})

    async def leave(self, agent_id: int) -> None:
        """The agent closed the last page."""
        self._own.pop(str(agent_id), None)
        try:
            await self._redis.hdel(KEY, str(agent_id))
        except (RedisError, OSError) as error:
            log.warning("presence_kept_locally", extra={"error": type(error).__name__})

    async def everyone(self) -> list[dict[str, Any]]:
        """Agents who are here, `{id, name, state}`, by name."""
        try:
            entries = list((await self._redis.hgetall(KEY)).values())
        except (RedisError, OSError):
            entries = list(self._own.values())
        known = [json.loads(entry) for entry in entries]
        fresh = [entry for entry in known if entry["at"] > time.time() - STALE_SECONDS]
        here = [{"id": entry["id"], "name": entry["name"], "state": entry["state"]} for entry in fresh]
        return sorted(here, key=lambda entry: str(entry["name"]))
