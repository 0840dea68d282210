"""Who is connected to this process, and how the messages of the database reach their sockets."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import redis.asyncio as redis
import socketio
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from backend.conversations.models import OutboundState
from backend.core import live
from backend.core.crypto import Vault
from backend.core.db import Database
from channels.answers import file_links
from channels.web import history
from channels.web.said import Said, for_page, for_widget
from channels.web.sender import NOTICES

log = logging.getLogger(__name__)
SWEEP_EVERY = 2.5


@dataclass
class Visitor:
    """One socket. `is_ours` when our own page speaks: it acknowledges; an existing Rasa widget does not."""

    sid: str
    address: str
    sender: str | None = None
    is_ours: bool = False
    conversation_id: int | None = None
    shown: set[int] = field(default_factory=set)
    received: set[int] = field(default_factory=set)
    # What was said before this is somebody else's; None until it is known.
    period: datetime | None = None
    typed_at: float = 0.0
    # Messages of one socket are stored in the order they came.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Visitors:
    """The sockets of this process, and the delivery to them.

    Every way a message may come (a notice, a reconnect, the sweep that needs no Redis) reads the same rows,
    and each socket remembers what it was sent, so a message is shown once.
    """

    def __init__(
        self, sio: socketio.AsyncServer, database: Database, client: redis.Redis, vault: Vault, base_url: str
    ) -> None:
        self._sio, self._database, self._client = sio, database, client
        self._vault, self._base_url = vault, base_url
        self._by_sid: dict[str, Visitor] = {}
        self._delivering = asyncio.Lock()

    def add(self, sid: str, address: str) -> None:
        self._by_sid[sid] = Visitor(sid, address)

    def get(self, sid: str) -> Visitor | None:
        return self._by_sid.get(sid)

    def remove(self, sid: str) -> None:
        self._by_sid.pop(sid, None)

    def in_conversation(self, conversation_id: int) -> list[Visitor]:
        """The sockets of a conversation, as far as it is known."""
        return [visitor for visitor in self._by_sid.values() if visitor.conversation_id == conversation_id]

    def of(self, sender: str) -> list[Visitor]:
        """The sockets of one contact: its tabs."""
        return [visitor for visitor in self._by_sid.values() if visitor.sender == sender]

    async def tell(self, visitors: Iterable[Visitor], event: str, data: Any = None) -> None:
        """Emit to sockets of this process."""
        for visitor in visitors:
            await self._sio.emit(event, data, to=visitor.sid, ignore_queue=True)

    async def deliver(self, senders: Collection[str] | None = None, also: Collection[int] = ()) -> None:
        """Send what waits for these contacts (all, when None) to those of their sockets that lack it."""
        async with self._delivering:
            connected = {v.sender for v in self._by_sid.values() if v.sender}
            wanted = connected if senders is None else connected.intersection(senders)
            if not wanted:
                return
            async with self._database.session() as session:
                rows = await history.waiting(session, wanted, also)
            arrived: set[int] = set()
            for sender, said in rows:
                arrived |= await self._show(self.of(sender), said)
        await self.acknowledge(arrived, OutboundState.DELIVERED)

    async def _show(self, visitors: list[Visitor], said: Said) -> set[int]:
        """Send one message; gives its id when nothing more needs to be heard from the socket."""
        number, is_received = int(said.id), False
        for visitor in visitors:
            if number not in visitor.shown:
                visitor.shown.add(number)
                for payload in [for_page(said)] if visitor.is_ours else self._for_widget(said):
                    await self.tell([visitor], "bot_uttered", payload)
            is_received = is_received or not visitor.is_ours or number in visitor.received
        return {number} if is_received and said.state == OutboundState.SENT else set()

    def _for_widget(self, said: Said) -> list[dict[str, Any]]:
        # A widget cannot name the session to a file's address: it leads to the page that asks for a proof.
        path = file_links.path_to(self._vault, int(said.id), said.at) if said.media else ""
        return for_widget(said, self._base_url, path)

    async def acknowledge(self, ids: Collection[int], state: OutboundState) -> None:
        """Record that customers have (or saw) these messages, and tell open consoles."""
        if not ids:
            return
        async with self._database.session.begin() as session:
            moved = await history.acknowledge(session, ids, state)
        for conversation_id in {message.conversation_id for message in moved}:
            await live.announce(self._client, "interaction", conversation_id)

    async def expire(self) -> None:
        """Clear the pages whose person's verification ended: the next one at that computer sees nothing of it."""
        ours = [visitor for visitor in self._by_sid.values() if visitor.is_ours and visitor.sender]
        if not ours:
            return
        async with self._database.session() as session:
            periods = await history.period_starts(session, {visitor.sender or "" for visitor in ours})
        for visitor in ours:
            begins = periods.get(visitor.sender or "")
            if begins is not None and visitor.period is not None and begins > visitor.period:
                await self.tell([visitor], "session_expired")
            visitor.period = begins or visitor.period

    async def sweep(self) -> None:
        """Deliver every few seconds whatever no notice told of; runs until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            try:
                await self.deliver()
                await self.expire()
            except (SQLAlchemyError, OSError) as error:
                log.warning("sweep_failed", extra={"error": type(error).__name__})

    async def listen(self, on_notice: Callable[[dict[str, Any]], Any]) -> None:
        """Hand every notice of the worker, of the other api processes and of consoles to `on_notice`."""
        while True:
            pubsub = self._client.pubsub()
            try:
                await pubsub.subscribe(NOTICES, live.LIVE)
                while True:
                    message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=30)
                    if message is not None:
                        await on_notice(json.loads(message["data"]))
            except (RedisError, OSError, SQLAlchemyError) as error:
                log.warning("notices_interrupted", extra={"error": type(error).__name__})
                await asyncio.sleep(1)
            finally:
                await pubsub.aclose()  # type: ignore[no-untyped-call]
