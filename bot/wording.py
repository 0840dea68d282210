"""Chooses and fills the wording of an answer: by language, by channel, and composed of parts."""

from __future__ import annotations

import copy
import re
from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

_VARIABLE = re.compile(r"\{(\w+)\}")
_EMPTY_LINES = re.compile(r"\n{2,}")
_EMPTY_PLACES = re.compile(r" {2,}")
DEFAULT_LANGUAGE = "zh"
SHOW_CARDS = {"web"}
"""The channels that show cards; on any other a card's choices are buttons."""


def language_of(tracker: DialogueStateTracker) -> str:
    """Return `en` or `zh`, as the stored message says."""
    message = tracker.latest_message
    language = (message.metadata or {}).get("language") if message else None
    return "en" if (language or "").lower().startswith("en") else DEFAULT_LANGUAGE


class Wording(TemplatedNaturalLanguageGenerator):
    """Responses of the domain, whose `metadata` names the language of each variation.

    A variable may itself be a response (`{"response": name, …its variables}`) or a list of them, one a line:
    so an action says which parts an answer has, and the domain says how each is worded. `choices` become buttons,
    or give way to the `cards` that offer the same, where the channel shows cards.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        """Take the responses of the domain; a model loaded later brings its own."""
        super().__init__(domain.responses if domain else {})

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Return the message for a response, or None when the domain does not know it."""
        language = language_of(tracker)
        variables = {**tracker.current_slot_values(), **kwargs}
        message = self._message(utter_action, language, output_channel, variables)
        if message is None:
            return None
        if kwargs.get("cards") and output_channel in SHOW_CARDS:
            cards = [self._worded(card, language, output_channel) for card in kwargs["cards"]]
            return {**message, "custom": {"cards": cards}}
        choices = [self._worded(choice, language, output_channel) for choice in kwargs.get("choices") or []]
        if choices:
            message["buttons"] = choices + message.get("buttons", [])
        return message

    def _message(
        self, name: str, language: str, channel: str, variables: dict[str, Any]
    ) -> dict[str, Any] | None:
        variation = self._variation(name, language, channel)
        if variation is None:
            return None
        message = {
            key: value
            for key, value in copy.deepcopy(variation).items()
            if key not in ("metadata", "channel")
        }
        if "text" in message:
            message["text"] = self._fill(message["text"], language, channel, variables)
        for button in message.get("buttons", []):
            button["title"] = self._fill(button["title"], language, channel, variables)
            button["payload"] = self._fill(button["payload"], language, channel, variables)
        return message

    def _variation(self, name: str, language: str, channel: str) -> dict[str, Any] | None:
        variations = [
            one for one in self.responses.get(name, []) if one.get("metadata", language) == language
        ]
        special = [one for one in variations if one.get("channel") == channel]
        usual = [one for one in variations if one.get("channel") is None]
        return next(iter(special + usual), None)

    def _worded(self, value: Any, language: str, channel: str) -> Any:
        """Return a button or a card with its words: what it names of the domain, in the customer's language."""
        if isinstance(value, list):
            return [self._worded(one, language, channel) for one in value]
        if isinstance(value, dict) and "response" not in value:
            return {name: self._worded(one, language, channel) for name, one in value.items()}
        return self._value(value, language, channel)

    def _fill(self, text: str, language: str, channel: str, variables: dict[str, Any]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            return self._value(variables[name], language, channel) if name in variables else match[0]

        filled = _EMPTY_LINES.sub("\n", _VARIABLE.sub(value, text))
        return _EMPTY_PLACES.sub(" ", filled).strip()

    def _value(self, value: Any, language: str, channel: str) -> str:
        if value is None:
            return ""
        if isinstance(value, dict) and "response" in value:
            part = self._message(value["response"], language, channel, value)
            return part["text"] if part else ""
        if isinstance(value, list):
            lines = [self._value(one, language, channel) for one in value]
            return "\n".join(line for line in lines if line)
        return str(value)
