"""Rasa's Socket.IO payloads: what clients send, and what they are sent."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.conversations.choices import PREFIX

LONGEST_MESSAGE = 1_000_000  # bytes of UTF-8
MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,100}")


class Refused(ValueError):
    """The payload is not taken; `code` is what the acknowledgement says."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Utterance:
    """What a customer said: a text, or the token of one of our buttons."""

    message_id: str
    text: str
    choice: str | None


def parse_utterance(data: object) -> Utterance:
    """The payload of `user_uttered`; raises `Refused` with `invalid` or `too_large`.

    `session_id` is not read: the socket says whose message it is.
    """
    if not isinstance(data, dict) or not isinstance(data.get("message"), str):
        raise Refused("invalid")
    raw = data["message"].encode("utf-8", "replace")  # half a surrogate pair cannot be stored
    if len(raw) > LONGEST_MESSAGE:
        raise Refused("too_large")
    text = raw.decode()
    custom = data.get("customData")
    if custom is not None and not isinstance(custom, dict):
        raise Refused("invalid")
    message_id = (custom or {}).get("message_id")
    if message_id is None:
        message_id = uuid.uuid4().hex
    if not isinstance(message_id, str) or not MESSAGE_ID.fullmatch(message_id):
        raise Refused("invalid")
    return Utterance(message_id, text, text if text.startswith(PREFIX) else None)


def parse_received(data: object) -> tuple[list[int], bool]:
    """The payload of `received`: ids of messages the client has, and whether the customer saw them."""
    ids = data.get("ids") if isinstance(data, dict) else None
    if not isinstance(ids, list) or len(ids) > 200:
        raise Refused("invalid")
    numbers = [int(i) for i in ids if isinstance(i, str) and i.isascii() and i.isdecimal() and len(i) < 19]
    return numbers, bool(data.get("seen")) if isinstance(data, dict) else False


@dataclass(frozen=True)
class Said:
    """One entry of the chat as the customer sees it. `id` is the outbound message's, or the client's own."""

    id: str
    direction: str
    text: str
    at: datetime
    kind: str = "message"
    type: str = "text"
    speaker: str = "customer"
    agent: str | None = None
    language: str = "zh-Hans"
    state: str | None = None
    choices: list[tuple[str, str]] = field(default_factory=list)  # token, title
    link: dict[str, Any] | None = None


def _quick_replies(said: Said) -> list[dict[str, str]]:
    return [{"content_type": "text", "title": title, "payload": token} for token, title in said.choices]


def for_page(said: Said) -> dict[str, Any]:
    """`said` for our own page: Rasa's fields and what else a good chat shows."""
    return {
        "message_id": said.id,
        "direction": said.direction,
        "text": said.text,
        "at": said.at.isoformat(),
        "kind": said.kind,
        "type": said.type,
        "speaker": said.speaker,
        "agent": said.agent,
        "language": said.language,
        "quick_replies": _quick_replies(said),
        "link": said.link,
        "state": said.state,
    }


def for_widget(said: Said) -> dict[str, Any]:
    """`said` in Rasa's fields alone: existing widgets tell a message's type by the number of its fields."""
    text = said.text
    if said.link:
        text = f"{text}\n{said.link.get('title', '')} {said.link.get('url', '')}".strip()
    replies = _quick_replies(said)
    return {"text": text, "quick_replies": replies} if replies else {"text": text}
