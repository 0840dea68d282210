"""Beginning, leaving and coming back to the forms."""

from __future__ import annotations

import json
from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.turn import Events, Turn

VERIFY_FORM = "verify_form"
VERIFY_SLOTS = ("phone", "id_last4", "otp")


def verification_cleared() -> Events:
    """Forget what the verification has gathered."""
    return [SlotSet(name, None) for name in VERIFY_SLOTS]


def begin(turn: Turn, name: str, matter: dict[str, Any] | None = None, suspends: bool = True) -> None:
    """Begin a form; another one in progress is taken up again when this one has ended."""
    if suspends and turn.active_form and turn.active_form != name:
        suspended = {"form": turn.active_form, "matter": turn.matter}
        turn.events.append(SlotSet("suspended", json.dumps(suspended, ensure_ascii=False)))
    turn.keep(matter or {})
    turn.events += [SlotSet("requested_slot", None), FollowupAction(name)]


def end(turn: Turn) -> None:
    """End the form whose message this is, and go back to the one that it had interrupted, if there is one."""
    turn.events.append(SlotSet("requested_slot", None))
    if not go_back(turn):
        turn.keep({})
        turn.events.append(FollowupAction("action_listen"))


def go_back(turn: Turn) -> bool:
    """Take up the form that was interrupted; False when there is none."""
    suspended = json.loads(turn.tracker.get_slot("suspended") or "{}")
    if not suspended:
        return False
    turn.say("utter_back_to", matter={"response": f"utter_matter_{suspended['form']}"})
    turn.events.append(SlotSet("suspended", None))
    turn.keep(suspended["matter"])
    turn.events.append(FollowupAction(suspended["form"]))
    return True


def leave(turn: Turn) -> None:
    """End whatever form is active, without going back to another, and forget what it has gathered."""
    if turn.active_form:
        cleared = [SlotSet(name, None) for name in ("requested_slot", "pending", "suspended", "matter")]
        turn.events += [ActiveLoop(None), *cleared, *verification_cleared(), FollowupAction("action_listen")]
