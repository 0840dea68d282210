"""The phone's WeChat app: what a person does goes out as the platform's signed, encrypted callback."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from backend.core.settings import WeChatSettings
from channels.simulator.phones import Phones
from channels.simulator.pictures import File
from channels.simulator.webhooks import Webhooks
from channels.wechat.fake import FakeWeChat

POSTS = 3
VOICE: File = (b"#!AMR\n", "audio/amr")
VIDEO: File = (b"\x00\x00\x00\x18ftypmp42", "video/mp4")
GHOST = "该公众号暂时无法提供服务，请稍后再试"


class WeChatApp:
    """Plays the WeChat side of every phone against `platform`, a fake of the official-account API."""

    def __init__(self, settings: WeChatSettings, webhooks: Webhooks, phones: Phones) -> None:
        self._settings, self._webhooks, self._phones = settings, webhooks, phones
        self.platform = FakeWeChat(
            settings.app_id, settings.app_secret.get_secret_value(), self._on_message, self._on_template
        )
        # Above the ids of an earlier run: our webhook would take a repeated one for a repeated post.
        self._ids = itertools.count(int(time.time() * 1000) * 1000)
        self._tasks: set[asyncio.Task[bool]] = set()

    async def say(self, openid: str, text: str, menu_id: str | None = None) -> bool:
        """Write a text, or tap an entry of a menu message, whose title then is the text."""
        fields = {"MsgType": "text", "Content": text} | ({"bizmsgmenuid": menu_id} if menu_id else {})
        return await self._message(openid, fields, text=text)

    async def send_media(self, openid: str, kind: str, text: str, picture: File) -> bool:
        """Send an image, a voice message (`text`: what the platform recognised), a video, a place, a link."""
        content = picture if kind == "image" else {"voice": VOICE, "video": VIDEO}.get(kind)
        media_id = self.platform.media.add(*content) if content else ""
        fields: dict[str, dict[str, str]] = {
            "image": {"PicUrl": "https://mmbiz.example/demo.jpg", "MediaId": media_id},
            "voice": {"MediaId": media_id, "Format": "amr", "Recognition": text},
            "video": {"MediaId": media_id, "ThumbMediaId": secrets.token_urlsafe(32)},
            "location": {"Location_X": "31.2304", "Location_Y": "121.4737", "Scale": "16", "Label": text},
            "link": {"Title": text, "Description": text, "Url": "https://example.com/article"},
        }
        pictures = [{"id": media_id, "type": picture[1]}] if kind == "image" else []
        shown = {"text": text, "media": kind, "pictures": pictures}
        return await self._message(openid, {"MsgType": kind} | fields[kind], **shown)

    async def use_key(self, openid: str, event: str, key: str, name: str) -> bool:
        """Tap an entry of the account's own menu (CLICK), or scan a code of ours (SCAN)."""
        return await self._event(openid, event, name, EventKey=key)

    async def follow(self, openid: str, follows: bool) -> bool:
        """Follow the account or leave it."""
        self.platform.follow(openid, follows)
        event = "subscribe" if follows else "unsubscribe"
        return await self._event(openid, event, event, EventKey="")

    async def _message(self, openid: str, fields: dict[str, str], **shown: Any) -> bool:
        fields = fields | {"MsgId": str(next(self._ids))}
        self._phones.add(openid, "wechat", "out", id=fields["MsgId"], **shown)
        self.platform.heard_from(openid, "message")
        return await self._post(openid, fields, fields["MsgId"])

    async def _event(self, openid: str, event: str, name: str, **fields: str) -> bool:
        self._phones.add(openid, "wechat", "event", id=f"event-{next(self._ids)}", text=name, event=event)
        if event != "unsubscribe":
            self.platform.heard_from(openid, "event")
        return await self._post(openid, {"MsgType": "event", "Event": event} | fields, None)

    async def _post(self, openid: str, fields: dict[str, str], shown_id: str | None) -> bool:
        """Post up to three times, five seconds each, as the platform does."""
        xml = self._xml(openid, fields)
        for _ in range(POSTS):
            url, body, headers = self._sealed(openid, xml)
            response = await self._webhooks.post(openid, url, body, headers, xml)
            if response is not None and response.status_code == 200:
                self._show_passive_reply(openid, response.text)
                if shown_id:
                    self._phones.add(openid, "wechat", "status", id=shown_id, status="delivered")
                return True
        if shown_id:
            self._phones.add(openid, "wechat", "status", id=shown_id, status="failed")
            self._phones.add(openid, "wechat", "in", id=f"{shown_id}-ghost", text=GHOST, is_notice=True)
        return False

    def _xml(self, openid: str, fields: dict[str, str]) -> str:
        root = Element("xml")
        envelope = {
            "ToUserName": "gh_andademo0000",
            "FromUserName": openid,
            "CreateTime": str(int(time.time())),
        }
        for name, value in (envelope | fields).items():
            SubElement(root, name).text = value
        return tostring(root, encoding="unicode")

    def _crypto(self) -> WeChatCrypto:
        return WeChatCrypto(
            self._settings.token.get_secret_value(),
            self._settings.encoding_aes_key.get_secret_value(),
            self._settings.app_id,
        )

    def _sealed(self, openid: str, xml: str) -> tuple[str, bytes, dict[str, str]]:
        timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**9))
        signer = WeChatSigner()
        signer.add_data(self._settings.token.get_secret_value(), timestamp, nonce)
        query = {"signature": signer.signature, "timestamp": timestamp, "nonce": nonce, "openid": openid}
        body = xml
        if self._settings.callback_mode != "plain":
            body = self._crypto().encrypt_message(xml, nonce, timestamp)
            query |= {"encrypt_type": "aes", "msg_signature": _fields(body)["MsgSignature"]}
        url = f"{self._webhooks.public_url}/channels/wechat?{urlencode(query)}"
        return url, body.encode(), {"Content-Type": "text/xml"}

    def _show_passive_reply(self, openid: str, answer: str) -> None:
        if not answer.startswith("<"):
            return
        reply = _fields(answer)
        if "Encrypt" in reply:
            signature, at, nonce = (reply[name] for name in ("MsgSignature", "TimeStamp", "Nonce"))
            reply = _fields(self._crypto().decrypt_message(answer, signature, at, nonce))
        if text := reply.get("Content"):
            self._phones.add(openid, "wechat", "in", id=f"passive-{next(self._ids)}", text=text)

    def _on_message(self, openid: str, message: dict[str, Any]) -> None:
        kind = message["msgtype"]
        if kind == "typing":
            self._phones.add(openid, "wechat", "typing", is_on=message["is_on"])
            return
        self._phones.add(openid, "wechat", "in", id=f"in-{next(self._ids)}", **_shown(message))

    def _on_template(self, openid: str, msgid: str, status: str) -> None:
        fields = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": msgid, "Status": status}
        task = asyncio.create_task(self._post(openid, fields, None))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _fields(xml: str) -> dict[str, str]:
    fields: dict[str, str] = xmltodict.parse(xml)["xml"]
    return fields


def _shown(message: dict[str, Any]) -> dict[str, Any]:
    """What the phone shows of a message of ours."""
    kind = message["msgtype"]
    if kind == "template":
        values = [[name, value["value"]] for name, value in message["data"].items()]
        return {
            "text": "",
            "template": {"id": message["template_id"], "values": values, "url": message.get("url")},
        }
    if kind == "news":
        return {"text": "", "card": message["news"]["articles"][0]}
    if kind == "image":
        return {"text": "", "pictures": [{"id": message["image"]["media_id"], "type": "image/jpeg"}]}
    if kind == "msgmenu":
        menu = message["msgmenu"]
        entries = [{"id": entry["id"], "title": entry["content"]} for entry in menu.get("list", [])]
        return {"text": menu.get("head_content", ""), "menu": entries, "tail": menu.get("tail_content", "")}
    return {"text": str(message.get("text", {}).get("content", f"[{kind}]"))}
