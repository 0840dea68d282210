"""Greeting by name, and messages that only make sense in context."""

from __future__ import annotations

from actions.answering import ANSWERS, answers
from actions.crm import CrmUnavailable, IdentityRequired, Record
from actions.knowledge import fell_back_before, noted_with_ticket
from actions.turn import Turn, is_new_phone, part

_BY_NUMBER = {
    "claim_number": "action_query_claim",
    "policy_number": "action_query_policy_detail",
    "ticket_number": "action_query_ticket",
}
_QUESTIONS = {
    "utter_which_policy": "action_query_policy_detail",
    "utter_policy_list": "action_query_policy_detail",
    "utter_which_policy_to_surrender": "action_surrender",
    "utter_which_policy_to_renew": "action_renew",
    "utter_which_claim": "action_query_claim",
    "utter_which_claim_to_dispute": "action_dispute_claim",
    "utter_which_materials": "action_claim_materials",
}
"""What a product named after these is meant for."""
_OFFERS = {
    "utter_offer_human": "action_request_human",
    "utter_no_article": "action_request_human",
    "utter_crm_unavailable": "action_request_human",
    "utter_not_found": "action_request_human",
    "utter_no_policies": "action_request_human",
    "utter_no_tickets": "action_request_human",
    "utter_upload_general": "action_request_human",
    "utter_no_claims": "action_report_claim",
    "utter_unfinished_report": "action_continue_report",
    "utter_welcome_back": "action_continue_report",
    "utter_draft_or_new": "action_continue_report",
    "utter_surrender_offer": "action_surrender_confirmed",
    "utter_renewal_offer": "action_renew",
}
"""What a yes means after these."""
_REFUSALS = {
    "utter_surrender_offer": "utter_policy_kept",
    "utter_unfinished_report": "utter_report_kept",
    "utter_welcome_back": "utter_report_kept",
}
"""What is said to a no after these."""


@answers("action_greet")
async def greet(turn: Turn) -> None:
    """Greet, by surname when the contact is known."""
    try:
        me = await turn.crm.me()
    except CrmUnavailable:
        me = {}
    surname = me.get("latin_surname" if turn.language == "en" else "surname")
    title = {"f": "utter_title_f", "m": "utter_title_m"}.get(me.get("gender") or "")
    if not surname or not title:
        turn.say("utter_greet")
        return
    name = part(title, surname=surname)
    draft = await _open_draft(turn, me)
    if draft:
        channel = part(f"utter_channel_{draft.get('started_on') or 'web'}")
        turn.say("utter_welcome_back", name=name, channel=channel)
    elif me.get("known_on"):
        turn.say("utter_greet_again", name=name)
    else:
        turn.say("utter_greet_by_name", name=name)


async def _open_draft(turn: Turn, me: Record) -> Record | None:
    if not me.get("open_draft") or turn.active_form:
        return None
    try:
        return await turn.crm.draft()
    except (CrmUnavailable, IdentityRequired):
        return None


@answers("action_take_details")
async def take_details(turn: Turn) -> None:
    """Use a number that was given by itself; ask what it is about otherwise."""
    for name, action in _BY_NUMBER.items():
        if turn.entity(name):
            await ANSWERS[action](turn)
            return
    if is_new_phone(turn):
        await ANSWERS["action_request_change"](turn)
        return
    meant = next((_QUESTIONS[name] for name in turn.said_before() if name in _QUESTIONS), None)
    if meant and turn.entity("product_type"):
        await ANSWERS[meant](turn)
    elif noted := noted_with_ticket(turn):
        turn.say(noted)
    else:
        turn.say("utter_offer_human" if fell_back_before(turn) else "utter_what_about")


@answers("action_affirm")
async def affirm(turn: Turn) -> None:
    """Do what the bot offered last; else ask what is wanted."""
    action = next((_OFFERS[name] for name in turn.said_before() if name in _OFFERS), None)
    if action:
        await ANSWERS[action](turn)
    else:
        turn.say("utter_what_next")


@answers("action_deny")
async def deny(turn: Turn) -> None:
    """Leave what the bot offered last, and ask what is wanted instead."""
    answer = next((_REFUSALS[name] for name in turn.said_before() if name in _REFUSALS), "utter_denied")
    turn.say(answer)
