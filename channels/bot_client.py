"""The bot as a function: one stored message in, replies out (docs/contracts.md)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from pydantic import BaseModel, ValidationError

TIMEOUT = 20.0
# Less than the bot's server keeps an idle connection.
KEPT_FOR = 4.0
# While it, or the CRM behind it, is away, asking it again for everybody would only keep it from coming back.
FAILURES_IN_A_ROW = 5
THEN_ONCE_IN = 0.25  # seconds


class BotFailed(Exception):
    """No usable answer came: an error, a time-out or silence."""


class NotAsked(BotFailed):
    """It keeps failing for everybody and was not asked this time: that says nothing about this question."""


class Button(BaseModel):
    title: str
    payload: str


class Fact(BaseModel):
    label: str
    value: str


class Card(BaseModel):
    """A claim, a policy or an article at a glance, where a channel can show one; the reply's text says it all."""

    title: str
    subtitle: str | None = None
    kind: str | None = None
    badge: str | None = None
    url: str | None = None
    facts: list[Fact] = []
    buttons: list[Button] = []

    def as_payload(self) -> dict[str, Any]:
        """As the outbox keeps it: its buttons follow the reply's own, so their number is enough."""
        return self.model_dump(exclude={"buttons"}, exclude_none=True) | {"buttons": len(self.buttons)}


class BotReply(BaseModel):
    text: str | None = None
    buttons: list[Button] = []
    link: dict[str, Any] | None = None
    cards: list[Card] = []

    @property
    def offered(self) -> list[Button]:
        """Its buttons and those of its cards, in order."""
        return [*self.buttons, *(button for card in self.cards for button in card.buttons)]

    @property
    def payload(self) -> dict[str, Any]:
        """What goes with the text, as the outbox keeps it."""
        cards = {"cards": [card.as_payload() for card in self.cards]} if self.cards else {}
        return ({"link": self.link} if self.link else {}) | cards


class BotAnswer(BaseModel):
    """What the bot made of a message; `replies` is never empty."""

    replies: list[BotReply]
    intent: str | None = None
    confidence: float | None = None
    entities: list[dict[str, Any]] = []
    active_form: str | None = None
    asked: str | None = None
    model: str | None = None
    guesses: list[dict[str, Any]] = []
    fell_back: bool = False

    @property
    def understanding(self) -> dict[str, Any]:
        """How the message was understood, as the record keeps it beside intent and confidence."""
        people = [str(one.get("value")) for one in self.entities if one.get("entity") == "person"]
        kept: dict[str, Any] = {"asked": self.asked} if self.active_form else {}
        kept |= {"model": self.model, "guesses": self.guesses, "fell_back": self.fell_back, "people": people}
        return {"step": self.active_form} | {name: value for name, value in kept.items() if value}


@dataclass(frozen=True)
class Question:
    """A stored message as the bot is asked it."""

    message_id: int
    sender_id: str
    text: str
    command: str | None
    language: str
    channel: str
    level: int
    received_at: str

    def as_json(self) -> dict[str, Any]:
        return {
            "message_id": str(self.message_id),
            "sender_id": self.sender_id,
            "text": self.text,
            "command": self.command,
            "language": self.language,
            "channel": self.channel,
            "level": self.level,
            "received_at": self.received_at,
        }


class BotClient:
    """Asks the bot at `url`; the same message id again gives the same replies.

    After five failures in a row it is asked four times a second only, until it answers; other questions fail at once.
    """

    def __init__(self, url: str, token: str, timeout: float = TIMEOUT) -> None:
        self._url = f"{url.rstrip('/')}/webhooks/anda/message"
        self._headers, self._timeout = {"Authorization": f"Bearer {token}"}, aiohttp.ClientTimeout(timeout)
        # aiohttp where httpx serves elsewhere: it asks in a third of the time, and every answer waits for this.
        self._client: aiohttp.ClientSession | None = None
        self._failures = 0
        self._asked_at = float("-inf")

    async def ask(self, question: Question) -> BotAnswer:
        """The bot's answer; raises `BotFailed`, or `NotAsked` of that kind. Texts are in no error."""
        now = time.monotonic()
        if self._failures >= FAILURES_IN_A_ROW and now - self._asked_at < THEN_ONCE_IN:
            raise NotAsked("not asked")
        self._asked_at = now
        try:
            answer = await self._ask(question)
        except BotFailed:
            self._failures += 1
            raise
        self._failures = 0
        return answer

    async def _ask(self, question: Question) -> BotAnswer:
        if self._client is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_FOR)
            self._client = aiohttp.ClientSession(
                connector=connector, headers=self._headers, timeout=self._timeout
            )
        try:
            async with self._client.post(self._url, json=question.as_json()) as response:
                status, body = response.status, await response.read()
        except TimeoutError as error:
            raise BotFailed("Timeout") from error
        except aiohttp.ClientError as error:
            raise BotFailed(type(error).__name__) from error
        if status != HTTPStatus.OK:
            raise BotFailed(f"HTTP {status}")
        try:
            answer = BotAnswer.model_validate_json(body)
        except ValidationError as error:
            raise BotFailed("unreadable answer") from error
        if not any(reply.text or reply.buttons for reply in answer.replies):
            raise BotFailed("empty answer")
        return answer

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
