"""Rasa's Socket.IO protocol, as existing web widgets speak it, over our inbox.

Beyond Rasa's events our own page uses `history`, `received`, `typing` and `forget`. It says `client: "anda"`
in its `session_request`, acknowledges what it shows and repeats what is not acknowledged. Files: uploads.py.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import socketio
from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from backend.conversations.bindings import unbind
from backend.conversations.intake import IncomingMessage, Receipt, receive
from backend.conversations.models import Contact, Conversation, Mode, OutboundState
from backend.core import failpoints, language, live
from backend.core.errors import Unavailable
from backend.core.texts import say
from channels.pace import pace_of
from channels.web import ACCOUNT, CHANNEL, history
from channels.web.limits import Limits, TooMany
from channels.web.notices import Notices
from channels.web.page import STATIC, origin_check
from channels.web.page import router as pages
from channels.web.payloads import Refused, Utterance, parse_received, parse_utterance
from channels.web.said import for_page
from channels.web.sender import notify
from channels.web.tokens import Tokens
from channels.web.upload_api import router as uploads
from channels.web.uploads import Uploads
from channels.web.visitors import Visitor, Visitors

__all__ = ["FOLDERS", "MAX_FRAME", "WebChat", "origin_check", "register", "router"]
log = logging.getLogger(__name__)
FOLDERS = {"web": STATIC}
router = APIRouter()
router.include_router(pages)
router.include_router(uploads)
# The engine closes a socket on larger frames; below it we refuse a message in words.
MAX_FRAME = 4_000_000
TYPING_EVERY = 1.0
RASAS_EVENTS = ("connect", "disconnect", "session_request", "user_uttered")
OUR_EVENTS = ("history", "received", "typing", "forget")
Answer = dict[str, Any]


def register(sio: socketio.AsyncServer, state: Any) -> WebChat:
    """Serve web chats on the default namespace; `state` has settings, database, redis and vault."""
    chat = WebChat(sio, state)
    state.web_uploads = chat.uploads
    return chat


class WebChat:
    """The events of web chat sockets. `close()` when the process ends."""

    def __init__(self, sio: socketio.AsyncServer, state: Any) -> None:
        self._sio, self._state = sio, state
        self._tokens = Tokens(state.vault)
        self._limits = Limits(state.redis, is_on=state.settings.rate_limits != "off")
        self._visitors = Visitors(sio, state.database, state.redis, state.vault, state.settings.base_url)
        self._notices = Notices(self._visitors)
        self.uploads = Uploads(state, self._tokens, self._limits)
        self._tasks: list[asyncio.Task[None]] = []
        for event in RASAS_EVENTS + OUR_EVENTS:
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
                asyncio.create_task(self._visitors.listen(self._notices.pass_on)),
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
        is_ours = asked.get("client") == "anda"
        try:
            await self._join(visitor, await self._token_for(visitor, token, is_ours), is_ours)
        except TooMany as wait:
            return {"ok": False, "error": "too_many", "retry_after": wait.retry_after}
        await self._catch_up(visitor)
        return {"ok": True}

    async def _token_for(self, visitor: Visitor, token: object, is_ours: bool) -> str:
        """Theirs, when we signed it, with a later end for our own page; else a fresh one."""
        if self._tokens.sender_of(token) is None:
            await self._limits.count_session(visitor.address)
            return self._tokens.issue()
        # An existing widget takes another id for another session.
        return self._tokens.renewed(str(token)) if is_ours else str(token)

    async def _join(self, visitor: Visitor, token: str, is_ours: bool) -> None:
        visitor.sender, visitor.is_ours = self._tokens.sender_of(token), is_ours
        visitor.conversation_id, visitor.period = None, None
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
                await self._limits.count_message(visitor.sender)
                async with pace_of(self._state).admitted():
                    receipt, is_bot = await self._store(visitor, visitor.sender, said)
        except Refused as refused:
            return await self._refuse(visitor, refused.code, data)
        except TooMany as wait:
            return await self._refuse(visitor, "too_many", data) | {"retry_after": wait.retry_after}
        except Unavailable as full:
            return await self._refuse(visitor, "unavailable", data) | full.extra
        except (SQLAlchemyError, OSError) as error:
            log.warning("store_failed", extra={"error": type(error).__name__})
            return await self._refuse(visitor, "unavailable", data)
        visitor.conversation_id = receipt.conversation_id
        if receipt.is_new:
            failpoints.reached("after_store")
            await live.wake(self._state.redis, live.INBOX)
            await notify(self._state.redis, visitor.sender, "heard", by=sid, is_bot=is_bot)
        return {"ok": True, "message_id": said.message_id, "seq": receipt.seq}

    async def _store(self, visitor: Visitor, sender: str, said: Utterance) -> tuple[Receipt, bool]:
        """Where the message lies, and whether the bot answers it.

        An existing widget's opening payload is greeted; it is nothing that the customer said.
        """
        is_opening = said.is_opening and not visitor.is_ours
        message = IncomingMessage(
            channel=CHANNEL,
            account=ACCOUNT,
            sender=sender,
            external_id=said.message_id,
            text="" if said.choice or is_opening else said.text,
            choice=said.choice,
            payload={"opening": said.text} if is_opening else {},
            effect="opened" if is_opening else None,
            language=said.language,
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
                is_answering = await history.is_answering(session, visitor.sender)
                visitor.conversation_id = await history.conversation_of(session, visitor.sender)
        except (SQLAlchemyError, OSError):
            return {"ok": False, "error": "unavailable"}
        visitor.shown |= {int(said.id) for said in items if said.direction == "out"}
        return {"ok": True, "items": [for_page(said) for said in items], "is_answering": is_answering}

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
        if visitor is None or visitor.conversation_id is None:
            return
        if time.monotonic() - visitor.typed_at >= TYPING_EVERY:
            visitor.typed_at = time.monotonic()
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
