"""A message as WeChat shows it: text, menu, card, picture; a long text in several, several merged into one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from channels.sending import Outgoing

TEXT_BYTES = 2047
# What the platform takes as a picture.
PICTURES = {"image/jpeg": "jpg", "image/png": "png"}
# A card shows its description on two or three lines; longer texts stay texts with their link below.
CARD_TEXT = 120
# Where a text may be broken: after a line, a sentence, a phrase, a word.
BREAKS = [re.compile(r"\n+"), re.compile(r"[。！？；]|[.!?;](?=\s)"), re.compile(r"[，、：]|\s+")]
ADDRESS = re.compile(r"https?://\S*$")
Content = dict[str, Any]


def contents(message: Outgoing) -> list[Content]:
    """What the platform is sent for `message`, one after the other; never empty."""
    if message.carried:
        return [_text(piece) for piece in split(merged([message, *message.carried]))]
    if message.image and (message.file is None or message.image.content_type in PICTURES):
        words = (
            [_text(piece) for piece in split(with_link(replace(message, file=None)))] if message.text else []
        )
        return [*words, {"msgtype": "image", "image": {"stored": message.image.name}}]
    if message.choices:
        *first, head = split(with_link(message))
        return [*map(_text, first), _menu(message, head)]
    if message.link and message.link.get("title") and 0 < len(message.text) <= CARD_TEXT:
        return [_card(message)]
    return [_text(piece) for piece in split(with_link(message))]


def how_many_carried(messages: list[Outgoing], left: int) -> int:
    """How many of `messages[1:]` go inside the first so that all fit into `left` sends; 0 when they fit as they are.

    As few as will do: the rest may be merged in its turn.
    """
    if sum(len(contents(message)) for message in messages) <= left:
        return 0
    for count in range(len(messages)):
        rest = messages[count + 1 :]
        behind = len(split(merged(rest))) if rest else 0
        first = replace(messages[0], carried=tuple(messages[1 : count + 1]))
        if len(contents(first)) + behind <= left:
            return count
    return len(messages) - 1


def merged(messages: list[Outgoing]) -> str:
    """Several messages as one text, their choices as numbers.

    A number typed back means a choice of the latest answer, so earlier answers' choices get none.
    """
    latest = max((m.answers for m in messages if m.choices and m.answers), default=None)
    return "\n\n".join(numbered(m, m.answers == latest) for m in messages)


def numbered(message: Outgoing, is_latest: bool = True) -> str:
    """The text with its link, and its choices as numbers."""
    choices = [
        f"{choice.number or place}. {choice.title}" if is_latest else f"· {choice.title}"
        for place, choice in enumerate(message.choices, 1)
    ]
    return "\n".join(filter(None, [with_link(message), *choices]))


def with_link(message: Outgoing) -> str:
    """The text with its link on lines of its own."""
    if not (link := message.leads_to):
        return message.text
    return "\n".join(filter(None, [message.text, link.get("title"), link["url"]]))


def split(text: str, limit: int = TEXT_BYTES) -> list[str]:
    """`text` in pieces of at most `limit` bytes of UTF-8, broken where a reader would; nothing is left out."""
    text = text.encode("utf-8", "replace").decode().strip()
    pieces = []
    while len(text.encode()) > limit:
        room = text.encode()[:limit].decode("utf-8", "ignore")
        end = _break(room)
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*filter(None, pieces), text]


def _break(room: str) -> int:
    """Where to break within `room`: at the best place in its last half, else before an address, else at its end."""
    for pattern in BREAKS:
        ends = [found.end() for found in pattern.finditer(room) if found.end() > len(room) // 2]
        if ends:
            return ends[-1]
    address = ADDRESS.search(room)
    return address.start() if address and address.start() else len(room)


def _text(content: str) -> Content:
    return {"msgtype": "text", "text": {"content": content}}


def _menu(message: Outgoing, head: str) -> Content:
    entries = [{"id": choice.token, "content": choice.title} for choice in message.choices]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": entries, "tail_content": ""}}


def _card(message: Outgoing) -> Content:
    link = message.link or {}
    article = {
        "title": link["title"],
        "description": message.text,
        "url": link["url"],
        "picurl": link.get("image", ""),
    }
    return {"msgtype": "news", "news": {"articles": [article]}}
