"""A wish to buy: what for, for whom, and who will call."""

from __future__ import annotations

from actions.answering import answers
from actions.callback import who
from actions.crm import Record
from actions.formatting import format_moment
from actions.forms import form
from actions.loops import begin, end
from actions.turn import Turn, part
from actions.words import holds

FORM = "quote_form"
_ASKS_FOR_PHONE = 2
"""The number is asked for once more when the answer tells something else."""
_PRODUCTS = ("auto", "critical_illness", "medical", "accident", "life", "home")
_OTHER_MATTERS = {
    "cancel",
    "request_human",
    "goodbye",
    "complain",
    "query_claim",
    "query_policies",
    "report_claim",
    "verify_identity",
}
_OWN_QUESTIONS = {"request_quote", "query_premium", "inform", "affirm", "deny"}
"""What belongs to the quote even when it is put as a question: what it may cost, or an answer that asks back."""


@answers("action_request_quote")
async def request_quote(turn: Turn) -> None:
    """Take the need with what the message tells of it."""
    begin(turn, FORM, _add(turn, {}))


def _add(turn: Turn, matter: Record) -> Record:
    text = "" if turn.text.startswith("/") else turn.text
    product = turn.entity("product_type") or turn.entity("matter")
    added = {"product_type": product, "phone": turn.entity("phone_number")}
    matter = matter | {name: value for name, value in added.items() if value}
    if text:
        matter["need"] = " / ".join(filter(None, (matter.get("need"), text)))[-500:]
    return matter


async def ask(turn: Turn) -> None:
    """Ask for the product, then, in one question, for whom and how to reach them; then make the task."""
    matter = turn.matter
    if not matter.get("product_type"):
        choices = [
            {
                "title": part(f"utter_product_{product}"),
                "payload": f'/request_quote{{"product_type": "{product}"}}',
            }
            for product in _PRODUCTS
        ]
        turn.say("utter_ask_quote_product", choices=choices)
    elif not holds("need", matter.get("need") or "") and not matter.get("is_asked"):
        turn.ask_for("phone")
        turn.say("utter_ask_quote_need", product=part(f"utter_product_{matter['product_type']}"))
    elif _lacks_phone(matter) and not await _is_known(turn):
        turn.ask_for("phone")
        turn.say("utter_ask_quote_phone")
    else:
        await _make(turn, matter)


def _lacks_phone(matter: Record) -> bool:
    return not matter.get("phone") and int(matter.get("without_phone") or 0) < _ASKS_FOR_PHONE


async def _is_known(turn: Turn) -> bool:
    return int((await turn.crm.me())["level"]) > 0


async def _make(turn: Turn, matter: Record) -> None:
    product = matter["product_type"] if matter["product_type"] in _PRODUCTS else None
    need = matter.get("need") or product or "-"
    task = await turn.crm.add_task("quote", need, product_type=product, phone=matter.get("phone"))
    turn.say(
        "utter_quote_taken",
        number=task["number"],
        who=who(task),
        time=format_moment(task["due_at"], turn.language),
    )
    end(turn)


async def take(turn: Turn) -> bool:
    """Take whatever tells of the need; questions and other requests are left to their rules."""
    if _is_other_matter(turn):
        return False
    matter = turn.matter
    if (
        not matter.get("product_type")
        and not turn.entity("product_type")
        and turn.intent in ("inform", "deny", "affirm")
    ):
        matter = matter | {"product_type": "other"}
    if "utter_ask_quote_need" in turn.said_before():
        matter = matter | {"is_asked": True}
    if "utter_ask_quote_phone" in turn.said_before():
        asked = int(matter.get("without_phone") or 0) + 1
        matter = matter | {"without_phone": _ASKS_FOR_PHONE if _refuses_call(turn) else asked}
    turn.keep(_add(turn, matter))
    return True


def _is_other_matter(turn: Turn) -> bool:
    if turn.intent == "request_human" and turn.entity("phone_number"):
        return False  # "Call me on …" wants a person, and gets one: the quote ends with that call.
    if turn.intent in _OTHER_MATTERS or (turn.is_question() and turn.intent not in _OWN_QUESTIONS):
        return True
    return turn.intent in ("ask_faq", "out_of_scope") and turn.confidence > 0.6


def _refuses_call(turn: Turn) -> bool:
    return turn.intent == "deny" or (holds("refuses", turn.text) and not holds("need", turn.text))


form(FORM, resumed_by="action_request_quote", ask=ask, take=take)
