"""What an action knows of the turn it answers in, and how it speaks."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.crm import Crm
from actions.formatting import business_day, format_date, format_money
from actions.words import holds, without

Events = list[EventType]
Part = dict[str, Any]

NUMBERS = ("policy_number", "claim_number", "ticket_number")
CONTEXT = (*NUMBERS, "product_type", "article", "date", "amount", "phone_number", "bank_account", "person")
BUTTONS = ("matter", "document_id", "code")
_REFUSED = re.compile(r"((?<!是)不是|不要|(?:\bnot|n't)(?: (?:the|a|my|it's|on))*) ?$", re.IGNORECASE)


_QUESTION = re.compile(
    r"[?？吗呢]|什么|怎么|多少|多久|几[时天年月个号点岁次]|哪|为何|如何|能不能|可不可以|是不是|要不要|"
    r"^(?:what|when|where|who|why|how|which|can|could|do|does|is|are|will|would|should|may)\b",
    re.IGNORECASE,
)


def part(response: str, **variables: Any) -> Part:
    """Name a response of the domain as part of another one."""
    return {"response": response, **variables}


def is_new_phone(turn: Turn) -> bool:
    """Say whether the message gives a phone as the new one: its digits make it look like a bare answer."""
    return bool(turn.entity("phone_number")) and holds("new_phone", turn.text)


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
        self.is_resumed = bool(pending)
        self.text: str = self._pending.get("text") or message.get("text") or ""
        self.intent: str = self._pending.get("intent") or (message.get("intent") or {}).get("name") or ""
        self.ranking: list[dict[str, Any]] = message.get("intent_ranking") or []
        self.confidence: float = (message.get("intent") or {}).get("confidence") or 0.0
        self.language: str = "en" if str(metadata.get("language", "")).startswith("en") else "zh"
        self.full_language: str = metadata.get("language") or "zh-Hans"
        self.channel: str = metadata.get("channel") or "web"
        self.level: int = int(metadata.get("level") or 0)
        self.received_at: str | None = metadata.get("received_at")
        self.crm = Crm(str(metadata.get("message_id") or message.get("message_id") or ""))
        self._entities = [] if pending else message.get("entities") or []
        self.events: Events = []

    def entity(self, name: str) -> str | None:
        """Return what this message says of an entity (or what the request taken up again said)."""
        values = [one["value"] for one in self._entities if one["entity"] == name and not self._refused(one)]
        return values[0] if values else self._pending.get(name)

    def _refused(self, entity: dict[str, Any]) -> bool:
        """Say whether the message names it only to say no to it ("not the 5th, the 3rd")."""
        start = entity.get("start") or 0
        return bool(_REFUSED.search(self.text[max(0, start - 12) : start]))

    def number(self, name: str) -> str | None:
        """Return the number in this message; else the one talked about before, unless a product is named."""
        if self.entity(name):
            return self.entity(name)
        if self.entity("product_type"):
            return None
        remembered = self.tracker.get_slot(name)
        return str(remembered) if remembered else None

    def remember(self, name: str, value: str | None) -> None:
        """Keep a number, or a product, as what the conversation is about."""
        if self.tracker.get_slot(name) != value:
            self.events.append(SlotSet(name, value))

    def ask_for(self, name: str) -> None:
        """Say that the next message is likely to be this number, whose prefix may then be missing."""
        self.events.append(SlotSet("asked", name))

    def request(self, action: str) -> dict[str, Any]:
        """Describe this request so that it can be taken up again after verification."""
        said = {name: self.entity(name) for name in (*CONTEXT, *BUTTONS) if self.entity(name)}
        kept = {"kept": self.matter} if self.matter else {}
        form = {"form": self.active_form} if self.active_form else {}
        return {"action": action, "text": self.text, "intent": self.intent, **said, **kept, **form}

    @property
    def resumed_form(self) -> str | None:
        """Return the form in which this request was made, when it had to wait for a proof of identity."""
        return self._pending.get("form")

    @property
    def product_type(self) -> str | None:
        """Return the product that the message names; else the one that was talked about last."""
        named = self.entity("product_type") or self.tracker.get_slot("product_type")
        return str(named) if named else None

    @property
    def matter(self) -> dict[str, Any]:
        """Return what the form in progress has gathered and no other place keeps."""
        for event in reversed(self.events):
            if event.get("event") == "slot" and event.get("name") == "matter":
                return dict(json.loads(event["value"] or "{}"))
        if "kept" in self._pending:
            return dict(self._pending["kept"])
        return dict(json.loads(self.tracker.get_slot("matter") or "{}"))

    def keep(self, matter: dict[str, Any]) -> None:
        """Keep what the form has gathered."""
        self.events.append(SlotSet("matter", json.dumps(matter, ensure_ascii=False) if matter else None))

    def say(
        self,
        response: str,
        choices: list[dict[str, Any]] | None = None,
        cards: list[dict[str, Any]] | None = None,
        **variables: Any,
    ) -> None:
        """Utter a response of the domain; `choices` are buttons, `cards` the same where a channel shows cards."""
        if choices:
            variables["choices"] = choices
        if cards:
            variables["cards"] = cards
        self.dispatcher.utter_message(response=response, **variables)

    def today(self) -> date:
        """Return the insurer's business day on which the message was received."""
        return business_day(self.received_at)

    @property
    def is_yes(self) -> bool:
        """Say whether the message agrees to what was shown for a yes."""
        if self.intent in ("affirm", "deny", "cancel") or self.is_question():
            return self.intent == "affirm"
        return holds("confirms", self.text) and not holds("refuses", without("confirms", self.text))

    def is_question(self) -> bool:
        """Say whether the message asks something."""
        return bool(_QUESTION.search(self.text))

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

    def said_before(self, turns: int = 1) -> list[str]:
        """Return the names of the responses said in the turns before the customer's message."""
        users = self._user_turns()
        start = users[-1 - turns] if len(users) > turns else 0
        return self._said(start, users[-1] if users else 0)

    def said_now(self) -> list[str]:
        """Return the names of the responses said since the customer's message."""
        users = self._user_turns()
        return self._said(users[-1] if users else 0, len(self.tracker.events))

    def _user_turns(self) -> list[int]:
        return [index for index, event in enumerate(self.tracker.events) if event.get("event") == "user"]

    def _said(self, start: int, end: int) -> list[str]:
        said = (event for event in self.tracker.events[start:end] if event.get("event") == "bot")
        return [str((event.get("metadata") or {}).get("utter_action") or "") for event in said]

    def previous_texts(self, limit: int) -> list[str]:
        """Return what the customer wrote last, oldest first, as it was read (simplified); button choices left out."""
        users = (event for event in self.tracker.events if event.get("event") == "user")
        said = [(event.get("parse_data") or {}).get("text") or event.get("text") or "" for event in users]
        return [text for text in said if text and not text.startswith("/")][-limit:]
