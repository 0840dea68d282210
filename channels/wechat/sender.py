"""Renders a message for WeChat and hands it to the platform."""

from __future__ import annotations

import logging
from typing import Any

from redis.asyncio import Redis

from backend.core.settings import Settings
from channels.sending import OutcomeUnknown, Outgoing, SendLater, SendRejected, Sent
from channels.wechat.client import WeChatClient

log = logging.getLogger(__name__)
TEXT_BYTES = 2047


class WeChatSender:
    """Customer-service messages. The platform cannot be asked what it took: an unknown send is repeated once."""

    repeats_when_unknown = True

    def __init__(self, settings: Settings, redis: Redis, client: WeChatClient | None = None) -> None:
        self._client = client or WeChatClient(settings.wechat, redis)

    async def send(self, message: Outgoing) -> Sent:
        """Hand `message` to the platform, which gives no id."""
        await self._client.send_custom({"touser": message.recipient} | render(message))
        return Sent(None)

    async def look_up(self, message: Outgoing) -> Sent | None:
        """Always None: the platform offers no look-up."""
        return None

    async def show_typing(self, openid: str) -> None:
        """Show "typing" where the platform lets us; never an error."""
        try:
            await self._client.show_typing(openid)
        except (SendRejected, SendLater, OutcomeUnknown) as error:
            log.debug("typing_not_shown", extra={"reason": str(error)})

    async def close(self) -> None:
        await self._client.close()


def render(message: Outgoing) -> dict[str, Any]:
    """A `text`, or a `msgmenu` when there are choices; the link stands at the end of the text."""
    text = plain_text(message)
    if not message.choices:
        return {"msgtype": "text", "text": {"content": text}}
    entries = [{"id": choice.token, "content": choice.title} for choice in message.choices]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": text, "list": entries, "tail_content": ""}}


def plain_text(message: Outgoing) -> str:
    """The text with its link, within what the platform takes."""
    ending = ""
    if message.link:
        ending = "\n" + "\n".join(filter(None, (message.link.get("title"), message.link["url"])))
    return fit_bytes(message.text, TEXT_BYTES - len(ending.encode())) + ending


def fit_bytes(text: str, limit: int) -> str:
    """`text` within `limit` bytes of UTF-8, cut between characters."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= limit:
        return text
    return encoded[: limit - len("…".encode())].decode("utf-8", "ignore").rstrip() + "…"
