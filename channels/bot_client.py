"""The bot as a function: one stored message in, replies out (docs/contracts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

TIMEOUT = 20.0


class BotFailed(Exception):
    """No usable answer came: an error, a time-out or silence."""


class Button(BaseModel):
    title: str
    payload: str


class BotReply(BaseModel):
    text: str | None = None
    buttons: list[Button] = []
    link: dict[str, Any] | None = None


class BotAnswer(BaseModel):
    """What the bot made of a message; `replies` is never empty."""

    replies: list[BotReply]
    intent: str | None = None
    confidence: float | None = None
    entities: list[dict[str, Any]] = []
    active_form: str | None = None


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
    """Asks the bot at `url`; the same message id again gives the same replies."""

    def __init__(self, url: str, token: str, client: httpx.AsyncClient | None = None) -> None:
        self._url = f"{url.rstrip('/')}/webhooks/anda/message"
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, question: Question) -> BotAnswer:
        """The bot's answer; raises `BotFailed`. Texts are in no error."""
        try:
            response = await self._client.post(self._url, json=question.as_json(), headers=self._headers)
        except httpx.HTTPError as error:
            raise BotFailed(type(error).__name__) from error
        if response.status_code != httpx.codes.OK:
            raise BotFailed(f"HTTP {response.status_code}")
        try:
            answer = BotAnswer.model_validate(response.json())
        except (ValidationError, ValueError) as error:
            raise BotFailed("unreadable answer") from error
        if not any(reply.text or reply.buttons for reply in answer.replies):
            raise BotFailed("empty answer")
        return answer

    async def close(self) -> None:
        await self._client.aclose()
