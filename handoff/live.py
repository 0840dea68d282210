"""Live updates: sockets carry ids only; pages read what changed through the API, where rights are checked."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import redis.asyncio as redis
import socketio
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import State as AppState

from backend.conversations.delivery import read_by_agent
from backend.core.live import LIVE
from handoff.handshake import SignedIn, is_own_page, living_sessions, signed_in
from handoff.presence import Presence, State

log = logging.getLogger(__name__)

NAMESPACE = "/console"
CHECK_SECONDS = 25.0
TYPING_SECONDS = 1.0
FOLLOWED_AT_MOST = 500


async def notices(client: redis.Redis) -> AsyncIterator[dict[str, Any]]:
    """What changed, as announced; `{"type": "refresh"}` whenever something may have been missed."""
    while True:
        pubsub = client.pubsub()
        try:
            await pubsub.subscribe(LIVE)
            yield {"type": "refresh"}
            while True:
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=CHECK_SECONDS)
                if message is not None:
                    notice = json.loads(message["data"])
                    yield notice if isinstance(notice, dict) else {}
        except (RedisError, OSError, ValueError) as error:
            log.warning("live_updates_lost", extra={"error": type(error).__name__})
            await asyncio.sleep(1)
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]


class ConsoleSockets:
    """The namespace's handlers, and the two tasks behind them, which run while any page is open."""

    def __init__(self, sio: socketio.AsyncServer, state: AppState) -> None:
        self.sio = sio
        self.state = state
        self.pages: dict[str, SignedIn] = {}
        self.states: dict[int, State] = {}
        self.presence = Presence(state.redis)
        self.tasks: list[asyncio.Task[None]] = []

    async def connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Only an agent's own page may connect."""
        page = None
        if is_own_page(environ, self.state.settings):
            page = await signed_in(environ, self.state.database)
        if page is None:
            raise socketio.exceptions.ConnectionRefusedError("sign_in")
        self.pages[sid] = page
        if not self.tasks:
            self.tasks = [asyncio.create_task(self._relay()), asyncio.create_task(self._keep_checking())]
        await self._arrive(page)

    async def disconnect(self, sid: str, reason: str = "") -> None:
        page = self.pages.pop(sid, None)
        if not self.pages:
            for task in self.tasks:
                task.cancel()
            self.tasks = []
        if page is None or any(other.agent_id == page.agent_id for other in self.pages.values()):
            return
        self.states.pop(page.agent_id, None)
        await self.presence.leave(page.agent_id)
        await self._publish({"type": "presence"})

    async def watch(self, sid: str, data: Any) -> None:
        """The page shows this conversation now, `{conversation}`; null means none."""
        page = self.pages.get(sid)
        if page is None:
            return
        if page.watched is not None:
            await self.sio.leave_room(sid, page.watched, namespace=NAMESPACE)
        page.watched = _room(_conversation(data))
        if page.watched is not None:
            await self.sio.enter_room(sid, page.watched, namespace=NAMESPACE)

    async def follow(self, sid: str, data: Any) -> None:
        """The page lists these `{conversations}` now: it hears that one of them moved, but not who types there."""
        page = self.pages.get(sid)
        wished = data.get("conversations") if isinstance(data, dict) else None
        if page is None or not isinstance(wished, list):
            return
        rooms = {_listed(one) for one in wished[:FOLLOWED_AT_MOST] if isinstance(one, int)}
        for room in page.followed - rooms:
            await self.sio.leave_room(sid, room, namespace=NAMESPACE)
        for room in rooms - page.followed:
            await self.sio.enter_room(sid, room, namespace=NAMESPACE)
        page.followed = rooms

    async def typing(self, sid: str, data: Any) -> None:
        """The agent types in `{conversation}`: others who watch it see who."""
        page, conversation = self.pages.get(sid), _conversation(data)
        if page is None or conversation is None or not page.may_write:
            return
        if time.monotonic() - page.typed_at < TYPING_SECONDS:
            return
        page.typed_at = time.monotonic()
        who = {"speaker": "agent", "agent": {"id": page.agent_id, "name": page.name}}
        await self._publish({"type": "typing", "conversation": conversation} | who)

    async def seen(self, sid: str, data: Any) -> None:
        """The agent has the watched `{conversation}` before their eyes: the customer may know."""
        page, conversation = self.pages.get(sid), _conversation(data)
        if page is None or conversation is None or not page.may_write or page.watched != _room(conversation):
            return
        try:
            async with self.state.database.session.begin() as session:
                seq = await read_by_agent(session, conversation)
        except (SQLAlchemyError, OSError) as error:
            log.warning("read_mark_lost", extra={"error": type(error).__name__})
            return
        if seq is not None:
            await self._publish({"type": "read", "conversation": conversation, "seq": seq})

    async def set_presence(self, sid: str, data: Any) -> None:
        """The agent is `{state: "available" | "away"}`."""
        page, wished = self.pages.get(sid), data.get("state") if isinstance(data, dict) else None
        if page is not None and wished in tuple(State):
            self.states[page.agent_id] = State(wished)
            await self._arrive(page)

    async def _arrive(self, page: SignedIn) -> None:
        state = self.states.setdefault(page.agent_id, State.AVAILABLE)
        await self.presence.arrive(page.agent_id, page.name, state)
        await self._publish({"type": "presence"})

    async def _publish(self, notice: dict[str, Any]) -> None:
        try:
            await self.state.redis.publish(LIVE, json.dumps(notice))
        except (RedisError, OSError):
            await self._pass_on(notice)  # at least the pages of this process

    async def _relay(self) -> None:
        async for notice in notices(self.state.redis):
            await self._pass_on(notice)

    async def _pass_on(self, notice: dict[str, Any]) -> None:
        kind = notice.get("type")
        ids = {"ticket": notice.get("ticket"), "conversation": notice.get("conversation")}
        if kind in ("presence", "refresh"):
            await self._emit("presence", await self.presence.everyone())
        if kind == "typing":
            who = {"speaker": notice.get("speaker", "customer"), "agent": notice.get("agent")}
            await self._emit("typing", ids | who, _room(ids["conversation"]))
        elif kind == "interaction":
            await self._emit("interaction", ids, _room(ids["conversation"]))
            if not ids["ticket"] and isinstance(ids["conversation"], int):
                await self._emit("ticket", ids, _listed(ids["conversation"]))
            elif ids["ticket"]:
                await self._emit("ticket", ids)
        elif kind in ("ticket", "refresh"):
            await self._emit("ticket", ids)

    async def _emit(self, event: str, data: Any, room: str | None = None) -> None:
        # ignore_queue: every process hears the announcement itself and tells its own pages only.
        await self.sio.emit(event, data, room=room, namespace=NAMESPACE, ignore_queue=True)

    async def _keep_checking(self) -> None:
        """Repeat who is here, and close the pages of sessions that ended."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for page in {page.agent_id: page for page in self.pages.values()}.values():
                await self.presence.arrive(page.agent_id, page.name, self.states[page.agent_id])
            try:
                await self.close_ended()
            except SQLAlchemyError as error:
                log.warning("sessions_not_checked", extra={"error": type(error).__name__})

    async def close_ended(self) -> None:
        """Disconnect every page whose session ended or expired."""
        living = await living_sessions(self.state.database, {page.token_hash for page in self.pages.values()})
        for sid in [sid for sid, page in self.pages.items() if page.token_hash not in living]:
            await self.sio.disconnect(sid, namespace=NAMESPACE)


def _conversation(data: Any) -> int | None:
    value = data.get("conversation") if isinstance(data, dict) else None
    return value if isinstance(value, int) else None


def _room(conversation: int | None) -> str | None:
    return None if conversation is None else f"conversation:{conversation}"


def _listed(conversation: int) -> str:
    return f"listed:{conversation}"


def register(sio: socketio.AsyncServer, state: AppState) -> ConsoleSockets:
    """Serve the namespace `/console`; `state` holds settings, database and redis."""
    sockets = ConsoleSockets(sio, state)
    handlers = {
        "connect": sockets.connect,
        "disconnect": sockets.disconnect,
        "watch": sockets.watch,
        "follow": sockets.follow,
        "typing": sockets.typing,
        "seen": sockets.seen,
        "presence": sockets.set_presence,
    }
    for event, handler in handlers.items():
        sio.on(event, handler, namespace=NAMESPACE)
    state.console_sockets = sockets
    return sockets
