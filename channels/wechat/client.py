"""WeChat's API over httpx: raw UTF-8 JSON in, `errcode` out, one token for all processes."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from redis.asyncio import Redis

from backend.core.settings import WeChatSettings
from channels.fetching import MediaGone
from channels.sending import OutcomeUnknown, SendLater, SendRejected
from channels.vendors import http_client
from channels.wechat.errors import TOKEN, failure_of
from channels.wechat.token import FetchedToken, SharedToken

# A gateway answered instead of the platform: the platform may have taken the message all the same.
GATEWAY = frozenset({502, 504})
BINARY = ("image/", "audio/", "video/", "voice/", "application/octet-stream", "application/pdf")
# Where an answer that is no JSON lies.
CONTENT = "content"


class WeChatClient:
    """Calls of one official account; failures come as the outbox's three exceptions."""

    def __init__(self, settings: WeChatSettings, redis: Redis, http: httpx.AsyncClient | None = None) -> None:
        # httpx logs addresses, and the platform wants its token in them.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._settings, self._http = settings, http or http_client(settings.api_url)
        self._api_url = settings.api_url.rstrip("/")
        self.token = SharedToken(redis, settings.app_id, self._fetch_token)

    async def send_custom(self, message: dict[str, Any]) -> None:
        """A customer-service message; the platform gives no id and no idempotency."""
        await self.call("/cgi-bin/message/custom/send", message)

    async def show_typing(self, openid: str) -> None:
        """Show that an answer is being written."""
        await self.call("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})

    async def send_template(
        self, openid: str, template_id: str, data: dict[str, str], client_msg_id: str, url: str = ""
    ) -> str:
        """A template message; the same `client_msg_id` within 10 minutes is one message. Gives its id."""
        values = {name: {"value": value} for name, value in data.items()}
        answer = await self.call(
            "/cgi-bin/message/template/send",
            {
                "touser": openid,
                "template_id": template_id,
                "url": url,
                "data": values,
                "client_msg_id": client_msg_id,
            },
        )
        return str(answer.get("msgid", ""))

    async def upload_picture(self, data: bytes, name: str, content_type: str) -> str:
        """Give the platform a picture; gives the media id to send it by, good for three days."""
        answer = await self._with_token(
            lambda token: self._request(
                "POST",
                "/cgi-bin/media/upload",
                token,
                params={"type": "image"},
                files={"media": (name, data, content_type)},
            )
        )
        return str(answer.get("media_id", ""))

    async def fetch_media(self, ref: str) -> bytes:
        """The content of a media id; raises `MediaGone` when the platform has it no more, `SendLater`, `TooLarge`."""
        try:
            answer = await self._with_token(
                lambda token: self._request("GET", "/cgi-bin/media/get", token, params={"media_id": ref})
            )
        except SendRejected as error:
            raise MediaGone(error.code) from error
        except OutcomeUnknown as error:
            raise SendLater(str(error)) from error
        content = answer.get(CONTENT)
        if not isinstance(content, bytes):  # a video's answer is an address
            raise MediaGone("no_content")
        return content

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST with the token, refreshed and repeated once when it is refused.

        Raises `SendRejected`, `SendLater` or `OutcomeUnknown`.
        """
        return await self._with_token(lambda token: self._post(path, body, token))

    async def _with_token(self, ask: Callable[[str], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        token = await self.token.get()
        answer = await ask(token)
        if answer.get("errcode") in TOKEN:
            answer = await ask(await self.token.replace(token))
        if errcode := answer.get("errcode", 0):
            raise failure_of(int(errcode))
        return answer

    async def _fetch_token(self, force: bool) -> FetchedToken:
        body = {
            "grant_type": "client_credential",
            "appid": self._settings.app_id,
            "secret": self._settings.app_secret.get_secret_value(),
            "force_refresh": force,
        }
        try:
            answer = await self._post("/cgi-bin/stable_token", body, None)
        except OutcomeUnknown as error:  # asking for a token again does no harm
            raise SendLater("no_token") from error
        if "access_token" not in answer:
            raise SendLater(f"no_token {answer.get('errcode', '')}".strip(), retry_after=5.0)
        return FetchedToken(str(answer["access_token"]), int(answer.get("expires_in", 7200)))

    async def _post(self, path: str, body: dict[str, Any], token: str | None) -> dict[str, Any]:
        return await self._request(
            "POST",
            path,
            token,
            # Escapes (\\uXXXX) would be answered with 40033.
            content=json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
            headers={"Content-Type": "application/json; charset=utf-8"},
        )

    async def _request(
        self, method: str, path: str, token: str | None, params: dict[str, str] | None = None, **content: Any
    ) -> dict[str, Any]:
        query = (params or {}) | ({"access_token": token} if token else {})
        try:
            response = await self._http.request(method, f"{self._api_url}{path}", params=query, **content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise SendLater("unreachable") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(type(error).__name__) from error
        return _answer(response)

    async def close(self) -> None:
        await self._http.aclose()


def _answer(response: httpx.Response) -> dict[str, Any]:
    if response.status_code in GATEWAY:
        raise OutcomeUnknown(f"HTTP {response.status_code}")
    if response.status_code != 200:
        raise SendLater(f"HTTP {response.status_code}")
    kind = response.headers.get("content-type", "")
    if kind.startswith(BINARY):
        return {CONTENT: response.content}
    try:
        answer = response.json()
    except ValueError as error:
        raise OutcomeUnknown("unreadable answer") from error
    if not isinstance(answer, dict):
        raise OutcomeUnknown("unreadable answer")
    return answer
