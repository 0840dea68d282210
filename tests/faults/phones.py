"""Customers on the three channels: each posts as its platform does, until the message is acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

import httpx
import socketio
import xmltodict
from socketio.exceptions import SocketIOError
from twilio.request_validator import RequestValidator
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from channels.web.visitors import SWEEP_EVERY

PLATFORM_WAITS = 5.0


@dataclass(frozen=True)
class Address:
    """Where the product and the platforms' fakes are, and the settings that the platforms share with it."""

    base_url: str
    simulator_url: str
    settings: dict[str, str]
    http: httpx.AsyncClient


class Phone(Protocol):
    """One customer on one channel. `received` is what arrived, in order; `dropped` what the page knew already."""

    name: str

    async def post(self, message_id: str, text: str) -> bool:
        """Hand a message over once; True when it was acknowledged."""

    async def received(self) -> list[str]:
        """The texts that arrived, oldest first."""

    async def close(self) -> None: ...


class SmsPhone:
    """Posts Twilio's form, signed."""

    def __init__(self, address: Address, number: int) -> None:
        self._address, self.name = address, f"+1313{5550000 + number:07d}"

    async def post(self, message_id: str, text: str) -> bool:
        settings = self._address.settings
        url = f"{self._address.base_url}/channels/sms/inbound"
        form = {
            "MessageSid": message_id,
            "AccountSid": settings["TWILIO_ACCOUNT_SID"],
            "From": self.name,
            "To": settings["TWILIO_FROM_NUMBER"],
            "Body": text,
            "NumMedia": "0",
        }
        signature = RequestValidator(settings["TWILIO_AUTH_TOKEN"]).compute_signature(url, form)
        return await _post(self._address.http, url, urlencode(form), {
            "X-Twilio-Signature": str(signature),
            "Content-Type": "application/x-www-form-urlencoded",
        })  # fmt: skip

    async def received(self) -> list[str]:
        answer = await self._address.http.get(f"{self._address.simulator_url}/_fake/twilio/messages")
        return [str(message["body"]) for message in answer.json() if message["to"] == self.name]

    async def close(self) -> None:
        pass


class WeChatPhone:
    """Posts the platform's encrypted XML."""

    def __init__(self, address: Address, number: int) -> None:
        self._address, self.name = address, f"oFaults{number:021d}"
        settings = address.settings
        self._crypto = WeChatCrypto(
            settings["WECHAT_TOKEN"], settings["WECHAT_ENCODING_AES_KEY"], settings["WECHAT_APP_ID"]
        )
        self._counted: set[str] = set()

    async def post(self, message_id: str, text: str) -> bool:
        if not await self._count(message_id):
            return False
        fields = {
            "ToUserName": "gh_andademo0000",
            "FromUserName": self.name,
            "CreateTime": str(int(time.time())),
            "MsgType": "text",
            "Content": text,
            "MsgId": message_id,
        }
        root = Element("xml")
        for field, value in fields.items():
            SubElement(root, field).text = value
        timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**9))
        body = self._crypto.encrypt_message(tostring(root, encoding="unicode"), nonce, timestamp)
        signer = WeChatSigner()
        signer.add_data(self._address.settings["WECHAT_TOKEN"], timestamp, nonce)
        query = {
            "signature": signer.signature,
            "timestamp": timestamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": xmltodict.parse(body)["xml"]["MsgSignature"],
        }
        url = f"{self._address.base_url}/channels/wechat?{urlencode(query)}"
        return await _post(self._address.http, url, body, {"Content-Type": "text/xml"})

    async def _count(self, message_id: str) -> bool:
        """The platform counts a message once, however often it posts it."""
        url = f"{self._address.simulator_url}/_fake/wechat/exchange/{self.name}"
        if message_id not in self._counted and await _post(self._address.http, url, "", {}):
            self._counted.add(message_id)
        return message_id in self._counted

    async def received(self) -> list[str]:
        answer = await self._address.http.get(f"{self._address.simulator_url}/_fake/wechat/messages")
        return [_wechat_text(message) for message in answer.json() if message["touser"] == self.name]

    async def close(self) -> None:
        pass


def _wechat_text(message: dict[str, Any]) -> str:
    if message["msgtype"] == "msgmenu":
        return str(message["msgmenu"]["head_content"])
    return str(message.get("text", {}).get("content", ""))


async def _post(http: httpx.AsyncClient, url: str, body: str, headers: dict[str, str]) -> bool:
    try:
        answer = await http.post(url, content=body.encode(), headers=headers, timeout=PLATFORM_WAITS)
    except httpx.HTTPError:
        return False
    return answer.is_success


class WebPhone:
    """Our web page's side of the chat: it comes back after every break and drops what it shows already."""

    def __init__(self, address: Address, number: int) -> None:
        self._address, self.name = address, f"web-{number}"
        self._client: socketio.AsyncClient | None = None
        self._token: str | None = None
        self._ready = asyncio.Event()
        self._shown: dict[str, str] = {}
        self._turn = asyncio.Lock()

    async def _connect(self) -> socketio.AsyncClient:
        """A socket with a confirmed session: the present one, or a fresh one in its place."""
        if self._client is not None and self._client.connected and self._ready.is_set():
            return self._client
        await self.close()
        self._ready.clear()
        self._client = client = socketio.AsyncClient(reconnection=False)
        client.on("session_confirm", self._confirmed)
        client.on("bot_uttered", self._heard)
        await client.connect(self._address.base_url, transports=["websocket"], wait_timeout=PLATFORM_WAITS)
        await client.emit("session_request", {"session_id": self._token, "client": "anda"})
        await asyncio.wait_for(self._ready.wait(), PLATFORM_WAITS)
        return client

    async def _confirmed(self, token: str) -> None:
        self._token = token
        self._ready.set()

    async def _heard(self, said: dict[str, Any]) -> None:
        self._shown.setdefault(str(said["message_id"]), str(said["text"]))
        if self._client is not None and self._client.connected:
            await self._client.emit("received", {"ids": [said["message_id"]]})

    async def post(self, message_id: str, text: str) -> bool:
        said = {"message": text, "session_id": "", "customData": {"message_id": message_id}}
        try:
            async with self._turn:
                client = await self._connect()
            answer = await client.call("user_uttered", said, timeout=PLATFORM_WAITS)
        except (SocketIOError, TimeoutError, OSError):
            self._ready.clear()
            return False
        return bool(answer and answer.get("ok"))

    async def received(self) -> list[str]:
        """With what came while the page was away: it connects once more and gets it."""
        async with self._turn:
            await self._connect()
        known = -1
        while known != len(self._shown):
            known = len(self._shown)
            await asyncio.sleep(2 * SWEEP_EVERY)
        return list(self._shown.values())

    async def close(self) -> None:
        if self._client is not None:
            with contextlib.suppress(SocketIOError, TimeoutError, OSError):
                await self._client.disconnect()


def new_phone(address: Address, number: int) -> Phone:
    """A customer on one of the channels, in turn."""
    return (SmsPhone, WeChatPhone, WebPhone)[number % 3](address, number)
