"""Changes of contact details, bank account and beneficiaries, and renewals: gathered here, confirmed by a person."""

from __future__ import annotations

import re
from typing import Any

from actions.answering import answers
from actions.crm import IdentityRequired, Invalid, Record
from actions.forms import form
from actions.loops import begin, end
from actions.policies import MAX_CHOICES, policy_cards, policy_choices, product
from actions.tickets import when
from actions.turn import Turn, part
from actions.words import holds, pattern, tells

FORM = "change_form"
_KINDS = {
    "change_contact": "contact",
    "change_payment_account": "payment_account",
    "change_beneficiary": "beneficiary",
}
_NEEDED = {
    "contact": ("field", "value"),
    "payment_account": ("account",),
    "beneficiary": ("policy_number", "wish", "is_named"),
}
_DETAILS = {"inform", "affirm", "deny", "nlu_fallback", "out_of_scope", "verify_identity", *_KINDS}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NEW_VALUE = re.compile(
    r"(?:改成|改为|换成|变成|更新为|是|为|搬到了?|\b(?:to|is|now)\b)\s*[:：]?\s*(.{4,120})$", re.IGNORECASE
)
# What an answer to "what is the new address" may begin with; inside an address the same words are part of it.
_LEAD = re.compile(
    r"^\s*(?:(?:我的?|我们的?)?新?(?:住址|地址|家)?(?:改成|改为|换成|变成|更新为|是|搬到了?)"
    r"|(?:(?:my|the|our) )?(?:new )?(?:address|it)(?:'s| is)(?: now)?\b|to\b)\s*[:：]?\s*",
    re.IGNORECASE,
)


@answers("action_request_change")
async def request_change(turn: Turn) -> None:
    """Begin a change with what the message tells, once it is known who asks."""
    if (await turn.crm.me())["level"] < 2:
        raise IdentityRequired(2)
    matter = {"kind": _KINDS.get(turn.intent, "contact"), **turn.matter} if turn.active_form == FORM else {}
    matter["kind"] = _KINDS.get(turn.intent, "contact")
    begin(turn, FORM, matter | await _read(turn, matter))


async def _read(turn: Turn, matter: Record) -> Record:
    """Return what the message adds to the change."""
    text = "" if turn.text.startswith("/") else turn.text
    if matter["kind"] == "contact":
        return _read_contact(turn, text, matter)
    if matter["kind"] == "payment_account":
        bank = pattern("bank").search(text)
        given = {"account": turn.entity("bank_account"), "bank": bank[0] if bank else None}
        return {name: value for name, value in given.items() if value}
    return await _read_beneficiary(turn, text, matter)


def _read_contact(turn: Turn, text: str, matter: Record) -> Record:
    email, phone = _EMAIL.search(text), turn.entity("phone_number")
    if email:
        return {"field": "email", "value": email[0]}
    if phone:
        return {"field": "phone", "value": phone}
    named = turn.entity("matter") or tells("contact_field", text)
    field = matter.get("field")
    is_answer = turn.active_form == FORM and field == "address" and turn.intent != "deny" and not turn.is_yes
    if is_answer and named in (None, "address", "phone") and len(text) >= 4:
        return {"value": _LEAD.sub("", text)[:200]}
    if not named or named == field:
        return {}
    value = _new_value(text) if named == "address" else None
    return {"field": named, "value": value}


def _new_value(text: str) -> str | None:
    found = _NEW_VALUE.search(text)
    return found[1].strip(" 。.!！") if found else None


async def _read_beneficiary(turn: Turn, text: str, matter: Record) -> Record:
    given: Record = {}
    number = turn.entity("policy_number")
    policies = await _with_beneficiaries(turn)
    known = [one for one in policies if one["number"] == number] if number else policies
    named = [one for one in known if one["product_type"] == turn.entity("product_type")] or known
    if len(named) == 1 and (number or not matter.get("policy_number")):
        given["policy_number"] = named[0]["number"]
    is_answer = (
        turn.active_form == FORM and matter.get("policy_number") and turn.intent != "deny" and not turn.is_yes
    )
    tells_who = bool(turn.entity("person") or holds("person_or_share", text))
    if text and (tells_who or (is_answer and len(text) >= 3 and not number)):
        earlier = matter.get("wish") if not is_complete(matter) else None
        given["wish"] = " / ".join(filter(None, (earlier, text)))[:500]
        given["is_named"] = bool(matter.get("wish")) or _names_somebody(turn, text)
    return given


def _names_somebody(turn: Turn, text: str) -> bool:
    return bool(turn.entity("person")) or holds("heirs", text)


def is_complete(matter: Record) -> bool:
    """Say whether nothing more has to be asked before the yes."""
    return all(matter.get(name) for name in _NEEDED[matter["kind"]])


async def _with_beneficiaries(turn: Turn) -> list[Record]:
    """Return the policies on somebody's life or health: the others have no beneficiary to name."""
    policies = [one for one in await turn.crm.policies() if one["status"] in ("active", "grace")]
    return [one for one in policies if one["product_type"] not in ("auto", "home")] or policies


async def ask(turn: Turn) -> None:
    """Ask for what the change still needs; else show it and ask for a yes."""
    matter = turn.matter
    missing = next((name for name in _NEEDED[matter["kind"]] if not matter.get(name)), None)
    if missing is None:
        turn.say(f"utter_confirm_{matter['kind']}", **_shown(turn, matter))
    elif missing == "policy_number":
        turn.ask_for("policy_number")
        policies = await _with_beneficiaries(turn)
        choices = policy_choices(turn, policies, "change_beneficiary")
        cards = policy_cards(turn, policies, "change_beneficiary")
        turn.say("utter_which_policy_to_change", choices=choices, cards=cards)
    elif missing == "value":
        turn.ask_for("phone" if matter["field"] == "phone" else "value")
        turn.say(f"utter_ask_new_{matter['field']}")
    else:
        turn.say(f"utter_ask_change_{'wish' if missing == 'is_named' else missing}")


def _shown(turn: Turn, matter: Record) -> dict[str, Any]:
    return {
        "field": part(f"utter_field_{matter.get('field') or 'phone'}"),
        "value": matter.get("value") or "",
        "bank": matter.get("bank") or part("utter_the_new_card"),
        "number": matter.get("policy_number") or "",
        "wish": matter.get("wish") or "",
    }


async def take(turn: Turn) -> bool:
    """Take a message in the form: details, corrections, a yes."""
    matter = turn.matter
    if turn.intent in _KINDS and _KINDS[turn.intent] != matter["kind"]:
        return False
    if turn.intent not in _DETAILS and (turn.is_question() or turn.confidence > 0.5):
        return False
    if turn.intent in ("nlu_fallback", "out_of_scope") and turn.is_question():
        return False  # a question is nobody's address and no wish
    given = await _read(turn, matter)
    if any(matter.get(name) != value for name, value in given.items()):
        turn.keep(matter | given)
        return True
    if turn.intent in ("nlu_fallback", "out_of_scope") and not turn.is_yes:
        return False
    if is_complete(matter) and turn.is_yes:
        turn.keep(matter | {"is_confirmed": True})
        await submit(turn)
    elif is_complete(matter) and turn.intent == "deny":
        turn.say("utter_what_to_correct")
    elif turn.intent == "deny":
        turn.say("utter_cancelled")
        end(turn)
    elif matter.get("field") in ("phone", "email") and turn.intent == "inform":
        turn.say(f"utter_new_{matter['field']}_not_understood")
    return True


@answers("action_submit_change")
async def submit_change(turn: Turn) -> None:
    """Go on where a proof of identity was asked for: send the change that had its yes, else ask for what is missing."""
    matter = turn.matter
    if matter.get("is_confirmed"):
        await submit(turn)
    elif matter:
        begin(turn, FORM, matter | await _read(turn, matter))
    else:
        turn.say("utter_what_next")


async def submit(turn: Turn) -> None:
    """Send the change to the CRM and say what happens next. Raises ReverifyRequired."""
    matter = turn.matter
    details = {
        name: matter[name] for name in ("field", "value", "account", "bank", "wish") if matter.get(name)
    }
    try:
        change = await turn.crm.request_change(matter["kind"], details, matter.get("policy_number"))
    except Invalid:
        turn.say("utter_change_refused")
        turn.keep({name: matter[name] for name in ("kind", "field", "policy_number") if matter.get(name)})
        if turn.active_form != FORM:
            begin(turn, FORM, {"kind": matter["kind"]})
        return
    say_asked(turn, change)
    if turn.active_form == FORM:
        end(turn)
    else:
        turn.keep({})


def say_asked(turn: Turn, change: Record) -> None:
    """Say that a change is asked for: its number, who confirms it, by when."""
    what = turn.localised(change.get("summary"))
    turn.say(f"utter_{change['kind']}_asked", number=change["number"], what=what, when=when(turn, change))


def renewal_button(turn: Turn, number: str, policy: Record) -> dict[str, Any]:
    """Return a button that asks for the renewal of a policy."""
    payload = f'/query_premium{{"policy_number": "{number}", "matter": "renewal"}}'
    return {"title": part("utter_button_renew", product=product(turn, policy)), "payload": payload}


@answers("action_renew")
async def renew(turn: Turn) -> None:
    """Ask for the renewal of a policy."""
    number = turn.number("policy_number")
    if number is None:
        policies = [
            one for one in await turn.crm.policies() if one["status"] in ("active", "grace", "expired")
        ]
        choices = [renewal_button(turn, one["number"], one) for one in policies[:MAX_CHOICES]]
        turn.say("utter_which_policy_to_renew", choices=choices)
        return
    try:
        say_asked(turn, await turn.crm.request_change("renewal", {}, number))
    except Invalid:
        turn.say("utter_renewal_refused")


form(FORM, resumed_by="action_submit_change", ask=ask, take=take)
