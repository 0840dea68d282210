"""Makes a plain function an action, with an answer for every failure."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.crm import Conflict, CrmUnavailable, IdentityRequired, Invalid, NotFound, ReverifyRequired
from actions.loops import VERIFY_FORM, begin
from actions.turn import Events, Turn

logger = logging.getLogger(__name__)

Answer = Callable[[Turn], Awaitable[None]]
ANSWERS: dict[str, Answer] = {}
"""Every answer by its action's name: a request that waited for verification is taken up through it."""
ACTIONS: dict[str, type[Action]] = {}
"""The same as actions for the action server."""

WRITING = {"action_suggest", "action_complain", "action_dispute_claim", "action_stop_notifications"}
SURE = 0.45


def answers(name: str) -> Callable[[Answer], Answer]:
    """Register a function as the action of that name; it speaks through its turn and adds events to it."""

    def register(answer: Answer) -> Answer:
        async def run(
            self: Action, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
        ) -> Events:
            turn = Turn(dispatcher, tracker)
            await answer_or_excuse(name, turn)
            return turn.events

        members = {
            "name": lambda self: name,
            "run": run,
            "__module__": answer.__module__,
            "__doc__": answer.__doc__,
        }
        ANSWERS[name] = answer
        ACTIONS[name] = type(name, (Action,), members)
        return answer

    return register


async def answer_or_excuse(name: str, turn: Turn) -> None:
    """Answer; or lead into verification; or say what is wrong and offer a person.

    What writes something down is done only on a message that was understood well: else it is asked again.
    """
    if name in WRITING and turn.confidence < SURE and not turn.is_resumed:
        name = "action_fallback"
    try:
        await ANSWERS[name](turn)
    except IdentityRequired as error:
        ask_to_verify(turn, name, is_again=isinstance(error, ReverifyRequired))
    except NotFound:
        turn.say("utter_not_found")
    except CrmUnavailable as error:
        # The turn has failed: the worker asks the same message again for two minutes, then opens a ticket.
        logger.warning("%s: the CRM is away (%s)", name, error)
        raise
    except (Conflict, Invalid) as error:
        logger.warning("%s: the CRM cannot (%s)", name, error)
        turn.say("utter_crm_unavailable")


def ask_to_verify(turn: Turn, name: str, is_again: bool = False, suspends: bool = True) -> None:
    """Keep the request, and start (or go on with) the verification; the answer follows by itself.

    A form in progress is suspended meanwhile, unless the request is its own.
    """
    turn.events.append(SlotSet("pending", json.dumps(turn.request(name), ensure_ascii=False)))
    turn.say("utter_verify_again" if is_again else "utter_verify_first")
    if turn.active_form != VERIFY_FORM:
        begin(turn, VERIFY_FORM, suspends=suspends)
