"""Renders a message as an SMS and hands it to Twilio."""

from __future__ import annotations

from datetime import timedelta

from backend.core.settings import Settings
from channels.sending import Outgoing, SendRejected, Sent
from channels.sms.client import TwilioClient
from channels.sms.parse import MAINLAND
from channels.sms.segments import LONGEST_ANSWER, LONGEST_MAINLAND, count_segments, in_bodies, shorten

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
        """Hand `message`, or the part of it that is due, to Twilio."""
        bodies = self.bodies(message)
        place = min(message.part, len(bodies) - 1)
        created = await self._client.create(
            message.recipient, bodies[place], self._from, f"{self._base_url}/channels/sms/status"
        )
        return _sent(created.sid, bodies, place)

    async def look_up(self, message: Outgoing) -> Sent | None:
        """The message among Twilio's recent ones to this number; raises `OutcomeUnknown` while it cannot tell."""
        bodies = self.bodies(message)
        place = min(message.part, len(bodies) - 1)
        for known in await self._client.recent(message.recipient, message.created_at - SKEW):
            if known.body == bodies[place] and known.status not in GONE:
                return _sent(known.sid, bodies, place)
        return None

    def bodies(self, message: Outgoing) -> list[str]:
        """Text, numbered choices and the link; a long answer shortened, what an agent wrote in full, in several.

        A number in mainland China gets the text alone, which is a registered wording.
        """
        if message.recipient.startswith(MAINLAND):
            return [shorten(message.text, "", LONGEST_MAINLAND)]
        if not message.text and message.image and not message.leads_to:
            raise SendRejected("no_pictures")
        choices = [
            f"{choice.number or place}. {choice.title}" for place, choice in enumerate(message.choices, 1)
        ]
        way = message.leads_to
        link = [f"{way.get('title', '')} {way['url']}".strip()] if way else []
        # Choices and link come last and must stay readable, so a long text gives way to them.
        ending = "\n".join(["", *choices, *link]) if choices or link else ""
        if message.speaker == "agent":
            return in_bodies((message.text + ending).strip())
        return [shorten(message.text, ending, LONGEST_ANSWER, f"{self._base_url}{message.more}")]

    async def close(self) -> None:
        await self._client.close()


def _sent(sid: str | None, bodies: list[str], place: int) -> Sent:
    return Sent(sid, count_segments(bodies[place]), is_all=place == len(bodies) - 1)
