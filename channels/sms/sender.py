"""Renders a message as an SMS and hands it to Twilio."""

from __future__ import annotations

from datetime import timedelta

from backend.core.settings import Settings
from channels.sending import Outgoing, Sent
from channels.sms.client import TwilioClient
from channels.sms.segments import BODY_LIMIT, count_segments, shorten, units

# Twilio's times have whole seconds, and clocks differ a little.
SKEW = timedelta(seconds=2)
GONE = frozenset({"failed", "undelivered", "canceled"})


class SmsSender:
    """SMS by Twilio. A send of unknown outcome is looked up; what Twilio does not know may be sent again."""

    repeats_when_unknown = True

    def __init__(self, settings: Settings, client: TwilioClient | None = None) -> None:
        self._base_url, self._client = settings.base_url, client or TwilioClient(settings.twilio)
        service = settings.twilio.messaging_service_sid
        self._from = {"messaging_service_sid": service} if service else {"from_": settings.twilio.from_number}

    async def send(self, message: Outgoing) -> Sent:
        """Hand `message` to Twilio."""
        body = self.render(message)
        created = await self._client.create(
            message.recipient, body, self._from, f"{self._base_url}/channels/sms/status"
        )
        return Sent(created.sid, count_segments(body))

    async def look_up(self, message: Outgoing) -> Sent | None:
        """The message among Twilio's recent ones to this number; raises `OutcomeUnknown` while it cannot tell."""
        body = self.render(message)
        for known in await self._client.recent(message.recipient, message.created_at - SKEW):
            if known.body == body and known.status not in GONE:
                return Sent(known.sid, count_segments(body))
        return None

    def render(self, message: Outgoing) -> str:
        """Text, numbered choices and the link as one body of at most 1,600 characters."""
        choices = [
            f"{choice.number or place}. {choice.title}" for place, choice in enumerate(message.choices, 1)
        ]
        link = [f"{message.link.get('title', '')} {message.link['url']}".strip()] if message.link else []
        # Choices and link come last and must stay readable, so a long text gives way to them.
        ending = "\n".join(["", *choices, *link]) if choices or link else ""
        return shorten(message.text, f"{self._base_url}/", BODY_LIMIT - units(ending)) + ending

    async def close(self) -> None:
        await self._client.close()
