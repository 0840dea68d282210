"""Customers on the three channels: each posts as its platform does, until the message is acknowledged."""

from __future__ import annotations

import asyncio
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
        await self._count(message_id)
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

    async def _count(self, message_id: str) -> None:
        """The platform counts a message once, however often it posts it."""
        if message_id not in self._counted:
            self._counted.add(message_id)
            await self._address.http.post(f"{self._address.simulator_url}/_fake/wechat/exchange/{self.name}")

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
        self._client = socketio.AsyncClient(reconnection_delay=0.2, reconnection_delay_max=2)
        self._client.on("connect", self._ask_for_session)
        self._client.on("session_confirm", self._confirmed)
        self._client.on("bot_uttered", self._heard)
        self._token: str | None = None
        self._ready = asyncio.Event()
        self._shown: dict[str, str] = {}
        self._keeper: asyncio.Task[None] | None = None

    async def _ask_for_session(self) -> None:
        await self._client.emit("session_request", {"session_id": self._token, "client": "anda"})

    async def _confirmed(self, token: str) -> None:
        self._token = token
        self._ready.set()

    async def _heard(self, said: dict[str, Any]) -> None:
        self._shown.setdefault(str(said["message_id"]), str(said["text"]))
        await self._client.emit("received", {"ids": [said["message_id"]]})

    async def _keep_connected(self) -> None:
        while True:
            if not self._client.connected:
                self._ready.clear()
                try:
                    await self._client.connect(self._address.base_url, transports=["websocket"], retry=False)
                except (SocketIOError, OSError):
                    await asyncio.sleep(0.5)
                    continue
            await asyncio.sleep(0.2)

    async def post(self, message_id: str, text: str) -> bool:
        self._keeper = self._keeper or asyncio.create_task(self._keep_connected())
        said = {"message": text, "session_id": "", "customData": {"message_id": message_id}}
        try:
            await asyncio.wait_for(self._ready.wait(), PLATFORM_WAITS)
            answer = await self._client.call("user_uttered", said, timeout=PLATFORM_WAITS)
        except (SocketIOError, TimeoutError, OSError):
            return False
        return bool(answer and answer.get("ok"))

    async def received(self) -> list[str]:
        return list(self._shown.values())

    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._client.connected:
            await self._client.disconnect()


def new_phone(address: Address, number: int) -> Phone:
    """A customer on one of the channels, in turn."""
    return (SmsPhone, WeChatPhone, WebPhone)[number % 3](address, number)
