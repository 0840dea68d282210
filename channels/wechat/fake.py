"""A fake of WeChat's API for official accounts: same paths, fields, errors and quotas; for the demo and tests."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from backend.core import clock
from channels.faults import Fault, Faults
from channels.wechat.fake_media import FakeMedia

ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{4}")
QUOTAS = {"message": (5, timedelta(hours=48)), "event": (3, timedelta(minutes=1))}
TOKEN_LIFE = 7200
OLD_TOKEN_LIFE = timedelta(minutes=5)
ERRORS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40005: "invalid file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    41001: "access_token missing",
    43004: "require subscribe",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    41005: "media data missing",
    45008: "article size out of limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "no exchange within 30 seconds",
    45081: "already typing",
    47001: "data format error",
    47003: "argument invalid!",
}
Answer = dict[str, Any]


@dataclass
class Person:
    """A WeChat user as the platform knows one."""

    follows: bool = True
    last_spoke: datetime | None = None
    typing_until: datetime | None = None
    # [until, sends left]
    allowances: list[list[Any]] = field(default_factory=list)

    def spend(self, now: datetime) -> int:
        """Use one send; gives 0, or the error code that refuses it."""
        valid = [allowance for allowance in self.allowances if allowance[0] > now]
        if not valid:
            return 45015
        usable = [allowance for allowance in valid if allowance[1] > 0]
        if not usable:
            return 45047
        min(usable, key=lambda allowance: allowance[0])[1] -= 1
        return 0


class FakeWeChat:
    """One official account. `on_message(openid, message)` hears what the phones receive."""

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        on_message: Callable[[str, Answer], None] = lambda openid, message: None,
        on_template: Callable[[str, str, str], None] = lambda openid, msgid, status: None,
    ) -> None:
        self.app_id, self._secret = app_id, app_secret
        self._on_message, self._on_template = on_message, on_template
        self.people: dict[str, Person] = {}
        self.messages: list[Answer] = []
        self.menu: Answer | None = None
        self.token_requests = 0
        self.faults = Faults()
        self.media = FakeMedia()
        # What TEMPLATESENDJOBFINISH tells: `success`, `failed:user block`, `failed: system failed`.
        self.template_result = "success"
        self._token = self._previous = ""
        self._previous_until = clock.now()
        self._templates: dict[str, tuple[datetime, int]] = {}

    def router(self) -> APIRouter:
        """The platform's paths, and `/_fake/wechat/…` for tests."""
        router = APIRouter()
        router.include_router(self.faults.router("/_fake/wechat"))
        router.add_api_route("/cgi-bin/stable_token", self._stable_token, methods=["POST"])
        for path, serve in {
            "message/custom/send": self._send,
            "message/custom/typing": self._typing,
            "message/template/send": self._template,
            "menu/create": self._menu,
        }.items():
            router.add_api_route(f"/cgi-bin/{path}", self._authenticated(serve), methods=["POST"])
        router.add_api_route("/cgi-bin/media/upload", self._upload, methods=["POST"])
        router.add_api_route("/cgi-bin/media/get", self._get_media, methods=["GET"])

        @router.get("/_fake/wechat/messages")
        async def sent() -> list[Answer]:
            return self.messages

        @router.post("/_fake/wechat/exchange/{openid}", status_code=204)
        async def exchange(openid: str, kind: str = "message") -> None:
            self.heard_from(openid, kind)

        @router.put("/_fake/wechat/template-result", status_code=204)
        async def set_template_result(status: str) -> None:
            self.template_result = status

        @router.delete("/_fake/wechat/token", status_code=204)
        async def revoke() -> None:
            self.revoke_token()

        return router

    def heard_from(self, openid: str, kind: str) -> None:
        """The person wrote (`message`) or tapped, followed, scanned (`event`): the account may send for a while."""
        person = self.people.setdefault(openid, Person())
        sends, life = QUOTAS[kind]
        person.allowances.append([clock.now() + life, sends])
        person.last_spoke = clock.now()

    def follow(self, openid: str, follows: bool) -> None:
        """The person follows or leaves the account; who leaves cannot be sent anything."""
        person = self.people.setdefault(openid, Person())
        person.follows = follows
        if not follows:
            person.allowances.clear()

    def revoke_token(self) -> None:
        """Make the present token invalid, as another system's forced refresh would."""
        self._token = self._previous = ""

    def _authenticated(self, serve: Callable[[Answer, bytes], Answer]) -> Callable[[Request], Any]:
        async def call(request: Request) -> JSONResponse:
            body = await request.body()
            fault = await self.faults.next(request.url.path)
            if fault is not None and not fault.takes:
                return _answer_of(fault)
            answer = self._refusal(request.query_params.get("access_token")) or self._call(serve, body)
            if fault is None:
                return JSONResponse(answer)
            await fault.answers()
            return JSONResponse({}, fault.status)

        return call

    async def _upload(self, request: Request) -> JSONResponse:
        if (fault := await self.faults.next(request.url.path)) is not None:
            return _answer_of(fault)
        if refusal := self._refusal(request.query_params.get("access_token")):
            return JSONResponse(refusal)
        sent = (await request.form()).get("media")
        if not isinstance(sent, UploadFile):
            return JSONResponse(_error(41005))
        data, content_type = await sent.read(), sent.content_type or ""
        if code := self.media.objection(data, content_type):
            return JSONResponse(_error(code))
        media_id = self.media.add(data, content_type)
        return JSONResponse(
            {"type": "image", "media_id": media_id, "created_at": int(clock.now().timestamp())}
        )

    async def _get_media(self, request: Request) -> Response:
        if (fault := await self.faults.next(request.url.path)) is not None:
            return _answer_of(fault)
        if refusal := self._refusal(request.query_params.get("access_token")):
            return JSONResponse(refusal)
        known = self.media.files.get(request.query_params.get("media_id", ""))
        if known is None:
            return JSONResponse(_error(40007))
        data, content_type = known
        if content_type.startswith("video/"):
            return JSONResponse({"video_url": "https://video.example/expires-soon"})
        return Response(data, media_type=content_type)

    def _refusal(self, token: str | None) -> Answer | None:
        if not token:
            return _error(41001)
        is_old = token == self._previous and clock.now() < self._previous_until
        return None if self._token and (token == self._token or is_old) else _error(40001)

    def _call(self, serve: Callable[[Answer, bytes], Answer], body: bytes) -> Answer:
        try:
            message = json.loads(body.decode())
        except ValueError:
            return _error(47001)
        return serve(message, body) if isinstance(message, dict) else _error(47001)

    async def _stable_token(self, request: Request) -> Answer:
        asked = await request.json()
        self.token_requests += 1
        if asked.get("appid") != self.app_id:
            return _error(40013)
        if asked.get("secret") != self._secret:
            return _error(40125)
        if not self._token or asked.get("force_refresh"):
            self._previous, self._previous_until = self._token, clock.now() + OLD_TOKEN_LIFE
            self._token = secrets.token_urlsafe(96)
        return {"access_token": self._token, "expires_in": TOKEN_LIFE}

    def _send(self, message: Answer, raw: bytes) -> Answer:
        openid = str(message.get("touser", ""))
        if ESCAPE.search(raw):
            return _error(40033)
        if not re.fullmatch(r"o[\w-]{27}", openid):
            return _error(40003)
        if code := _content_error(message):
            return _error(code)
        if message["msgtype"] == "image" and message["image"].get("media_id") not in self.media.files:
            return _error(40007)
        person = self.people.get(openid)
        if person is not None and not person.follows:
            return _error(43004)
        if code := person.spend(clock.now()) if person else 45015:
            return _error(code)
        self._keep(openid, message)
        return _error(0)

    def _keep(self, openid: str, message: Answer) -> None:
        self.people[openid].typing_until = None
        self.messages.append(message)
        del self.messages[:-5000]
        self._on_message(openid, message)

    def _typing(self, message: Answer, raw: bytes) -> Answer:
        openid, command = str(message.get("touser", "")), message.get("command")
        person, now = self.people.get(openid), clock.now()
        if command not in ("Typing", "CancelTyping"):
            return _error(45072)
        if person is None or person.last_spoke is None or now - person.last_spoke > timedelta(seconds=30):
            return _error(45080)
        if command == "Typing" and person.typing_until and person.typing_until > now:
            return _error(45081)
        person.typing_until = now + timedelta(seconds=15) if command == "Typing" else None
        self._on_message(openid, {"msgtype": "typing", "is_on": command == "Typing"})
        return _error(0)

    def _template(self, message: Answer, raw: bytes) -> Answer:
        openid, now = str(message.get("touser", "")), clock.now()
        if not message.get("template_id"):
            return _error(40037)
        if not isinstance(message.get("data"), dict) or not message["data"]:
            return _error(47003)
        if not self.people.setdefault(openid, Person()).follows:
            return _error(43004)
        client_id = str(message.get("client_msg_id", ""))
        sent_at, msgid = self._templates.get(client_id, (now, 0))
        if not msgid or now - sent_at > timedelta(minutes=10):
            msgid = secrets.randbelow(10**15) + 10**15
            if client_id:
                self._templates[client_id] = (now, msgid)
            self._keep(openid, message | {"msgtype": "template"})
            self._on_template(openid, str(msgid), self.template_result)
        return _error(0) | {"msgid": msgid}

    def _menu(self, message: Answer, raw: bytes) -> Answer:
        if not isinstance(message.get("button"), list) or ESCAPE.search(raw):
            return _error(40033)
        self.menu = message
        return _error(0)


def _content_error(message: Answer) -> int:
    kind = message.get("msgtype")
    content = message.get(kind) if isinstance(kind, str) else None
    if not isinstance(content, dict):
        return 40008
    if kind == "text" and not content.get("content"):
        return 44004
    if kind == "news":  # one article, since 2018
        articles = content.get("articles")
        return 0 if isinstance(articles, list) and len(articles) == 1 and articles[0].get("url") else 45008
    text = content.get("content") or content.get("head_content") or ""
    return 45002 if len(str(text).encode()) > 2048 else 0


def _error(code: int) -> Answer:
    return {"errcode": code, "errmsg": ERRORS.get(code, "error") if code else "ok"}


def _answer_of(fault: Fault) -> JSONResponse:
    return JSONResponse(_error(fault.code) if fault.code else {}, fault.status)
