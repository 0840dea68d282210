"""Reporting a claim: the draft in the CRM is filled in any order, shown, confirmed, and becomes a claim."""

from __future__ import annotations

from actions.answering import answers
from actions.claim_words import is_account
from actions.crm import Conflict, IdentityRequired, Invalid, Record
from actions.forms import STEP, form
from actions.loops import VERIFY_FORM, begin, end, leave
from actions.mood import is_urgent
from actions.policies import policy_cards, policy_choices
from actions.report_details import (
    MAX_ACCOUNT,
    claimable,
    covering,
    is_correction,
    is_short,
    read_details,
    types_of,
)
from actions.report_summary import SUMMARY, is_summary_shown, say_summary, say_taken
from actions.steps import give_back
from actions.tickets import open_ticket, request_human
from actions.turn import Turn
from actions.words import holds

FORM = "claim_form"
_ORDER = ("description", "incident_date", "policy_number", "type")
_NO_POLICY = "utter_no_policy_to_claim"
_OFFERS_A_PERSON = {_NO_POLICY, "utter_offer_human"}
_DETAILS = {"inform", "report_claim", "affirm", "deny", "nlu_fallback", "out_of_scope", "thank", "greet"}
"""Intents of a message in the form that is not a request of its own."""


@answers("action_report_claim")
async def report_claim(turn: Turn) -> None:
    """Begin a report with what the message tells, or go on with the one begun; danger goes to a person first."""
    if is_urgent(turn):
        await open_ticket(turn, "urgent", "utter_report_urgent", urgency="urgent")
        return
    try:
        draft = await turn.crm.draft()
    except IdentityRequired:
        if is_account(turn.text):
            turn.say("utter_report_sorry")
        raise
    if draft and draft.get("description") == turn.text[:MAX_ACCOUNT]:
        # An attempt at this very message wrote it down and failed later: it is not an earlier report.
        draft = None
    choice = turn.entity("matter")
    if turn.resumed_form == FORM:
        await _note(turn, draft or {}, is_first=draft is None)
        begin(turn, FORM)
    elif choice == "new" and draft:
        await turn.crm.drop_draft()
        await _begin_with(turn, turn.matter.get("request") or {})
    elif choice in ("continue", "new") or (draft and not is_account(turn.text)):
        turn.say("utter_report_goes_on" if draft else "utter_report_start")
        begin(turn, FORM)
    elif draft and draft.get("description") and turn.active_form != FORM:
        turn.keep({"request": turn.request("action_report_claim")})
        turn.say("utter_draft_or_new", account=draft["description"])
    else:
        await _note(turn, draft or {}, is_first=draft is None)
        begin(turn, FORM)


async def _begin_with(turn: Turn, request: Record) -> None:
    earlier = Turn(turn.dispatcher, turn.tracker, request) if request else turn
    await _note(earlier, {}, is_first=True)
    begin(turn, FORM)


async def _note(turn: Turn, draft: Record, is_first: bool) -> None:
    if is_first and not turn.is_resumed:
        turn.say("utter_report_sorry" if is_account(turn.text) else "utter_report_start")
    await _update(turn, draft, _next_missing(draft))


async def _update(turn: Turn, draft: Record, asked: str | None) -> bool:
    """Put what the message tells into the draft; False when it tells nothing of the matter."""
    fields = await read_details(turn, draft, asked)
    if not fields:
        return False
    try:
        await turn.crm.update_draft(fields)
    except Invalid as error:
        turn.say("utter_date_refused" if error.field == "incident_date" else "utter_detail_refused")
    return True


def _next_missing(draft: Record | None) -> str | None:
    if draft is None:
        return None
    missing = draft.get("missing", _ORDER)
    return next((name for name in _ORDER if name in missing), None)


async def ask(turn: Turn) -> None:
    """Ask for what is still missing, with choices where there are any; else show all and ask for a yes."""
    draft = await turn.crm.draft()
    if draft is None and turn.tracker.get_slot("requested_slot") == STEP:
        end(turn)  # it became a claim or was dropped meanwhile, perhaps on another channel
        return
    if draft is None:
        draft = await turn.crm.update_draft({})
    step = _next_missing(draft)
    if step is None:
        await say_summary(turn, draft)
    elif step == "policy_number":
        await _ask_policy(turn, draft)
    elif step == "type":
        kinds = await types_of(turn, draft["product_type"])
        choices = [
            {"title": turn.localised(one["name"]), "payload": _payload("matter", one["type"])}
            for one in kinds
        ]
        turn.say("utter_ask_claim_type", choices=choices)
    else:
        turn.say(f"utter_ask_claim_{step}")


async def _ask_policy(turn: Turn, draft: Record) -> None:
    policies = await claimable(turn)
    if not policies:
        turn.say(_NO_POLICY)
        end(turn)
        return
    turn.ask_for("policy_number")
    fitting = covering(policies, draft)
    if not fitting:  # what was told is only guessed at: a policy can still be chosen, or a person asked
        turn.say(_NO_POLICY, choices=policy_choices(turn, policies, "report_claim"))
        return
    choices = policy_choices(turn, fitting, "report_claim")
    turn.say("utter_ask_claim_policy", choices=choices, cards=policy_cards(turn, fitting, "report_claim"))


def _payload(entity: str, value: str) -> str:
    return f'/report_claim{{"{entity}": "{value}"}}'


async def take(turn: Turn) -> bool:
    """Take a message in the form: details in any order, corrections, a yes to the summary."""
    said = turn.said_before()
    if turn.intent in ("affirm", "deny") and not turn.text.startswith("/") and "utter_confirm_cancel" in said:
        if turn.intent == "affirm" and not holds("goes_on", turn.text):
            await drop(turn)
        return True
    if turn.intent == "affirm" and _OFFERS_A_PERSON & set(said):
        await request_human(turn)
        return True
    draft = await turn.crm.draft()
    if is_urgent(turn) and turn.intent in _DETAILS:
        await open_ticket(turn, "urgent", "utter_report_urgent", urgency="urgent")
        return True
    if draft is None:
        # After its summary this very message may have confirmed it, in an attempt that failed later.
        return is_summary_shown(turn) and turn.is_yes and await confirm(turn)
    asked = _next_missing(draft)
    if not _is_for_the_report(turn, asked):
        return False
    if await _update(turn, draft, asked):
        return True
    if asked is None and is_summary_shown(turn) and turn.is_yes:
        await confirm(turn)
        return True
    return _answer_without_details(turn, asked)


def _answer_without_details(turn: Turn, asked: str | None) -> bool:
    """Say what to a message in the form that tells nothing new; False when it is for another rule."""
    if turn.intent == "deny":
        is_shown = asked is None and SUMMARY in turn.said_before(turns=2)
        turn.say("utter_what_to_correct" if is_shown else "utter_confirm_cancel")
    elif turn.intent not in _DETAILS or turn.intent in ("nlu_fallback", "out_of_scope"):
        return asked is None and bool(turn.entity("date"))  # the date that the draft has already
    elif asked == "incident_date" and turn.intent == "inform":
        turn.say("utter_date_not_understood")
    return True


def _is_for_the_report(turn: Turn, asked: str | None) -> bool:
    if turn.intent in _DETAILS:
        return not (
            turn.intent == "inform" and any(turn.entity(name) for name in ("claim_number", "ticket_number"))
        )
    if turn.text.startswith("/") or turn.is_question():
        return False
    if asked is None:
        return is_correction(turn)
    if asked == "description":
        return turn.confidence < 0.6 and is_account(turn.text)
    answers_it = {"incident_date": ("date",), "policy_number": ("policy_number", "product_type")}
    return is_short(turn.text) and any(turn.entity(name) for name in answers_it.get(asked, ()))


async def confirm(turn: Turn) -> bool:
    """Make the draft a claim; say its number and what happens next. False when there is nothing to say."""
    try:
        confirmed = await turn.crm.confirm_draft()
    except Conflict as error:
        if error.code != "already_confirmed":
            return False
        turn.say("utter_claim_registered", number=error.content.get("claim_number"))
        end(turn)
        return True
    say_taken(turn, confirmed)
    turn.remember("claim_number", confirmed["claim"]["number"])
    end(turn)
    return True


async def drop(turn: Turn) -> None:
    """Throw the report away, as the customer has confirmed."""
    await turn.crm.drop_draft()
    turn.say("utter_report_dropped")
    end(turn)


@answers("action_cancel")
async def cancel(turn: Turn) -> None:
    """Stop what is going on, and say so; a claim report, which has taken some trouble, only once confirmed."""
    choice = turn.entity("matter")
    if choice == "confirmed":
        await turn.crm.drop_draft()
        turn.say("utter_report_dropped")
    elif choice == "later":
        turn.say("utter_report_kept")
    elif turn.active_form == FORM:
        turn.say("utter_confirm_cancel")
        return
    elif not turn.active_form and "utter_surrender_offer" in turn.said_before():
        turn.say("utter_policy_kept")
    elif turn.active_form != VERIFY_FORM or not await give_back(turn):
        turn.say("utter_cancelled" if turn.active_form else "utter_nothing_to_cancel")
    leave(turn)


@answers("action_continue_report")
async def continue_report(turn: Turn) -> None:
    """Go on with the report that was offered."""
    turn.say("utter_report_goes_on")
    begin(turn, FORM)


form(FORM, resumed_by="action_report_claim", ask=ask, take=take)
