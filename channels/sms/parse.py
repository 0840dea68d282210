"""Twilio's fields → our message, or our delivery state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.conversations.intake import IncomingMessage
from backend.conversations.media import IncomingMedia
from backend.conversations.models import OutboundState
from channels.webhook import required

OPT_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
OPT_IN = frozenset({"START", "YES", "UNSTOP"})
HELP = frozenset({"HELP", "INFO"})
# Carriers of mainland China pass nothing that would make a conversation: such a number only gets notices and codes.
MAINLAND = "+86"
MAX_MEDIA = 10
MEDIA_TYPES = {"image": "image", "video": "video", "audio": "voice"}
# What is not listed (queued, accepted, sending …) tells nothing that the API's own answer had not told.
STATES = {
    "sent": OutboundState.SENT,
    "delivered": OutboundState.DELIVERED,
    "read": OutboundState.READ,
    "undelivered": OutboundState.FAILED,
    "failed": OutboundState.FAILED,
}


@dataclass(frozen=True)
class StatusUpdate:
    """What became of a message of ours; `state` is None when it is nothing new."""

    platform_id: str
    state: OutboundState | None
    error: str | None


def parse_inbound(form: dict[str, str], account: str) -> IncomingMessage:
    """The customer's message; raises `BadRequest` without MessageSid, From or To."""
    message_sid, sender, to = (required(form, name) for name in ("MessageSid", "From", "To"))
    text = form.get("Body", "")
    media = _media(form)
    payload: dict[str, Any] = {"to": to}
    if (segments := form.get("NumSegments", "")).isascii() and segments.isdecimal():
        payload["segments"] = int(segments[:4])
    effect = None if media else _effect(text, form.get("OptOutType", ""))
    if sender.startswith(MAINLAND) and effect not in ("opt_out", "opt_in"):
        effect = "one_way"
    return IncomingMessage(
        channel="sms",
        account=account,
        sender=sender,
        external_id=message_sid,
        type=_type(media),
        text=text,
        payload=payload,
        effect=effect,
        media=tuple(media),
    )


def parse_status(form: dict[str, str]) -> StatusUpdate:
    """A status callback; raises `BadRequest` without MessageSid or MessageStatus."""
    error = form.get("ErrorCode", "").strip()[:20]
    state = STATES.get(required(form, "MessageStatus").lower())
    return StatusUpdate(required(form, "MessageSid"), state, error if error not in ("", "0") else None)


def _effect(text: str, opt_out_type: str) -> str | None:
    """A word counts only as the whole body.

    OptOutType comes with Twilio's Advanced Opt-Out, which has answered the word itself: HELP is not answered twice.
    """
    word, handled = text.strip().upper(), opt_out_type.strip().upper()
    if word in OPT_OUT or handled == "STOP":
        return "opt_out"
    if word in OPT_IN or handled == "START":
        return "opt_in"
    if handled == "HELP":
        return "help_given"
    return "help" if word in HELP else None


def _media(form: dict[str, str]) -> list[IncomingMedia]:
    count = form.get("NumMedia", "0").strip()
    total = min(int(count), MAX_MEDIA) if count.isascii() and count.isdecimal() and len(count) < 4 else 0
    found = ((form.get(f"MediaUrl{i}", ""), form.get(f"MediaContentType{i}", "")) for i in range(total))
    return [
        IncomingMedia(kind=_kind(content_type), ref=url, content_type=content_type[:100])
        for url, content_type in found
        if url
    ]


def _kind(content_type: str) -> str:
    return MEDIA_TYPES.get(content_type.partition("/")[0].lower(), "file")


def _type(media: list[IncomingMedia]) -> str:
    return media[0].kind if media else "text"
