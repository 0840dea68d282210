"""A phone that texts over Twilio's real callback, signed with Twilio's library, and reads what the fake received."""

from __future__ import annotations

import secrets
import time

import httpx
from dotenv import dotenv_values
from twilio.request_validator import RequestValidator

from tests.e2e.conftest import Product


class SmsPhone:
    """One phone number; `send` gives the webhook's status."""

    def __init__(self, product: Product, number: str) -> None:
        self._product, self.number = product, number
        made_up = dotenv_values(product.data_folder / "secrets.env")
        self._settings = {**made_up, **product.environment}

    def send(self, text: str, signature: str | None = None, sid: str | None = None) -> int:
        """Text the insurer, as Twilio posts it: once more after a failed connection."""
        url = f"{self._product.base_url}/channels/sms/inbound"
        form = {
            "MessageSid": sid or f"SM{secrets.token_hex(16)}",
            "AccountSid": str(self._settings["TWILIO_ACCOUNT_SID"]),
            "From": self.number,
            "To": str(self._settings["TWILIO_FROM_NUMBER"]),
            "Body": text,
            "NumMedia": "0",
        }
        signed = RequestValidator(self._settings["TWILIO_AUTH_TOKEN"]).compute_signature(url, form)
        headers = {"X-Twilio-Signature": (signature or signed).encode()}
        for _ in range(20):
            try:
                return httpx.post(url, data=form, headers=headers, timeout=15, trust_env=False).status_code
            except httpx.HTTPError:
                time.sleep(1)
        raise AssertionError("the webhook did not answer")

    def received(self) -> list[dict[str, str]]:
        """What arrived on this phone, oldest first."""
        url = f"{self._product.simulator_url}/_fake/twilio/messages"
        messages: list[dict[str, str]] = httpx.get(url, timeout=15, trust_env=False).json()
        return [message for message in messages if message["to"] == self.number]

    def wait_for(self, count: int, seconds: float) -> None:
        """Wait until at least `count` messages arrived."""
        deadline = time.monotonic() + seconds
        while len(self.received()) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.received())} of {count} messages arrived in {seconds:.0f} s")
            time.sleep(0.3)
