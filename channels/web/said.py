"""One entry of the chat as customers see it, and how it is told to our page and to existing Rasa widgets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

Choices = list[tuple[str, str]]  # token, title


@dataclass(frozen=True)
class Handed:
    """A file that the customer handed in, or that an agent sent; `address` where the session gets it."""

    media_id: int
    name: str
    content_type: str
    size: int | None
    state: str
    address: str

    def as_json(self) -> dict[str, Any]:
        return {
            "media_id": self.media_id,
            "name": self.name,
            "content_type": self.content_type,
            "size": self.size,
            "state": self.state,
            "address": self.address,
        }


@dataclass(frozen=True)
class Said:
    """`id` is the outbound message's, or the client's own; `cards` are elements as Rasa's generic template has them."""

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
    seq: int | None = None
    choices: Choices = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)
    media: list[Handed] = field(default_factory=list)


def card(details: dict[str, Any], choices: Choices) -> dict[str, Any]:
    """A card of a reply (`title`, `subtitle`, `url`, `kind`, `badge`, `facts`) as an element with its buttons."""
    element = {
        name: details[name] for name in ("title", "subtitle", "kind", "badge", "facts") if details.get(name)
    }
    buttons = [{"type": "postback", "title": title, "payload": token} for token, title in choices]
    if details.get("url"):
        element["default_action"] = {"type": "web_url", "url": details["url"]}
    # Existing widgets read `buttons` of every element.
    return element | {"title": details.get("title") or details.get("url", ""), "buttons": buttons}


def _attachment(cards: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "template", "payload": {"template_type": "generic", "elements": cards}}


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
        "attachment": _attachment(said.cards) if said.cards else None,
        "media": [handed.as_json() for handed in said.media] or None,
        "state": said.state,
        "seq": said.seq,
    }


def for_widget(said: Said, base_url: str = "", file_path: str = "") -> list[dict[str, Any]]:
    """`said` in Rasa's fields alone: existing widgets tell a message's type by which fields it has.

    Cards go as a message of their own, with their words as text for widgets that know no carousel; what offers
    buttons comes last, because widgets show the buttons of the last message only. Addresses of ours become whole
    ones under `base_url`: the widget lives on another site. A file is a card that leads to `file_path`, its page.
    """
    if said.media:
        shown = [card({"title": handed.name, "url": file_path}, []) for handed in said.media]
        said = replace(said, cards=[*said.cards, *shown])
    replies = _quick_replies(said)
    text = {"text": said.text, "quick_replies": replies} if replies else {"text": said.text}
    if not said.cards:
        return [text]
    elements = [_as_rasa_has_it(element, base_url) for element in said.cards]
    words = "\n".join(_in_words(element) for element in elements)
    carousel = {"text": words, "attachment": _attachment(elements)}
    if not said.text and not replies:
        return [carousel]
    return [carousel, text] if replies else [text, carousel]


def _as_rasa_has_it(element: dict[str, Any], base_url: str) -> dict[str, Any]:
    facts = " · ".join(f"{fact['label']} {fact['value']}" for fact in element.get("facts", []))
    subtitle = " · ".join(filter(None, (element.get("badge"), element.get("subtitle"), facts)))
    shown = {"title": element["title"], "subtitle": subtitle, "buttons": element["buttons"]}
    if address := element.get("default_action", {}).get("url"):
        action = {"type": "web_url", "url": f"{base_url}{address}" if address.startswith("/") else address}
        shown["default_action"] = action
        shown["buttons"] = element["buttons"] or [action | {"title": element["title"]}]
    return shown


def _in_words(shown: dict[str, Any]) -> str:
    parts = (shown["title"], shown["subtitle"], shown.get("default_action", {}).get("url"))
    return " ".join(filter(None, parts))
