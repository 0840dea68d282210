"""The web chat's way out: the message lies in the database; a notice tells the api processes to show it."""

from __future__ import annotations

import json
import logging
from typing import Any

import redis.asyncio as redis
from redis.exceptions import RedisError

from channels.sending import Outgoing, Sent

log = logging.getLogger(__name__)
NOTICES = "anda:web"


async def notify(client: redis.Redis, sender: str, event: str, **details: Any) -> None:
    """Tell every api process that something happened for this contact; a lost notice only costs seconds."""
    try:
        await client.publish(NOTICES, json.dumps({"to": sender, "event": event, **details}))
    except (RedisError, OSError) as error:
        log.warning("notice_failed", extra={"event_name": event, "error": type(error).__name__})


class WebSender:
    """Sends to web chats. Nothing can go wrong here: whoever is away gets the message on coming back."""

    repeats_when_unknown = True

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    async def send(self, message: Outgoing) -> Sent:
        """Have the message shown where the contact is connected; the page acknowledges it later."""
        await notify(self._client, message.recipient, "message", id=message.id)
        return Sent(str(message.id))

    async def look_up(self, message: Outgoing) -> Sent | None:
        """Sent once stored: pages drop what they already show."""
        return Sent(str(message.id))
