"""Giving up a policy: what it would mean, what else there is, and then a person."""

from __future__ import annotations

from actions.answering import answers
from actions.changes import say_asked
from actions.crm import Invalid, NotFound, Record
from actions.policies import of_product, policy_cards, policy_choices
from actions.turn import Part, Turn, part
from actions.words import holds

_LOSES = {
    "cover",
    "waiting_period_again",
    "health_questions_again",
    "higher_premium_later",
    "no_claim_discount",
}
_ALTERNATIVES = {
    "use_grace_period",
    "policy_loan",
    "reduced_paid_up",
    "lower_sum_insured",
    "pay_monthly",
    "reinstatement",
}


@answers("action_surrender")
async def surrender(turn: Turn) -> None:
    """Explain what giving up the policy means and what else there is; hand a clear wish after that to a person."""
    number = turn.number("policy_number")
    if number is None:
        policies = [
            one for one in of_product(turn, await turn.crm.policies()) if one["status"] in ("active", "grace")
        ]
        if not policies:
            turn.say("utter_no_policies")
            return
        if len(policies) > 1:
            choices = policy_choices(turn, policies, "surrender_policy")
            cards = policy_cards(turn, policies, "surrender_policy")
            turn.say("utter_which_policy_to_surrender", choices=choices, cards=cards)
            return
        number = str(policies[0]["number"])
    is_same = number == turn.tracker.get_slot("policy_number")
    if turn.entity("matter") == "confirmed" or (is_same and _is_clear(turn)):
        await _hand_over(turn, number)
        return
    try:
        _explain(turn, await turn.crm.surrender(number))
    except NotFound:
        turn.remember("policy_number", None)
        turn.ask_for("policy_number")
        turn.say("utter_policy_not_found", number=number)
        return
    turn.remember("policy_number", number)


@answers("action_surrender_confirmed")
async def surrender_confirmed(turn: Turn) -> None:
    """Go on after a clear yes to the explanation; after a mere "ok" nothing is asked for, and that is said."""
    if _is_clear(turn):
        await surrender(turn)
    else:
        quote = await turn.crm.surrender(str(turn.tracker.get_slot("policy_number")))
        _offer(turn, quote, [part("utter_surrender_not_asked")])


def _is_clear(turn: Turn) -> bool:
    """Say whether the message, which follows the explanation, asks for the surrender beyond doubt."""
    text = turn.text.strip(" 。.!！~")
    if "utter_surrender_offer" not in turn.said_before() or text.startswith("/") or turn.is_question():
        return False
    return holds("surrenders", text) and not holds("surrenders_in_doubt", text)


async def _hand_over(turn: Turn, number: str) -> None:
    turn.remember("policy_number", number)
    try:
        say_asked(turn, await turn.crm.request_change("surrender", {}, number))
    except Invalid:
        turn.say("utter_surrender_refused")


def _explain(turn: Turn, quote: Record) -> None:
    lines: list[Part] = []
    if quote.get("is_cooling_off"):
        lines.append(part("utter_surrender_cooling_off", refund=turn.money(quote.get("refund"))))
    elif quote.get("refund"):
        lines.append(part("utter_surrender_refund", refund=turn.money(quote["refund"])))
    elif quote.get("cash_value"):
        lines.append(part("utter_surrender_cash_value", amount=turn.money(quote["cash_value"])))
    else:
        lines.append(part("utter_surrender_no_value"))
    lines += [part(f"utter_loses_{code}") for code in quote.get("loses") or [] if code in _LOSES]
    others = [
        part(f"utter_alternative_{code}") for code in quote.get("alternatives") or [] if code in _ALTERNATIVES
    ]
    if others:
        lines += [part("utter_alternatives"), *others]
    _offer(turn, quote, lines)


def _offer(turn: Turn, quote: Record, lines: list[Part]) -> None:
    number = quote["policy_number"]
    payload = f'/surrender_policy{{"policy_number": "{number}", "matter": "confirmed"}}'
    turn.say(
        "utter_surrender_offer",
        product=turn.localised(quote.get("product_name")),
        number=number,
        lines=lines,
        choices=[
            {"title": part("utter_button_surrender"), "payload": payload},
            {"title": part("utter_button_keep"), "payload": "/deny"},
        ],
    )
