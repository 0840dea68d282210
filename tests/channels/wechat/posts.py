"""Posts made with the vendor's library, as the platform makes them."""

from __future__ import annotations

import time
from xml.etree.ElementTree import Element, SubElement, tostring

import httpx
import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from backend.core.settings import WeChatSettings
from tests.channels.accounts import OPENID

PATH = "/channels/wechat"
TIMESTAMP, NONCE = "1795305600", "20261122"


def text_fields(content: str = "我的理赔到哪一步了", **fields: str) -> dict[str, str]:
    return envelope("text", MsgId="24001", Content=content) | fields


def event_fields(event: str, **fields: str) -> dict[str, str]:
    return envelope("event", Event=event) | fields


def envelope(message_type: str, **fields: str) -> dict[str, str]:
    base = {
        "ToUserName": "gh_anda",
        "FromUserName": OPENID,
        "CreateTime": "1795305600",
        "MsgType": message_type,
    }
    return base | fields


def to_xml(fields: dict[str, str]) -> str:
    root = Element("xml")
    for name, value in fields.items():
        SubElement(root, name).text = value
    return tostring(root, encoding="unicode")


def query_of(settings: WeChatSettings, **extra: str) -> dict[str, str]:
    signer = WeChatSigner()
    signer.add_data(settings.token.get_secret_value(), TIMESTAMP, NONCE)
    return {"signature": signer.signature, "timestamp": TIMESTAMP, "nonce": NONCE} | extra


def sealed(settings: WeChatSettings, xml: str, app_id: str | None = None) -> tuple[str, dict[str, str]]:
    """The encrypted body and the query that belongs to it."""
    crypto = WeChatCrypto(
        settings.token.get_secret_value(),
        settings.encoding_aes_key.get_secret_value(),
        app_id or settings.app_id,
    )
    body = crypto.encrypt_message(xml, NONCE, TIMESTAMP)
    signature = xmltodict.parse(body)["xml"]["MsgSignature"]
    return body, query_of(settings, encrypt_type="aes", msg_signature=signature)


async def post(client: httpx.AsyncClient, settings: WeChatSettings, fields: dict[str, str]) -> httpx.Response:
    """Post encrypted, as to an account in safe mode."""
    body, query = sealed(settings, to_xml(fields))
    return await client.post(PATH, params=query, content=body.encode(), headers={"Content-Type": "text/xml"})


async def post_plain(
    client: httpx.AsyncClient, settings: WeChatSettings, xml: str, **extra: str
) -> httpx.Response:
    query = query_of(settings, **extra)
    return await client.post(PATH, params=query, content=xml.encode(), headers={"Content-Type": "text/xml"})


def now() -> str:
    return str(int(time.time()))
