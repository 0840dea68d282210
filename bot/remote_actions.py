"""What we change in how Rasa 3.6 calls its action server.

Rasa validates every response of the action server against a JSON schema of all events, at each call. The other side
is our own `actions/`, tested against the same library's event format, so the check only costs: it was 41 % of a turn
with a custom action. Rasa also waits 300 s, goes on silently after a failed action, and keeps every variable of a
response in the tracker. `install()` changes these four things and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import rasa.core.actions.action as rasa_actions
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction, create_bot_utterance
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.events import BotUttered, Event
from rasa.shared.core.trackers import DialogueStateTracker

ACTION_SECONDS = 8
"""An action that takes longer has failed; its own calls have deadlines of 5 s."""

_failed_actions: ContextVar[list[str] | None] = ContextVar("failed_actions", default=None)
_PARTS = ("text", "image", "custom", "attachment")


@contextmanager
def noting_failures() -> Iterator[list[str]]:
    """Collect the names of the remote actions that fail inside the block."""
    failed: list[str] = []
    token = _failed_actions.set(failed)
    try:
        yield failed
    finally:
        _failed_actions.reset(token)


def accept_any_result(action: RemoteAction, result: dict[str, Any]) -> bool:
    """Stand in for Rasa's schema validation of an action's response."""
    return True


async def utter_responses(
    responses: list[dict[str, Any]],
    output_channel: OutputChannel,
    nlg: NaturalLanguageGenerator,
    tracker: DialogueStateTracker,
) -> list[BotUttered]:
    """Turn the action's responses into utterances that hold what is said, and not the variables."""
    utterances = []
    for response in responses:
        name = response.get("response")
        variables = {key: value for key, value in response.items() if key != "response"}
        draft = await nlg.generate(name, tracker, output_channel.name(), **variables) if name else {}
        if draft is None:
            raise LookupError(f"the domain has no wording for {name}")
        draft.update({key: response[key] for key in _PARTS if response.get(key)})
        draft["buttons"] = draft.get("buttons", []) + (response.get("buttons") or [])
        utterances.append(create_bot_utterance({**draft, "utter_action": name} if name else draft))
    return utterances


def _noting(run: Any) -> Any:
    async def run_and_note(self: RemoteAction, *args: Any, **kwargs: Any) -> list[Event]:
        try:
            events: list[Event] = await run(self, *args, **kwargs)
            return events
        except ActionExecutionRejection:
            raise
        except Exception:  # whatever it was, the turn has failed: noted here, handled where it was before
            failed = _failed_actions.get()
            if failed is not None:
                failed.append(self.name())
            raise

    run_and_note.is_ours = True  # type: ignore[attr-defined]
    return run_and_note


def install() -> None:
    """Make the changes in this process; a second call does nothing."""
    if getattr(RemoteAction.run, "is_ours", False):
        return
    rasa_actions.DEFAULT_REQUEST_TIMEOUT = ACTION_SECONDS
    RemoteAction._validate_action_result = accept_any_result
    RemoteAction._utter_responses = staticmethod(utter_responses)
    RemoteAction.run = _noting(RemoteAction.run)
