"""Twilio's own library over httpx, at the address that TWILIO_API_URL names."""

from __future__ import annotations

import logging
from datetime import datetime

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from backend.core.files import LARGEST, TooLarge
from backend.core.settings import TwilioSettings
from channels.fetching import MediaGone
from channels.sending import OutcomeUnknown, SendLater
from channels.sms.errors import failure_of
from channels.vendors import http_client

RECENT = 20


class RewrittenHttpClient(AsyncHttpClient):  # type: ignore[misc] # the library has no types
    """Sends what Twilio's library asks for to another scheme and host; paths stay as they are."""

    def __init__(self, api_url: str, http: httpx.AsyncClient) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True)
        self._api, self._http = httpx.URL(api_url), http

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Twilio's request, made by httpx."""
        url = httpx.URL(uri).copy_with(scheme=self._api.scheme, host=self._api.host, port=self._api.port)
        answer = await self._http.request(
            method,
            url,
            params=params,  # type: ignore[arg-type]
            data=data,
            headers=headers,
            auth=auth,
            follow_redirects=allow_redirects,
        )
        return Response(answer.status_code, answer.text, answer.headers)


class TwilioClient:
    """The calls we need; failures come as the outbox's three exceptions."""

    def __init__(self, settings: TwilioSettings, http: httpx.AsyncClient | None = None) -> None:
        self._http = http or http_client(settings.api_url)
        self._settings, self._api = settings, httpx.URL(settings.api_url)
        self._twilio = Client(
            settings.account_sid,
            settings.auth_token.get_secret_value(),
            http_client=RewrittenHttpClient(settings.api_url, self._http),
        )

    async def create(
        self, to: str, body: str, sender: dict[str, str], status_callback: str
    ) -> MessageInstance:
        """Send an SMS; raises `SendRejected`, `SendLater` or `OutcomeUnknown`."""
        try:
            return await self._twilio.messages.create_async(
                to=to, body=body, status_callback=status_callback, **sender
            )
        except TwilioRestException as error:
            raise failure_of(error) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise SendLater("unreachable") from error
        except (httpx.HTTPError, ValueError, KeyError) as error:
            # No answer, or none that can be read: the message may be on its way.
            raise OutcomeUnknown(type(error).__name__) from error

    async def recent(self, to: str, since: datetime) -> list[MessageInstance]:
        """Messages to this number created at `since` or later, newest first.

        Raises `OutcomeUnknown` while Twilio does not tell.
        """
        try:
            listed = await self._twilio.messages.list_async(to=to, limit=RECENT, page_size=RECENT)
        except (TwilioException, httpx.HTTPError, ValueError, KeyError) as error:
            raise OutcomeUnknown("lookup_failed") from error
        return [message for message in listed if message.date_created and message.date_created >= since]

    async def fetch_media(self, ref: str) -> bytes:
        """The file of an MMS, at the address that its message named.

        The credentials go to Twilio alone, whatever host the address has; where it redirects to, they do not follow.
        Raises `MediaGone`, `SendLater` or `TooLarge`.
        """
        url = httpx.URL(ref).copy_with(scheme=self._api.scheme, host=self._api.host, port=self._api.port)
        auth = httpx.BasicAuth(self._settings.account_sid, self._settings.auth_token.get_secret_value())
        try:
            async with self._http.stream("GET", url, auth=auth, follow_redirects=True) as answer:
                if answer.status_code in (404, 410):
                    raise MediaGone(f"HTTP {answer.status_code}")
                if answer.status_code != httpx.codes.OK:
                    raise SendLater(f"HTTP {answer.status_code}")
                return await _within(answer, LARGEST)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SendLater(type(error).__name__) from error

    async def close(self) -> None:
        await self._http.aclose()


async def _within(answer: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > limit:
            raise TooLarge("This file is larger than 10 MB.")
    return bytes(body)
