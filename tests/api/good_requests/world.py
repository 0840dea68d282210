"""What good requests are made of: the callers, records set up through the API, and messages as platforms bring them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import bindings
from backend.conversations.models import Contact, InboundMedia, InboundMessage
from backend.core.access import COOKIE
from backend.core.crypto import Vault
from backend.core.db import Database
from channels.web.tokens import Tokens
from tests.factories import customer_says

Given = TypeVar("Given")


@dataclass(frozen=True)
class Ask:
    """A good request: what fills the path, and what goes with it."""

    fill: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    params: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    files: dict[str, Any] | None = None
    data: dict[str, str] | None = None


@dataclass(frozen=True)
class Said:
    """A stored message: who it names to the bot's operations, and where it was said."""

    message_id: int
    conversation_id: int
    contact_id: int

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Anda-Message": str(self.message_id)}


@dataclass(frozen=True)
class SentPicture:
    """A picture of the chat, the message it came with, and the header of its sender's session."""

    id: int
    said: Said
    session: dict[str, str]


Builder = Callable[["World", str], Ask]
REQUESTS: dict[str, Builder] = {}


def good(operation: str) -> Callable[[Builder], Builder]:
    """The function below makes this operation's request, with fresh state where it is used up."""

    def keep(builder: Builder) -> Builder:
        assert operation not in REQUESTS, operation
        REQUESTS[operation] = builder
        return builder

    return keep


def bare(*operations: str, **params: Any) -> None:
    """Operations that need nothing but their address."""
    for operation in operations:
        good(operation)(lambda world, role: Ask(params=params or None))


def some(word: str = "r") -> str:
    """A name that nobody has yet."""
    return f"{word}{secrets.token_hex(5)}"


def digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))


class World:
    """The demo company while it is asked; `callers` are the clients of every role."""

    def __init__(
        self, callers: dict[str, httpx.Client], base_url: str, database_url: str, vault: Vault
    ) -> None:
        self.callers, self.base_url, self.vault = callers, base_url, vault
        self._database_url = database_url

    def send(self, role: str, operation: str, ask: Ask) -> httpx.Response:
        """The request as this role sends it."""
        method, path = operation.split(" ", 1)
        headers = {"Idempotency-Key": secrets.token_hex(8)} | ask.headers
        if ask.files:
            headers["Origin"] = self.base_url
        return self.callers[role].request(
            method, path.format(**ask.fill), json=ask.json, params=ask.params, headers=headers,
            files=ask.files, data=ask.data,
        )  # fmt: skip

    def do(self, role: str, operation: str, *, json: Any = None, **fill: Any) -> Any:
        """Set something up; gives the answer's body."""
        return self.ask(role, operation, Ask(fill=fill, json=json))

    def ask(self, role: str, operation: str, ask: Ask) -> Any:
        answer = self.send(role, operation, ask)
        assert answer.is_success, f"setting up: {operation} as {role}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def sql(self, query: str, *values: Any) -> Any:
        """What only the worker writes; the first column of the first row, if there is one."""
        with psycopg.connect(self._database_url) as connection:
            cursor = connection.execute(query.encode(), values)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    def says(self, text: str = "你好", customer_id: int | None = None, **values: Any) -> Said:
        """A message of a new contact, who has proved to be this customer when one is named."""

        async def act(session: AsyncSession) -> Said:
            sender = values.pop("sender", f"+1212555{digits(4)}-{secrets.token_hex(3)}")
            receipt = await customer_says(session, self.vault, text, sender=sender, **values)
            message = await session.get_one(InboundMessage, receipt.inbound_id)
            if customer_id is not None:
                contact = await session.get_one(Contact, message.contact_id)
                await bindings.bind(session, contact, customer_id)
            return Said(message.id, message.conversation_id, message.contact_id)

        return self.stored(act)

    def stored(self, act: Callable[[AsyncSession], Awaitable[Given]]) -> Given:
        """Do something with a session of the api's database, and commit."""

        async def run() -> Given:
            database = Database(self._database_url, pool_size=1)
            try:
                async with database.session() as session:
                    done = await act(session)
                    await session.commit()
                    return done
            finally:
                await database.close()

        return asyncio.run(run())

    def web_upload(self, picture: bytes) -> tuple[Ask, dict[str, str]]:
        """A new visitor's picture, and the header of the visitor's session."""
        headers = {"X-Anda-Session": Tokens(self.vault).issue()}
        return Ask(
            files={"file": ("invoice.png", picture, "image/png")},
            data={"message_id": some()},
            headers=headers,
        ), headers

    def sent_picture(self, picture: bytes, customer_id: int) -> SentPicture:
        """A picture that this customer, who proved to be so, sent in the web chat."""
        ask, headers = self.web_upload(picture)
        media_id: int = self.ask("service", "POST /channels/web/uploads", ask)["media_id"]

        async def act(session: AsyncSession) -> Said:
            media = await session.get_one(InboundMedia, media_id)
            message = await session.get_one(InboundMessage, media.inbound_id)
            await bindings.bind(session, await session.get_one(Contact, message.contact_id), customer_id)
            return Said(message.id, message.conversation_id, message.contact_id)

        return SentPicture(media_id, self.stored(act), headers)

    def customer(self, **values: Any) -> dict[str, Any]:
        """A new customer."""
        body = {"name": some("客户")} | values
        made: dict[str, Any] = self.do("admin", "POST /api/v1/customers", json=body)
        return made

    def session_of(self, username: str, password: str) -> str:
        """A new browser's cookie, as a header."""
        body = {"username": username, "password": password}
        answer = httpx.post(f"{self.base_url}/api/v1/auth/login", json=body, trust_env=False, timeout=60)
        assert answer.status_code == 200, answer.text
        return f"{COOKIE}={answer.cookies[COOKIE]}"
