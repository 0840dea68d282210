"""What an action knows of the turn it answers in, and how it speaks."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.crm import Crm
from actions.formatting import format_date, format_money

Events = list[EventType]
Part = dict[str, Any]

NUMBERS = ("policy_number", "claim_number", "ticket_number")
CONTEXT = (*NUMBERS, "product_type", "article")


def part(response: str, **variables: Any) -> Part:
    """Name a response of the domain as part of another one."""
    return {"response": response, **variables}


class Turn:
    """One message of the customer, and the answer being given."""

    def __init__(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, pending: dict[str, Any] | None = None
    ) -> None:
        """Take what the action server was given; `pending` is an earlier request that is now taken up again."""
        self.dispatcher = dispatcher
        self.tracker = tracker
        message = tracker.latest_message or {}
        metadata = message.get("metadata") or {}
        self._pending = pending or {}
        self.text: str = self._pending.get("text") or message.get("text") or ""
        self.intent: str = (message.get("intent") or {}).get("name") or ""
        self.ranking: list[dict[str, Any]] = message.get("intent_ranking") or []
        self.confidence: float = (message.get("intent") or {}).get("confidence") or 0.0
        self.language: str = "en" if str(metadata.get("language", "")).startswith("en") else "zh"
        self.full_language: str = metadata.get("language") or "zh-Hans"
        self.channel: str = metadata.get("channel") or "web"
        self.level: int = int(metadata.get("level") or 0)
        self.crm = Crm(str(metadata.get("message_id") or message.get("message_id") or ""))
        self._entities = [] if pending else message.get("entities") or []
        self.events: Events = []

    def entity(self, name: str) -> str | None:
        """Return what this message says of an entity (or what the request taken up again said)."""
        values = [one["value"] for one in self._entities if one["entity"] == name]
        return values[0] if values else self._pending.get(name)

    def number(self, name: str) -> str | None:
        """Return the number in this message; else the one talked about before, unless a product is named."""
        if self.entity(name):
            return self.entity(name)
        if self.entity("product_type"):
            return None
        remembered = self.tracker.get_slot(name)
        return str(remembered) if remembered else None

    def remember(self, name: str, value: str | None) -> None:
        """Keep a number as what the conversation is about."""
        if self.tracker.get_slot(name) != value:
            self.events.append(SlotSet(name, value))

    def ask_for(self, name: str) -> None:
        """Say that the next message is likely to be this number, whose prefix may then be missing."""
        self.events.append(SlotSet("asked", name))

    def request(self, action: str) -> dict[str, Any]:
        """Describe this request so that it can be taken up again after verification."""
        said = {name: self.entity(name) for name in CONTEXT if self.entity(name)}
        return {"action": action, "text": self.text, **said}

    def say(self, response: str, choices: list[dict[str, Any]] | None = None, **variables: Any) -> None:
        """Utter a response of the domain; `choices` are buttons made with `choice`."""
        if choices:
            variables["choices"] = choices
        self.dispatcher.utter_message(response=response, **variables)

    def date(self, iso: str | None) -> str:
        """Write a date in the customer's language."""
        return format_date(iso, self.language)

    def money(self, money: dict[str, Any] | None) -> str:
        """Write an amount in the customer's language."""
        return format_money(money, self.language)

    def localised(self, name: Any) -> str:
        """Pick the customer's language from `{"zh": …, "en": …}`; plain text stays as it is."""
        if isinstance(name, dict):
            return str(name.get(self.language) or name.get("zh") or next(iter(name.values()), ""))
        return str(name or "")

    @property
    def active_form(self) -> str | None:
        """Return the form that this turn is part of."""
        return (self.tracker.active_loop or {}).get("name")

    def previous_texts(self, limit: int) -> list[str]:
        """Return what the customer wrote last, oldest first, button choices left out."""
        said = [event.get("text") or "" for event in self.tracker.events if event.get("event") == "user"]
        return [text for text in said if text and not text.startswith("/")][-limit:]
