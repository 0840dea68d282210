"""The phone's SMS app: what a person sends goes out as Twilio's signed callback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from backend.core.settings import TwilioSettings
from channels.simulator.phones import Phones
from channels.simulator.pictures import File
from channels.simulator.webhooks import Webhooks
from channels.sms.fake import FakeTwilio
from channels.sms.segments import count_segments

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
DONE = {"queued": "sent", "accepted": "sent"}


class SmsApp:
    """Plays the SMS side of every phone against `platform`, a fake of Twilio."""

    def __init__(self, settings: TwilioSettings, webhooks: Webhooks, phones: Phones) -> None:
        self._settings, self._webhooks, self._phones = settings, webhooks, phones
        # A Messaging Service has numbers of its own, which no setting names.
        self.our_number = settings.from_number or "+15550100000"
        self.platform = FakeTwilio(
            settings.account_sid, settings.auth_token.get_secret_value(), self._call_back, self._on_change
        )

    async def send(self, number: str, body: str, files: Sequence[File] = ()) -> bool:
        """Send an SMS, or with `files` an MMS, from `number` to us; False when our webhook did not take it twice."""
        sid = self.platform.new_sid()
        urls = [self.platform.add_media(sid, *file) for file in files]
        pictures = [
            {"id": url.rpartition("/")[2], "type": file[1]} for url, file in zip(urls, files, strict=True)
        ]
        self._phones.add(number, "sms", "out", id=sid, text=body, pictures=pictures)
        confirmation = self.platform.phone_sent(number, body)
        if confirmation:
            self._phones.add(number, "sms", "in", id=f"{sid}-consent", text=confirmation)
        form = self._form(number, body, sid) | {"NumMedia": str(len(files))}
        for place, (url, (_, content_type)) in enumerate(zip(urls, files, strict=True)):
            form |= {f"MediaUrl{place}": url, f"MediaContentType{place}": content_type}
        url = f"{self._webhooks.public_url}/channels/sms/inbound"
        headers = FORM | {
            "X-Twilio-Signature": self.platform.sign(url, form),
            "I-Twilio-Idempotency-Token": f"{sid}-0",
        }
        for _ in range(2):
            response = await self._webhooks.post(
                number, url, urlencode(form).encode(), headers, _readable(form), 15
            )
            if response is not None and response.status_code < 400:
                self._phones.add(number, "sms", "status", id=sid, status="delivered")
                return True
        self._phones.add(number, "sms", "status", id=sid, status="failed")
        return False

    def _form(self, number: str, body: str, sid: str) -> dict[str, str]:
        form = {
            "ToCountry": "US",
            "ToState": "",
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": sid,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": body,
            "FromCountry": "US",
            "To": self.our_number,
            "MessageSid": sid,
            "AccountSid": self._settings.account_sid,
            "From": number,
            "ToZip": "",
            "NumSegments": str(max(count_segments(body), 1)),
            "ApiVersion": "2010-04-01",
        }
        service = self._settings.messaging_service_sid
        return form | ({"MessagingServiceSid": service} if service else {})

    async def _call_back(self, url: str, form: dict[str, str], signature: str) -> None:
        headers = FORM | {"X-Twilio-Signature": signature}
        await self._webhooks.post(form["To"], url, urlencode(form).encode(), headers, _readable(form))

    def _on_change(self, message: dict[str, Any]) -> None:
        """Twilio took one of our messages, or it went a step further; the phone has it once it is delivered."""
        if message["status"] == "delivered":
            self._phones.add(
                message["to"],
                "sms",
                "in",
                id=message["sid"],
                text=message["body"],
                segments=int(message["num_segments"]),
            )


def _readable(form: dict[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in form.items())
