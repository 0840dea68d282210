"""Matters that take several messages: how each is asked about and answered.

Every form has the one slot `step`, so that Rasa keeps the conversation's attention on the matter; what has been
gathered lies in the CRM (a claim's draft) or in the slot `matter`. A message that a form does not take is answered by
its own rule, and then the form asks again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import ask_to_verify
from actions.crm import Conflict, CrmUnavailable, IdentityRequired, Invalid, NotFound, ReverifyRequired
from actions.turn import Events, Turn

logger = logging.getLogger(__name__)

STEP = "step"
Ask = Callable[[Turn], Awaitable[None]]
Take = Callable[[Turn], Awaitable[bool]]
FORM_ACTIONS: list[type[Action]] = []

QUESTIONS = {
    "utter_confirm_cancel",
    "utter_what_to_correct",
    "utter_which_document",
    "utter_which_claim_for_document",
    "utter_draft_or_new",
    "utter_crm_unavailable",
    "utter_offer_human",
}
"""Said inside a form, these wait for their own answer: the form does not ask on top of them."""


def form(name: str, resumed_by: str, ask: Ask, take: Take) -> None:
    """Register a form: what it asks next, and how it takes a message (False: not about this matter).

    `resumed_by` is the answer that goes on with the matter after a verification.
    """

    async def run_ask(
        self: Action, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        turn = Turn(dispatcher, tracker)
        if not QUESTIONS & set(turn.said_now()):
            await _guarded(turn, resumed_by, ask)
        return turn.events

    async def run_take(
        self: Action, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        if tracker.get_slot("requested_slot") != STEP:
            return []  # the form has only just begun: nothing was asked yet
        turn = Turn(dispatcher, tracker)
        is_taken = await _guarded(turn, resumed_by, take)
        return [SlotSet(STEP, None), *turn.events] if is_taken else []

    for action_name, run in ((f"action_ask_{name}_{STEP}", run_ask), (f"validate_{name}", run_take)):
        members = {"name": lambda self, own=action_name: own, "run": run, "__doc__": f"See `{name}`."}
        FORM_ACTIONS.append(type(action_name, (Action,), members))


async def _guarded(turn: Turn, resumed_by: str, do: Callable[[Turn], Awaitable[Any]]) -> Any:
    """Do it; or lead into verification and come back; or say what is wrong."""
    try:
        return await do(turn)
    except IdentityRequired as error:
        is_again = isinstance(error, ReverifyRequired)
        ask_to_verify(turn, resumed_by, is_again=is_again, suspends=False)
    except NotFound:
        turn.say("utter_not_found")
    except CrmUnavailable as error:
        # The turn has failed: the worker asks the same message again for two minutes, then opens a ticket.
        logger.warning("%s: the CRM is away (%s)", resumed_by, error)
        raise
    except (Conflict, Invalid) as error:
        logger.warning("%s: the CRM cannot (%s)", resumed_by, error)
        turn.say("utter_crm_unavailable")
    return True
