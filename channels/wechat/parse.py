"""WeChat's messages and events → our message, or our delivery state."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backend.conversations.intake import IncomingMessage
from backend.conversations.media import IncomingMedia
from backend.conversations.models import OutboundState
from backend.core.errors import BadRequest
from channels.webhook import ID_LIMIT, required

Fields = dict[str, str]
# What lets us send, how many times, for how long.
AFTER_MESSAGE = ("message", 5, timedelta(hours=48))
SHORT = timedelta(minutes=1)
ALLOWANCES = {
    "subscribe": ("follow", 3, SHORT),
    "scan": ("scan", 3, SHORT),
    "click": ("menu", 3, SHORT),
    "scancode_push": ("scan", 3, SHORT),
    "scancode_waitmsg": ("scan", 3, SHORT),
}
# A tap in the menu, or the scan of a code with the key of an entry, stands for what a customer would have written.
SPOKEN = frozenset({"click", "scan"})
EFFECTS = {"subscribe": "follow", "unsubscribe": "unfollow"}
TYPES = {
    "text": "text",
    "image": "image",
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "location": "location",
    "link": "link",
}
# What people would read in a transcript; a voice message's text is what the platform recognised.
TEXTS: dict[str, Callable[[Fields], str]] = {
    "text": lambda fields: fields.get("Content", ""),
    "voice": lambda fields: fields.get("Recognition", ""),
    "location": lambda fields: fields.get("Label") or _place(fields),
    "link": lambda fields: " ".join(filter(None, (fields.get("Title"), fields.get("Url")))),
}
PAYLOADS = {
    "image": (),
    "voice": ("Format",),
    "video": (),
    "location": ("Location_X", "Location_Y", "Scale", "Label"),
    "link": ("Title", "Description", "Url"),
    "event": ("Event", "EventKey", "Ticket", "Latitude", "Longitude", "Precision", "ScanCodeInfo.ScanResult"),
    "text": (),
    "unsupported": ("MsgType", "Title"),
}
MEDIA = frozenset({"image", "voice", "video"})


@dataclass(frozen=True)
class TemplateResult:
    """What became of a template message; `error` is the platform's reason when it failed."""

    platform_id: str
    state: OutboundState
    error: str | None


def parse(fields: Fields, account: str, menu: dict[str, str]) -> IncomingMessage | TemplateResult:
    """The customer's message or event, or a template's result; raises `BadRequest` without the ids.

    `menu` gives, for the key of an entry of the account's menu, what a customer would have written instead.
    """
    sender, message_type = required(fields, "FromUserName"), required(fields, "MsgType").lower()
    required(fields, "ToUserName")
    if not required(fields, "CreateTime").isdecimal():
        raise BadRequest("CreateTime is not a time.")
    if message_type != "event":
        return _message(fields, account, sender, message_type)
    if required(fields, "Event").lower() == "templatesendjobfinish":
        return _template_result(fields)
    return _event(fields, account, sender, menu)


def _message(fields: Fields, account: str, sender: str, message_type: str) -> IncomingMessage:
    kind = TYPES.get(message_type, "unsupported")
    return IncomingMessage(
        channel="wechat",
        account=account,
        sender=sender,
        external_id=required(fields, "MsgId"),
        type=kind,
        text=TEXTS[kind](fields) if kind in TEXTS else "",
        choice=fields.get("bizmsgmenuid") or None,
        payload=_payload(kind, fields),
        allowance=AFTER_MESSAGE,
        media=_media(kind, fields),
    )


def _event(fields: Fields, account: str, sender: str, menu: dict[str, str]) -> IncomingMessage:
    event, key = fields["Event"].strip().lower(), fields.get("EventKey", "")
    said = menu.get(key) if event in SPOKEN else None
    return IncomingMessage(
        channel="wechat",
        account=account,
        sender=sender,
        external_id=event_id(sender, fields["CreateTime"], fields["Event"], key),
        type="text" if said else "event",
        text=said or "",
        payload=_payload("event", fields),
        effect=EFFECTS.get(event),
        allowance=ALLOWANCES.get(event),
    )


def _media(kind: str, fields: Fields) -> tuple[IncomingMedia, ...]:
    """The file to fetch: the platform deletes it after three days."""
    media_id = fields.get("MediaId", "").strip()
    return (IncomingMedia(kind, media_id),) if kind in MEDIA and media_id else ()


def _place(fields: Fields) -> str:
    return ", ".join(filter(None, (fields.get("Location_X"), fields.get("Location_Y"))))


def _template_result(fields: Fields) -> TemplateResult:
    status = fields.get("Status", "")
    if status == "success":
        return TemplateResult(required(fields, "MsgID"), OutboundState.DELIVERED, None)
    return TemplateResult(required(fields, "MsgID"), OutboundState.FAILED, status[:80])


def event_id(sender: str, create_time: str, event: str, key: str) -> str:
    """Events have no MsgId; a long key (a page's address) is shortened to its hash."""
    if len(key) > ID_LIMIT:
        key = hashlib.sha256(key.encode()).hexdigest()
    return f"{sender}:{create_time.strip()}:{event.strip()}:{key}"


def _payload(kind: str, fields: Fields) -> dict[str, Any]:
    return {name: fields[name][:2000] for name in PAYLOADS[kind] if fields.get(name)}
