"""A fake of Twilio's REST API (Messages): same paths, fields, errors and callbacks; for the demo and tests."""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from twilio.request_validator import RequestValidator

from backend.core import clock
from channels.faults import Fault, Faults
from channels.sms.parse import OPT_IN, OPT_OUT
from channels.sms.segments import BODY_LIMIT, count_segments, units

API = "/2010-04-01/Accounts/{account}"
# Twilio's own numbers for trying errors out.
MAGIC = {"+15005550001": 21211, "+15005550009": 21614, "+15005550004": 21610, "+15005550003": 21408}
ERRORS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21211: (400, "The 'To' number is not a valid phone number."),
    21408: (400, "Permission to send an SMS has not been enabled for the region."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
}
Message = dict[str, Any]


class FakeTwilio:
    """Takes messages as Twilio does, keeps what the phones received, and tells each message's progress.

    `call_back(url, form, signature)` posts a signed callback; `on_change(message)` hears of every step.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        call_back: Callable[[str, dict[str, str], str], Awaitable[None]],
        on_change: Callable[[Message], None] = lambda message: None,
        step: float = 0.3,
    ) -> None:
        self.account_sid, self._token = account_sid, auth_token
        self._call_back, self._on_change, self._step = call_back, on_change, step
        self.messages: list[Message] = []
        self._arrived: dict[str, float] = {}
        self.opted_out: set[str] = set()
        self.media: dict[str, tuple[bytes, str]] = {}
        self.faults = Faults()
        self._progress: set[asyncio.Task[None]] = set()

    def router(self) -> APIRouter:
        """Twilio's paths, and `/_fake/twilio/…` for tests."""
        router = APIRouter()
        router.include_router(self.faults.router("/_fake/twilio"))
        router.add_api_route(f"{API}/Messages.json", self._create, methods=["POST"])
        router.add_api_route(f"{API}/Messages.json", self._list, methods=["GET"])
        router.add_api_route(f"{API}/Messages/{{sid}}.json", self._fetch, methods=["GET"])
        router.add_api_route(f"{API}/Messages/{{sid}}/Media/{{media_sid}}", self._media, methods=["GET"])

        @router.get("/_fake/twilio/messages")
        async def sent() -> list[Message]:
            """What the phones received; `arrived` is when, in seconds of this machine's clock."""
            return [message | {"arrived": self._arrived[message["sid"]]} for message in self.messages]

        return router

    def add_media(self, message_sid: str, data: bytes, content_type: str) -> str:
        """Keep a file of an MMS that a phone sent; gives the address that the callback names."""
        media_sid = f"ME{uuid4().hex}"
        self.media[media_sid] = (data, content_type)
        for oldest in list(self.media)[:-200]:
            del self.media[oldest]
        return f"https://api.twilio.com{API.format(account=self.account_sid)}/Messages/{message_sid}/Media/{media_sid}"

    async def _media(self, request: Request, account: str, sid: str, media_sid: str) -> Response:
        if (fault := await self.faults.next(request.url.path)) is not None:
            return _fault(fault)
        if not self._is_authentic(request, account):
            return _error(20003)
        known = self.media.get(media_sid)
        return Response(known[0], media_type=known[1]) if known else _error(20404)

    def new_sid(self) -> str:
        """An id as Twilio makes them."""
        return f"SM{uuid4().hex}"

    def phone_sent(self, number: str, body: str) -> str | None:
        """Keep the consent that a word of an SMS changes; gives Twilio's own confirmation to the phone, if any."""
        word = body.strip().upper()
        if word in OPT_OUT and number not in self.opted_out:
            self.opted_out.add(number)
            return "You have successfully been unsubscribed. Reply START to resubscribe."
        if word in OPT_IN and number in self.opted_out:
            self.opted_out.discard(number)
            return "You have successfully been re-subscribed. Reply STOP to unsubscribe."
        return None

    async def _create(self, request: Request, account: str) -> JSONResponse:
        if not self._is_authentic(request, account):
            return _error(20003)
        form = {name: str(value) for name, value in (await request.form()).items()}
        fault = await self.faults.next(request.url.path)
        if fault is not None and not fault.takes:
            return _fault(fault)
        if code := self._objection(form):
            return _error(code)
        message = self._take(form)
        if fault is not None:
            await fault.answers()
        return _fault(fault) if fault is not None and fault.status >= 300 else JSONResponse(message, 201)

    def _objection(self, form: dict[str, str]) -> int | None:
        to, body = form.get("To", ""), form.get("Body", "")
        if not to:
            return 21604
        if not form.get("From") and not form.get("MessagingServiceSid"):
            return 21603
        if to in MAGIC:
            return MAGIC[to]
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            return 21211
        if not body:
            return 21602
        if units(body) > BODY_LIMIT:
            return 21617
        # With a Messaging Service the refusal comes later, in the status callback.
        return 21610 if to in self.opted_out and form.get("From") else None

    def _take(self, form: dict[str, str]) -> Message:
        now = _rfc2822(clock.now())
        sid = self.new_sid()
        message = {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": form["Body"],
            "date_created": now,
            "date_sent": None,
            "date_updated": now,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": str(count_segments(form["Body"])),
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "queued" if form.get("From") else "accepted",
            "subresource_uris": {
                "media": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{sid}/Media.json"
            },
            "to": form["To"],
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{sid}.json",
        }
        self.messages.append(message)
        self._arrived[sid] = time.time()
        for old in self.messages[:-5000]:
            del self._arrived[old["sid"]]
        del self.messages[:-5000]
        self._on_change(message)
        task = asyncio.create_task(self._deliver(message, form.get("StatusCallback", "")))
        self._progress.add(task)
        task.add_done_callback(self._progress.discard)
        return message

    async def _deliver(self, message: Message, status_callback: str) -> None:
        steps: list[tuple[str, int | None]] = [("sent", None), ("delivered", None)]
        if message["to"] in self.opted_out:
            steps = [("failed", 21610)]
        for status, error in steps:
            await asyncio.sleep(self._step)
            message.update(status=status, error_code=error, date_updated=_rfc2822(clock.now()))
            message["date_sent"] = message["date_sent"] or message["date_updated"]
            self._on_change(message)
            if status_callback:
                form = self._callback_form(message)
                await self._call_back(status_callback, form, self.sign(status_callback, form))

    def sign(self, url: str, form: dict[str, str]) -> str:
        """The signature that Twilio puts on a callback."""
        return str(RequestValidator(self._token).compute_signature(url, form))

    def _callback_form(self, message: Message) -> dict[str, str]:
        form = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "From": message["from"] or "",
            "MessageSid": message["sid"],
            "MessageStatus": message["status"],
            "SmsSid": message["sid"],
            "SmsStatus": message["status"],
            "To": message["to"],
        }
        return form | ({"ErrorCode": str(message["error_code"])} if message["error_code"] else {})

    async def _list(self, request: Request, account: str) -> JSONResponse:
        if not self._is_authentic(request, account):
            return _error(20003)
        to, size = request.query_params.get("To"), int(request.query_params.get("PageSize", "50"))
        newest_first = [m for m in reversed(self.messages) if to in (None, m["to"])]
        page = {"messages": newest_first[:size], "page": 0, "page_size": size, "start": 0, "end": 0}
        return JSONResponse(
            page
            | {
                "uri": str(request.url.path),
                "first_page_uri": "",
                "next_page_uri": None,
                "previous_page_uri": None,
            }
        )

    async def _fetch(self, request: Request, account: str, sid: str) -> JSONResponse:
        if not self._is_authentic(request, account):
            return _error(20003)
        found = next((m for m in self.messages if m["sid"] == sid), None)
        return JSONResponse(found) if found else _error(20404)

    def _is_authentic(self, request: Request, account: str) -> bool:
        expected = base64.b64encode(f"{self.account_sid}:{self._token}".encode()).decode()
        given = request.headers.get("authorization", "")
        return account == self.account_sid and hmac.compare_digest(
            given.encode(), f"Basic {expected}".encode()
        )

    async def settled(self) -> None:
        """Return once every message's progress was told."""
        await asyncio.gather(*self._progress)

    async def close(self) -> None:
        """Stop telling progress."""
        for task in list(self._progress):
            task.cancel()
        await asyncio.gather(*self._progress, return_exceptions=True)


def _rfc2822(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S +0000")


def _error(code: int) -> JSONResponse:
    status, text = ERRORS.get(code, (400, "Error"))
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": text, "more_info": more, "status": status}, status)


def _fault(fault: Fault) -> JSONResponse:
    if fault.code:
        text = ERRORS.get(fault.code, (0, "Error"))[1]
        more = f"https://www.twilio.com/docs/errors/{fault.code}"
        body = {"code": fault.code, "message": text, "more_info": more, "status": fault.status}
        return JSONResponse(body, fault.status)
    return JSONResponse({}, fault.status)
