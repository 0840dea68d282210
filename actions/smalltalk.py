"""Greeting by name, and messages that only make sense in context."""

from __future__ import annotations

from actions.answering import ANSWERS, answers
from actions.crm import CrmUnavailable
from actions.turn import Turn, part

_BY_NUMBER = {
    "claim_number": "action_query_claim",
    "policy_number": "action_query_policy_detail",
    "ticket_number": "action_query_ticket",
}
_OFFERS = {
    "utter_offer_human": "action_request_human",
    "utter_no_article": "action_request_human",
    "utter_crm_unavailable": "action_request_human",
    "utter_surrender": "action_request_human",
}


@answers("action_greet")
async def greet(turn: Turn) -> None:
    """Greet, by surname when the contact is known."""
    try:
        me = await turn.crm.me()
    except CrmUnavailable:
        me = {}
    surname = me.get("surname")
    title = {"f": "utter_title_f", "m": "utter_title_m"}.get(me.get("gender") or "")
    if surname and title:
        turn.say("utter_greet_by_name", name=part(title, surname=surname))
    else:
        turn.say("utter_greet")


@answers("action_take_details")
async def take_details(turn: Turn) -> None:
    """Use a number that was given by itself; ask what it is about otherwise."""
    for name, action in _BY_NUMBER.items():
        if turn.entity(name):
            await ANSWERS[action](turn)
            return
    turn.say("utter_what_about")


@answers("action_affirm")
async def affirm(turn: Turn) -> None:
    """Do what the bot offered last; else ask what is wanted."""
    action = next((_OFFERS[name] for name in _last_said(turn) if name in _OFFERS), None)
    if action:
        await ANSWERS[action](turn)
    else:
        turn.say("utter_what_next")


def _last_said(turn: Turn) -> list[str]:
    """Return the responses of the turn before this one."""
    events = list(turn.tracker.events)
    users = [index for index, event in enumerate(events) if event.get("event") == "user"]
    start = users[-2] if len(users) > 1 else 0
    said = (event for event in events[start : users[-1] if users else 0] if event.get("event") == "bot")
    return [str((event.get("metadata") or {}).get("utter_action") or "") for event in said]
