"""Rasa's Socket.IO protocol, as existing web widgets speak it, over our inbox.

Beyond Rasa's events our own page uses `history`, `received`, `typing` and `forget`. It says `client: "anda"`
in its `session_request`, acknowledges what it shows and repeats what is not acknowledged.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import socketio
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from backend.conversations.bindings import unbind
from backend.conversations.intake import IncomingMessage, Receipt, receive
from backend.conversations.models import Contact, Conversation, Mode, OutboundState
from backend.core import language, live
from backend.core.texts import say
from channels.web import ACCOUNT, CHANNEL, history
from channels.web.limits import Limits
from channels.web.page import STATIC, origin_check, router
from channels.web.payloads import Refused, Utterance, for_page, parse_received, parse_utterance
from channels.web.sender import notify
from channels.web.tokens import Tokens
from channels.web.visitors import Visitor, Visitors

__all__ = ["FOLDERS", "MAX_FRAME", "WebChat", "origin_check", "register", "router"]
log = logging.getLogger(__name__)
FOLDERS = {"web": STATIC}
# The engine closes a socket on larger frames; below it we refuse a message in words.
MAX_FRAME = 4_000_000
EVENTS = (
    "connect",
    "disconnect",
    "session_request",
    "user_uttered",
    "history",
    "received",
    "typing",
    "forget",
)
Answer = dict[str, Any]


def register(sio: socketio.AsyncServer, state: Any) -> WebChat:
    """Serve web chats on the default namespace; `state` has settings, database, redis and vault."""
    return WebChat(sio, state)


class WebChat:
    """The events of web chat sockets. `close()` when the process ends."""

    def __init__(self, sio: socketio.AsyncServer, state: Any) -> None:
        self._sio, self._state = sio, state
        self._tokens = Tokens(state.vault)
        self._limits = Limits(state.redis, is_on=state.settings.rate_limits != "off")
        self._visitors = Visitors(sio, state.database, state.redis)
        self._tasks: list[asyncio.Task[None]] = []
        for event in EVENTS:
            sio.on(event, getattr(self, f"on_{event}"))

    async def close(self) -> None:
        """Stop the delivery tasks."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def on_connect(self, sid: str, environ: dict[str, Any], *_: Any) -> None:
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._visitors.sweep()),
                asyncio.create_task(self._visitors.listen(self._on_notice)),
            ]
        client = environ.get("asgi.scope", {}).get("client") or ("unknown", 0)
        self._visitors.add(sid, client[0])

    async def on_disconnect(self, sid: str, *_: Any) -> None:
        self._visitors.remove(sid)

    async def on_session_request(self, sid: str, data: object = None, *_: Any) -> Answer:
        """Confirm a session id of ours or issue a fresh one, then send what came meanwhile."""
        visitor = self._visitors.get(sid)
        if visitor is None:
            return {"ok": False, "error": "gone"}
        asked = data if isinstance(data, dict) else {}
        token = asked.get("session_id")
        sender = self._tokens.sender_of(token)
        if sender is None and not await self._limits.allows_session(visitor.address):
            return {"ok": False, "error": "too_many"}
        await self._join(
            visitor, str(token) if sender else self._tokens.issue(), asked.get("client") == "anda"
        )
        await self._catch_up(visitor)
        return {"ok": True}

    async def _join(self, visitor: Visitor, token: str, is_ours: bool) -> None:
        visitor.sender, visitor.is_ours = self._tokens.sender_of(token), is_ours
        visitor.conversation_id = None
        visitor.shown.clear()
        visitor.received.clear()
        await self._visitors.tell([visitor], "session_confirm", token)

    async def _catch_up(self, visitor: Visitor) -> None:
        try:
            await self._visitors.deliver([visitor.sender or ""])
        except (SQLAlchemyError, OSError) as error:
            log.warning("catch_up_failed", extra={"error": type(error).__name__})  # the sweep follows

    async def on_user_uttered(self, sid: str, data: object = None, *_: Any) -> Answer:
        """Store what the customer said; the acknowledgement follows the commit."""
        visitor = self._visitors.get(sid)
        try:
            said = parse_utterance(data)
            if visitor is None or visitor.sender is None:
                raise Refused("no_session")
            async with visitor.turn:
                if not await self._limits.allows_message(visitor.sender):
                    raise Refused("too_many")
                receipt, is_bot = await self._store(visitor.sender, said)
        except Refused as refused:
            return await self._refuse(visitor, refused.code, data)
        except (SQLAlchemyError, OSError) as error:
            log.warning("store_failed", extra={"error": type(error).__name__})
            return await self._refuse(visitor, "unavailable", data)
        visitor.conversation_id = receipt.conversation_id
        if receipt.is_new:
            await live.wake(self._state.redis, live.INBOX)
            await notify(self._state.redis, visitor.sender, "heard", by=sid, is_bot=is_bot)
        return {"ok": True, "message_id": said.message_id, "seq": receipt.seq}

    async def _store(self, sender: str, said: Utterance) -> tuple[Receipt, bool]:
        """Where the message lies, and whether the bot answers it."""
        message = IncomingMessage(
            channel=CHANNEL,
            account=ACCOUNT,
            sender=sender,
            external_id=said.message_id,
            text="" if said.choice else said.text,
            choice=said.choice,
        )
        async with self._state.database.session.begin() as session:
            receipt = await receive(session, self._state.vault, message)
            mode = await session.scalar(
                select(Conversation.mode).where(Conversation.id == receipt.conversation_id)
            )
        return receipt, mode == Mode.BOT

    async def _refuse(self, visitor: Visitor | None, code: str, data: object) -> Answer:
        """Our page reads the acknowledgement; who uses another widget is told in words."""
        if visitor is not None and not visitor.is_ours and code in ("too_many", "unavailable", "too_large"):
            text = str(data.get("message", "")) if isinstance(data, dict) else ""
            words = say("too_large" if code == "too_large" else "busy", language.detect(text[:1000]))
            await self._visitors.tell([visitor], "bot_uttered", {"text": words})
        return {"ok": False, "error": code}

    async def on_history(self, sid: str, *_: Any) -> Answer:
        """The last messages of the present person."""
        visitor = self._visitors.get(sid)
        if visitor is None or visitor.sender is None:
            return {"ok": False, "error": "no_session"}
        try:
            async with self._state.database.session() as session:
                items = await history.history(session, visitor.sender)
                visitor.conversation_id = await history.conversation_of(session, visitor.sender)
        except (SQLAlchemyError, OSError):
            return {"ok": False, "error": "unavailable"}
        visitor.shown |= {int(said.id) for said in items if said.direction == "out"}
        return {"ok": True, "items": [for_page(said) for said in items]}

    async def on_received(self, sid: str, data: object = None, *_: Any) -> Answer:
        """Our page has these messages, or the customer saw them; only what this socket was sent counts."""
        visitor = self._visitors.get(sid)
        try:
            ids, is_seen = parse_received(data)
        except Refused as refused:
            return {"ok": False, "error": refused.code}
        known = visitor.shown.intersection(ids) if visitor else set()
        if visitor:
            visitor.received |= known
        try:
            state = OutboundState.READ if is_seen else OutboundState.DELIVERED
            await self._visitors.acknowledge(known, state)
        except (SQLAlchemyError, OSError):
            return {"ok": False, "error": "unavailable"}
        return {"ok": True}

    async def on_typing(self, sid: str, *_: Any) -> None:
        """The customer is writing: open consoles show it."""
        visitor = self._visitors.get(sid)
        if visitor is not None and visitor.conversation_id is not None:
            await live.announce(self._state.redis, "typing", visitor.conversation_id)

    async def on_forget(self, sid: str, *_: Any) -> Answer:
        """End the session on this computer: the binding ends, every tab starts afresh."""
        visitor = self._visitors.get(sid)
        if visitor is None or visitor.sender is None:
            return {"ok": False, "error": "no_session"}
        sender = visitor.sender
        try:
            async with self._state.database.session.begin() as session:
                key = {"channel": CHANNEL, "account": ACCOUNT, "external_id": sender}
                contact = await session.scalar(select(Contact).filter_by(**key))
                if contact is not None:
                    await unbind(session, contact.id, "forgotten")
        except (SQLAlchemyError, OSError):
            return {"ok": False, "error": "unavailable"}
        await self._join(visitor, self._tokens.issue(), visitor.is_ours)
        await notify(self._state.redis, sender, "forgotten")
        return {"ok": True}

    async def _on_notice(self, notice: dict[str, Any]) -> None:
        if "to" not in notice:  # for consoles, but for an agent's typing
            if notice.get("type") == "typing" and notice.get("speaker") == "agent":
                typed_to = self._visitors.in_conversation(notice["conversation"])
                await self._visitors.tell(
                    [v for v in typed_to if v.is_ours], "bot_typing", {"speaker": "agent"}
                )
            return
        sender, event = notice["to"], notice.get("event")
        tabs = self._visitors.of(sender)
        ours = [visitor for visitor in tabs if visitor.is_ours]
        if event == "message":
            await self._visitors.deliver([sender], [notice["id"]])
        elif event == "heard":
            await self._visitors.tell([v for v in ours if v.sid != notice.get("by")], "changed")
            if notice.get("is_bot"):
                await self._visitors.tell(ours, "bot_typing")
        elif event == "forgotten":
            for visitor in tabs:
                visitor.sender = None
            await self._visitors.tell(ours, "session_ended")
