"""Rasa's Socket.IO payloads: what clients send. Anything may come; a named refusal or an utterance is made of it."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

from backend.conversations.choices import PREFIX

LONGEST_MESSAGE = 1_000_000  # bytes of UTF-8
MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,100}")
# What existing widgets send when they are opened (`initPayload`): not something that a person says.
OPENING = re.compile(r"/[A-Za-z_][A-Za-z0-9_]{0,60}")


class Refused(ValueError):
    """The payload is not taken; `code` is what the acknowledgement says."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Utterance:
    """What a customer said: a text, or the token of one of our buttons. `language` is their client's, if it says."""

    message_id: str
    text: str
    choice: str | None
    language: str | None = None

    @property
    def is_opening(self) -> bool:
        """Whether it is an existing widget's opening payload, when one of them sent it."""
        return OPENING.fullmatch(self.text) is not None


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
    custom = _custom(data)
    message_id = custom.get("message_id")
    if message_id is None:
        message_id = uuid.uuid4().hex
    if not is_message_id(message_id):
        raise Refused("invalid")
    language = known_language(custom.get("language"))
    return Utterance(message_id, text, text if text.startswith(PREFIX) else None, language)


def _custom(data: dict[str, Any]) -> dict[str, Any]:
    """What a widget adds of its own: `customData`, which a newer Rasa calls `metadata` and may send as a string."""
    custom = data.get("customData")
    if custom is not None and not isinstance(custom, dict):
        raise Refused("invalid")
    extra = data.get("metadata")
    if isinstance(extra, str):
        try:
            extra = json.loads(extra)
        except ValueError:
            extra = None
    return (extra if isinstance(extra, dict) else {}) | (custom or {})


def is_message_id(value: object) -> bool:
    """Whether a client may name its message so."""
    return isinstance(value, str) and MESSAGE_ID.fullmatch(value) is not None


def known_language(tag: object) -> str | None:
    """One of our languages for a tag like `en-GB` or `zh-TW`."""
    if not isinstance(tag, str):
        return None
    if re.match(r"zh\b", tag, re.IGNORECASE):
        return "zh-Hant" if re.search(r"hant|tw|hk|mo", tag, re.IGNORECASE) else "zh-Hans"
    return "en" if re.match(r"en\b", tag, re.IGNORECASE) else None


def parse_received(data: object) -> tuple[list[int], bool]:
    """The payload of `received`: ids of messages the client has, and whether the customer saw them."""
    ids = data.get("ids") if isinstance(data, dict) else None
    if not isinstance(ids, list) or len(ids) > 200:
        raise Refused("invalid")
    numbers = [int(i) for i in ids if isinstance(i, str) and i.isascii() and i.isdecimal() and len(i) < 19]
    return numbers, bool(data.get("seen")) if isinstance(data, dict) else False
