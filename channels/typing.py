"""Shows the customer that an answer is being written, where the platform can: when a turn begins, while an agent types.

Never in anybody's way: it is done aside, rarely enough for the platform, and its failures change nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

import redis.asyncio as redis
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from backend.conversations.models import Contact, Conversation
from backend.core import live
from backend.core.db import Database

log = logging.getLogger(__name__)
# The platform shows it for about 15 s and refuses it while it does.
AGAIN_AFTER = 12
POLL = 5.0


class ShowsTyping(Protocol):
    """A channel that can show it."""

    async def show_typing(self, recipient: str) -> None:
        """Show it; raises nothing."""


class Typing:
    """`soon()` shows it for a conversation; `run()` does so while agents type."""

    def __init__(self, database: Database, client: redis.Redis, channels: Mapping[str, ShowsTyping]) -> None:
        self._database, self._client, self._channels = database, client, channels
        self._tasks: set[asyncio.Task[None]] = set()

    def soon(self, conversation_id: int, channel: str | None = None) -> None:
        """Show it in this conversation, on `channel` if it is known already; returns at once."""
        if self._channels and (channel is None or channel in self._channels):
            task = asyncio.create_task(self._show(conversation_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _show(self, conversation_id: int) -> None:
        try:
            # One worker shows it, once in a while. Without Redis nobody does.
            if not await self._client.set(f"anda:typing:{conversation_id}", "1", nx=True, ex=AGAIN_AFTER):
                return
            async with self._database.session() as session:
                contact = await session.scalar(
                    select(Contact)
                    .join(Conversation, Conversation.contact_id == Contact.id)
                    .where(Conversation.id == conversation_id)
                )
        except (RedisError, SQLAlchemyError, OSError) as error:
            log.debug("typing_not_shown", extra={"error": type(error).__name__})
            return
        shows = self._channels.get(contact.channel) if contact else None
        if shows is not None and contact is not None:
            await shows.show_typing(contact.external_id)

    async def run(self, stopping: asyncio.Event) -> None:
        """Listen to what consoles tell until told to stop."""
        if not self._channels:
            return
        listening = asyncio.create_task(self._listen())
        await stopping.wait()
        for task in (listening, *self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _listen(self) -> None:
        while True:
            pubsub = self._client.pubsub()
            try:
                await pubsub.subscribe(live.LIVE)
                while True:
                    heard = await pubsub.get_message(ignore_subscribe_messages=True, timeout=POLL)
                    if heard is not None:
                        self._on_notice(json.loads(heard["data"]))
            except (RedisError, OSError, ValueError):
                await asyncio.sleep(1)
            finally:
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    def _on_notice(self, notice: Any) -> None:
        is_agents = isinstance(notice, dict) and notice.get("type") == "typing"
        if is_agents and notice.get("speaker") == "agent" and isinstance(notice.get("conversation"), int):
            self.soon(notice["conversation"])
