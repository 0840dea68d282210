"""One turn of the conversation: a message in, replies out, once."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.remote_actions import noting_failures
from bot.text import normalise
from bot.versions import version_of

TURN_SECONDS = 16
"""The worker gives up after 20 s; a turn that has not ended by now has failed."""

_FALLBACK = "action_fallback"
_MOST_GUESSES = 3

_QUESTION = re.compile(r"utter_(?:ask|confirm)_(?P<what>\w+)")
_COMMAND = re.compile(r"/(?P<intent>[a-z_]{1,64})(?P<entities>\{.*\})?", re.DOTALL)


class TurnFailed(Exception):
    """The turn did not happen, or said nothing; the tracker is as it was before."""


class BadCommand(ValueError):
    """A button's payload that is none of ours."""


@dataclass(frozen=True)
class Inbound:
    """A stored message, as the worker hands it over."""

    message_id: str
    sender_id: str
    text: str
    command: str | None
    language: str
    channel: str
    level: int
    received_at: str


class ReplyChannel(CollectingOutputChannel):
    """Collects replies under the name of the customer's channel, so that wordings for it apply."""

    def __init__(self, channel: str) -> None:
        """Take the customer's channel: wechat, sms or web."""
        super().__init__()
        self._channel = channel

    def name(self) -> str:
        """Return the customer's channel."""
        return self._channel


def primary_store(store: TrackerStore) -> TrackerStore:
    """Return the configured store without Rasa's silent change to memory on errors."""
    while isinstance(store, FailSafeTrackerStore):
        store = store._tracker_store
    return store


def parse_command(command: str, intents: set[str]) -> dict[str, Any]:
    """Read a button's payload `/intent{"entity": "value"}` as an understood message.

    Raises BadCommand when the form or the intent is not ours.
    """
    match = _COMMAND.fullmatch(command.strip())
    if not match or match["intent"] not in intents:
        raise BadCommand("not a command of ours")
    try:
        entities = json.loads(match["entities"] or "{}")
    except ValueError as error:
        raise BadCommand("entities are not JSON") from error
    intent = {"name": match["intent"], "confidence": 1.0}
    found = [
        {"entity": name, "value": str(value), "start": 0, "end": len(command), "extractor": "Command"}
        for name, value in entities.items()
    ]
    return {"text": command, "intent": intent, "intent_ranking": [intent], "entities": found}


def asked_slot(tracker: DialogueStateTracker) -> str | None:
    """Return the slot that the bot's last turn asked for: one that an action asked for, or the form's."""
    since = itertools.takewhile(lambda event: not isinstance(event, UserUttered), reversed(tracker.events))
    asked = (event.value for event in since if isinstance(event, SlotSet) and event.key == "asked")
    requested = tracker.get_slot("requested_slot") if tracker.active_loop_name else None
    return next(asked, requested)


def pressed(tracker: DialogueStateTracker, text: str) -> str | None:
    """Return the command of the button that has these words, of those shown last: typing them means pressing it."""
    words = normalise(text).casefold()
    since = itertools.takewhile(lambda event: not isinstance(event, UserUttered), reversed(tracker.events))
    shown = (
        button
        for event in since
        if isinstance(event, BotUttered)
        for button in event.data.get("buttons") or []
    )
    return next(
        (one["payload"] for one in shown if words and normalise(one["title"]).casefold() == words), None
    )


def replies_to(
    tracker: DialogueStateTracker | None, message_id: str
) -> tuple[UserUttered, list[BotUttered]] | None:
    """Return the message of that id and the replies that follow it, if the tracker has it."""
    if tracker is None:
        return None
    events = iter(tracker.events)
    for event in events:
        if isinstance(event, UserUttered) and event.message_id == message_id:
            following = itertools.takewhile(lambda later: not isinstance(later, UserUttered), events)
            return event, [later for later in following if isinstance(later, BotUttered)]
    return None


def _fell_back(tracker: DialogueStateTracker, heard: UserUttered) -> bool:
    """Say whether the bot answered this message without having understood it."""
    events = itertools.dropwhile(lambda event: event is not heard, tracker.events)
    following = itertools.takewhile(lambda event: not isinstance(event, UserUttered), list(events)[1:])
    return any(isinstance(event, ActionExecuted) and event.action_name == _FALLBACK for event in following)


def _guesses(heard: UserUttered) -> list[dict[str, Any]]:
    """Return the likeliest intents as the model ranked them, before any threshold."""
    ranking = (heard.parse_data or {}).get("intent_ranking") or []
    likely = [one for one in ranking if one.get("name") != DEFAULT_NLU_FALLBACK_INTENT_NAME]
    return [
        {"intent": one["name"], "confidence": round(float(one["confidence"]), 4)}
        for one in likely[:_MOST_GUESSES]
    ]


def asked_for(said: list[BotUttered]) -> str | None:
    """Return what the last of these replies asks for, by its response: `utter_ask_claim_type` asks for `claim_type`."""
    names = (str((one.metadata or {}).get("utter_action") or "") for one in reversed(said))
    matches = (_QUESTION.fullmatch(name) for name in names)
    return next((match["what"] for match in matches if match), None)


def _reply(said: BotUttered) -> dict[str, Any]:
    reply: dict[str, Any] = {"text": said.text or ""}
    if said.data.get("buttons"):
        reply["buttons"] = [
            {"title": one["title"], "payload": one["payload"]} for one in said.data["buttons"]
        ]
    custom = said.data.get("custom") or {}
    return reply | {name: custom[name] for name in ("link", "cards") if custom.get(name)}


def _answer(tracker: DialogueStateTracker, message_id: str, replayed: bool) -> dict[str, Any] | None:
    turn = replies_to(tracker, message_id)
    if turn is None:
        return None
    heard, said = turn
    replies = [reply for reply in map(_reply, said) if reply["text"] or "link" in reply or "cards" in reply]
    if not replies:
        return None
    return {
        "message_id": message_id,
        "replayed": replayed,
        "intent": heard.intent_name,
        "confidence": round(float(heard.intent.get("confidence") or 0.0), 4),
        "entities": [{"entity": one["entity"], "value": one["value"]} for one in heard.entities],
        "active_form": tracker.active_loop_name,
        "asked": asked_for(said),
        "model": (heard.metadata or {}).get("model"),
        "guesses": _guesses(heard),
        "fell_back": _fell_back(tracker, heard),
        "replies": replies,
    }


async def _think(agent: Agent, inbound: Inbound, tracker: DialogueStateTracker) -> None:
    """Take the turn on this tracker, as `processor.handle_message` does between reading and saving one."""
    processor = agent.processor
    intents = set(agent.domain.intents)
    command = inbound.command or pressed(tracker, inbound.text)
    message = UserMessage(
        text=command or inbound.text,
        output_channel=ReplyChannel(inbound.channel),
        sender_id=inbound.sender_id,
        parse_data=parse_command(command, intents) if command else None,
        input_channel=inbound.channel,
        message_id=inbound.message_id,
        metadata={
            "message_id": inbound.message_id,
            "language": inbound.language,
            "channel": inbound.channel,
            "level": inbound.level,
            "received_at": inbound.received_at,
            "asked": asked_slot(tracker),
            "model": version_of(processor.model_filename),
        },
    )
    tracker.model_id = processor.model_metadata.model_id
    tracker.assistant_id = tracker.assistant_id or processor.model_metadata.assistant_id
    await processor._update_tracker_session(tracker, message.output_channel, message.metadata)
    await processor._handle_message_with_tracker(message, tracker)
    await processor.run_action_extract_slots(message.output_channel, tracker)
    await processor._run_prediction_loop(message.output_channel, tracker)


async def take_turn(agent: Agent, inbound: Inbound) -> dict[str, Any]:
    """Answer a message, or return again the answer it has had.

    The tracker is read once, and saved only when the whole turn succeeded. Raises TurnFailed or BadCommand otherwise;
    what the store raises comes through.
    """
    if not agent.is_ready():
        raise TurnFailed("no model")
    async with agent.lock_store.lock(inbound.sender_id):
        store = primary_store(agent.tracker_store)
        agent.processor.tracker_store = store
        tracker = await store.retrieve(inbound.sender_id) or store.init_tracker(inbound.sender_id)
        answer = _answer(tracker, inbound.message_id, replayed=True)
        if answer:
            return answer
        with noting_failures() as failed:
            await asyncio.wait_for(_think(agent, inbound, tracker), TURN_SECONDS)
        if failed:
            raise TurnFailed(f"action failed: {', '.join(failed)}")
        answer = _answer(tracker, inbound.message_id, replayed=False)
        if answer is None:
            raise TurnFailed("empty reply")
        await store.save(tracker)
        return answer
