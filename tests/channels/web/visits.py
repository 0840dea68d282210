"""A running web chat and the browser tabs and widgets that talk to it, as tests play them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import socketio
from fastapi import FastAPI
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.bindings import bind, unbind
from backend.conversations.identity import Identity
from backend.conversations.models import (
    Contact,
    Conversation,
    InboundMessage,
    InboundState,
    OutboundMessage,
    OutboundState,
)
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.errors import add_problem_handlers
from backend.core.pages import add_pages
from backend.core.settings import Settings
from backend.customers.models import Customer
from channels.sending import Outgoing
from channels.web import connector
from channels.web.sender import WebSender
from tests.factories import make_customer


@dataclass
class Chat:
    """The running web chat, and the worker's part of it played by the test."""

    url: str
    app: FastAPI
    web: connector.WebChat
    clients: list[Visit] = field(default_factory=list)

    async def visit(self, token: str | None = None, is_ours: bool = True) -> Visit:
        """Connect a client and ask for a session."""
        visit = Visit(socketio.AsyncClient(reconnection=False))
        self.clients.append(visit)
        await visit.connect(self.url, token, is_ours)
        return visit

    async def answer(self, said: str, notify: bool = True, **reply: Any) -> int:
        """Answer the last message as the worker does: queue, send, mark as sent. Gives the outbound id."""
        state = self.app.state
        async with state.database.session.begin() as session:
            outbound = await self._queue(session, said, reply)
            outbound.state = OutboundState.SENDING
            message = _outgoing(outbound)
            answered = update(InboundMessage).where(InboundMessage.state == InboundState.STORED)
            await session.execute(answered.values(state=InboundState.ANSWERED))
        if notify:
            await WebSender(state.redis).send(message)
        async with state.database.session.begin() as session:
            sent = await session.get_one(OutboundMessage, message.id, with_for_update=True)
            sent.platform_id = str(message.id)
            if sent.state == OutboundState.SENDING:
                sent.state = OutboundState.SENT
        return message.id

    async def _queue(self, session: AsyncSession, said: str, reply: dict[str, Any]) -> OutboundMessage:
        newest = select(Conversation).order_by(Conversation.id.desc()).limit(1)
        # A page shows its message at once; that it is stored may take a moment.
        async with asyncio.timeout(30):
            while (conversation := await session.scalar(newest)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        contact = await session.get_one(Contact, conversation.contact_id)
        return await queue_reply(session, conversation, contact, Identity(0), Reply(said, **reply))

    async def bind(self) -> Contact:
        """The only contact proves to be the only customer."""
        state = self.app.state
        async with state.database.session() as session:
            customer = await session.scalar(select(Customer)) or await make_customer(session, state.vault)
        async with state.database.session.begin() as session:
            contact = (await session.scalars(select(Contact))).one()
            await bind(session, contact, customer.id)
        return contact

    async def unbind(self) -> None:
        """The only contact's proof ends."""
        async with self.app.state.database.session.begin() as session:
            contact = (await session.scalars(select(Contact))).one()
            await unbind(session, contact.id, "test")

    async def rows(self, statement: str) -> list[Any]:
        async with self.app.state.database.session() as session:
            return list((await session.execute(text(statement))).all())


def _outgoing(outbound: OutboundMessage) -> Outgoing:
    return Outgoing(
        id=outbound.id, channel=outbound.channel, account=outbound.account, recipient=outbound.recipient,
        lane=outbound.lane, kind=outbound.kind, text=outbound.text, language=outbound.language, speaker="bot",
        created_at=outbound.created_at, client_id=f"anda-{outbound.id}",
    )  # fmt: skip


@dataclass
class Visit:
    """One browser tab."""

    client: socketio.AsyncClient
    token: str = ""
    heard: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    async def connect(self, url: str, token: str | None, is_ours: bool) -> None:
        confirmed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def on_any(event: str, data: Any = None) -> None:
            self.events.append(event)
            if event == "bot_uttered":
                self.heard.append(data)
            if event == "session_confirm":
                self.token = data
                if not confirmed.done():
                    confirmed.set_result(data)

        self.client.on("*", on_any)
        await self.client.connect(url, transports=["websocket"])
        request = {"session_id": token} | ({"client": "anda"} if is_ours else {})
        await self.client.emit("session_request", request)
        await asyncio.wait_for(confirmed, 5)

    async def call(self, event: str, data: Any = None) -> Any:
        return await self.client.call(event, data, timeout=10)

    async def say(self, message: Any, message_id: str | None = None) -> Any:
        custom = {"message_id": message_id} if message_id else {}
        payload = {"message": message, "session_id": "ignored", "customData": custom}
        return await self.call("user_uttered", payload)

    async def texts(self, count: int) -> list[str]:
        """What was heard, once `count` messages are there."""
        await until(lambda: len(self.heard) >= count)
        return [said["text"] for said in self.heard]

    async def acknowledge(self, seen: bool = False) -> Any:
        return await self.call("received", {"ids": [said["message_id"] for said in self.heard], "seen": seen})


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 10) -> None:
    """Wait for a condition; fails with a time-out."""
    async with asyncio.timeout(seconds):
        while True:
            result = condition()
            if result is True or (not isinstance(result, bool) and await result):
                return
            await asyncio.sleep(0.02)


def make_app(settings: Settings) -> tuple[FastAPI, connector.WebChat]:
    """The web chat alone, wired as the api process wires it."""
    sio = socketio.AsyncServer(
        async_mode="asgi",
        cors_allowed_origins=connector.origin_check(settings),
        max_http_buffer_size=connector.MAX_FRAME,
    )
    app = FastAPI()
    app.state.settings = settings
    app.state.database = Database(settings.database_url)
    app.state.redis = live.connect(settings.redis_url)
    app.state.vault = Vault(settings.encryption_keys.get_secret_value())
    add_problem_handlers(app)
    app.include_router(connector.router)
    add_pages(app, connector.FOLDERS)
    web = connector.register(sio, app.state)
    app.mount("/socket.io", socketio.ASGIApp(sio, socketio_path=""))
    return app, web
