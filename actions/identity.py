"""Proving who one is: phone on record, last four of the identity document, one-time code."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import ANSWERS, answer_or_excuse, answers
from actions.crm import CrmUnavailable, IdentityRequired, Invalid, Record
from actions.formatting import format_moment
from actions.loops import VERIFY_FORM, begin, go_back, verification_cleared
from actions.steps import give_back
from actions.turn import Events, Turn, is_new_phone, part

_UNANSWERED = {"inform", "affirm", "deny", "verify_identity", "greet", "thank", "out_of_scope"}
"""What is no request of its own while the form asks: the form says what it needs and asks again."""
_HELP_IS_OFFERED = 2
"""How many codes were wrong before the one after which a person is offered: a lock looks like a wrong code."""
_SHORT_WAIT = 60


@answers("action_start_verification")
async def start_verification(turn: Turn) -> None:
    """Start the form, unless the customer is verified already."""
    me = await turn.crm.me()
    if me["level"] >= 2:
        if not await give_back(turn):
            turn.say("utter_already_verified")
        return
    turn.say("utter_verify_intro")
    turn.events += verification_cleared()
    if turn.active_form != VERIFY_FORM:
        begin(turn, VERIFY_FORM)


@answers("action_after_verification")
async def after_verification(turn: Turn) -> None:
    """Say that it worked, answer the request that had to wait, and go back to what was interrupted, or to the agent."""
    pending = json.loads(turn.tracker.get_slot("pending") or "{}")
    if not turn.tracker.get_slot("otp"):
        return
    turn.say("utter_verified")
    turn.events += [SlotSet("pending", None), *verification_cleared()]
    if pending.get("action") in ANSWERS:
        resumed = Turn(turn.dispatcher, turn.tracker, pending)
        await answer_or_excuse(pending["action"], resumed)
        turn.events += [event for event in resumed.events if event.get("name") != VERIFY_FORM]
        if any(event["event"] == "followup" for event in turn.events):
            return
    if go_back(turn) or await give_back(turn):
        return
    if not await say_unfinished_report(turn) and not pending:
        turn.say("utter_what_next")


async def say_unfinished_report(turn: Turn) -> bool:
    """Offer to go on with a claim report that was begun, here or on another channel; False when there is none."""
    try:
        draft = (await turn.crm.draft()) if (await turn.crm.me()).get("open_draft") else None
    except (CrmUnavailable, IdentityRequired):
        return False
    if draft:
        channel = part(f"utter_channel_{draft.get('started_on') or 'web'}")
        turn.say("utter_unfinished_report", channel=channel)
    return bool(draft)


class ValidateVerifyForm(Action):
    """Reads the answers of the form, has the code sent and checked."""

    def name(self) -> str:
        """Return the name under which Rasa calls it in the form."""
        return "validate_verify_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Return the slots as far as they are known; nothing when the message was about something else."""
        turn = Turn(dispatcher, tracker)
        asked = tracker.get_slot("requested_slot")
        if asked == "otp":
            return await _read_code(turn)
        return await _read_person(turn, asked)


async def _read_person(turn: Turn, asked: str | None) -> Events:
    is_own = turn.intent in ("verify_identity", "inform") and not is_new_phone(turn)
    if asked is None and not is_own:
        return []  # numbers in a request mean the request, such as a new phone number
    known = {name: turn.tracker.get_slot(name) for name in ("phone", "id_last4")}
    given = {"phone": turn.entity("phone_number"), "id_last4": turn.entity("id_last4")}
    if asked == "phone" and not given["phone"] and _phone_as_code(turn):
        given = {"phone": None, "id_last4": None}
    new = {name: value for name, value in given.items() if value}
    if not new:
        return _say_what_is_needed(turn, asked)
    events: Events = [SlotSet(name, value) for name, value in new.items()]
    both = {**known, **new}
    if both["phone"] and both["id_last4"]:
        events += await _send_code(turn, str(both["phone"]), str(both["id_last4"]))
    return events


def _phone_as_code(turn: Turn) -> bool:
    return bool(re.fullmatch(r"[\d\s-]{4,10}", turn.text.strip()))


def _say_what_is_needed(turn: Turn, asked: str | None) -> Events:
    """Ask again with a reason; leave other requests to their own rules."""
    if asked is None or turn.intent not in _UNANSWERED or _has_own_number(turn):
        return []
    if turn.intent in ("inform", "deny"):
        turn.say({"phone": "utter_phone_not_understood", "id_last4": "utter_last4_not_understood"}[asked])
    elif turn.intent == "out_of_scope":
        turn.say("utter_out_of_scope_in_form")
    return [SlotSet(asked, None)]


def _has_own_number(turn: Turn) -> bool:
    return any(turn.entity(name) for name in ("claim_number", "policy_number", "ticket_number"))


async def _send_code(turn: Turn, phone: str, id_last4: str) -> Events:
    try:
        sent = await turn.crm.send_code(phone, id_last4, "verification")
    except Invalid:
        turn.say("utter_phone_not_understood")
        return verification_cleared()
    _say_sent(turn, sent)
    return [SlotSet("phone", phone), SlotSet("id_last4", id_last4), SlotSet("otp", None)]


def _say_sent(turn: Turn, sent: Record) -> None:
    """Say that a code was sent, or how long it takes until one can be: to a stranger just the same."""
    wait = sent.get("wait_seconds")
    if not wait:
        turn.say("utter_code_sent", phone=sent["phone"])
    elif wait <= _SHORT_WAIT:
        turn.say("utter_code_just_asked", phone=sent["phone"], seconds=-(-wait // 10) * 10)
    else:
        free = datetime.fromisoformat(turn.received_at) if turn.received_at else datetime.now(UTC)
        free += timedelta(seconds=wait + 60)  # told by the minute
        turn.say(
            "utter_code_asked_often", phone=sent["phone"], time=format_moment(free.isoformat(), turn.language)
        )


async def _read_code(turn: Turn) -> Events:
    phone = turn.entity("phone_number")
    if phone and phone != turn.tracker.get_slot("phone"):
        return await _send_code(turn, phone, turn.entity("id_last4") or turn.tracker.get_slot("id_last4"))
    code = turn.entity("otp")
    if code:
        return await _check_code(turn, code)
    if turn.intent == "verify_identity":
        return await _send_code(turn, turn.tracker.get_slot("phone"), turn.tracker.get_slot("id_last4"))
    if turn.intent in _UNANSWERED and not _has_own_number(turn):
        turn.say(
            "utter_code_not_understood" if turn.intent != "out_of_scope" else "utter_out_of_scope_in_form"
        )
        return [SlotSet("otp", None)]
    return []


async def _check_code(turn: Turn, code: str) -> Events:
    checked = await turn.crm.check_code(code)
    if checked["status"] == "verified":
        return [SlotSet("otp", code)]
    if checked["status"] == "expired":
        turn.say("utter_code_expired")
    else:
        turn.say("utter_code_wrong" if _wrong_codes(turn) < _HELP_IS_OFFERED else "utter_code_wrong_again")
    return [SlotSet("otp", None)]


def _wrong_codes(turn: Turn) -> int:
    """Count the codes that were refused before in this form."""
    count = 0
    for event in turn.tracker.events:
        if event.get("event") == "active_loop" and event.get("name") == VERIFY_FORM:
            count = 0
        said = (event.get("metadata") or {}).get("utter_action") if event.get("event") == "bot" else None
        count += said in ("utter_code_wrong", "utter_code_wrong_again")
    return count
