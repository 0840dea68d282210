"""Complaints, disputes and suggestions: acknowledged, told apart, and passed on with the dates that apply."""

from __future__ import annotations

from actions.answering import answers
from actions.claims import claim_cards, claim_choices
from actions.crm import Conflict, IdentityRequired, NotFound
from actions.forms import form
from actions.loops import begin, end
from actions.mood import is_angry, is_angry_again, is_urgent
from actions.tickets import open_ticket, summary
from actions.turn import Turn, part
from actions.words import holds, tells, without

_CATEGORIES = {"sales": "product", "claims": "claim"}
"""What the register calls a class of complaint; any other is about service."""
_DECIDED = ("declined", "paid", "approved", "closed")
_REASON_LENGTH = 1000
_OTHER_MATTERS = {"cancel", "request_human", "goodbye", "verify_identity", "query_ticket", "report_claim"}


def tells_something(text: str) -> bool:
    """Say whether a message holds more than the wish to complain or to suggest."""
    return not text.startswith("/") and len(without("filler_complaint", text)) >= 4


def class_of(text: str) -> str:
    """Tell what a complaint is about: sales, charges, claims, privacy, service, or other."""
    return tells("complaint_class", text) or "other"


@answers("action_complain")
async def complain(turn: Turn) -> None:
    """Acknowledge a complaint, with its number and the dates that apply; ask what happened when that is not told."""
    if is_urgent(turn):
        await open_ticket(turn, "urgent", "utter_report_urgent", urgency="urgent")
    elif tells_something(turn.text) or is_angry_again(turn):
        await _take_complaint(turn)
    else:
        begin(turn, "complaint_form")


def _entry(turn: Turn, kind: str) -> dict[str, str | None]:
    """Return how the register of complaints has it: category, severity, product."""
    said = summary(turn)
    severity = "major" if holds("complaint_major", said) else "ordinary"
    product = turn.product_type or (tells("product", said) if kind == "claims" else None)
    return {"category": _CATEGORIES.get(kind, "service"), "severity": severity, "product_type": product}


async def _take_complaint(turn: Turn) -> None:
    kind = class_of(summary(turn))
    if is_angry(turn.text) and is_angry_again(turn):
        await open_ticket(turn, "inquiry", "utter_anger_heard", urgency="urgent", note=kind)
        return
    about = part(f"utter_complaint_class_{kind}")
    entry = _entry(turn, kind)
    await open_ticket(turn, "complaint", "utter_complaint_taken", note=kind, complaint=entry, about=about)


async def _ask_complaint(turn: Turn) -> None:
    turn.say("utter_ask_complaint")


async def _take_complaint_text(turn: Turn) -> bool:
    if turn.intent in _OTHER_MATTERS or turn.text.startswith("/"):
        return False
    if not tells_something(turn.text) and turn.intent != "complain":
        return turn.intent in ("inform", "affirm")
    await _take_complaint(turn)
    end(turn)
    return True


@answers("action_suggest")
async def suggest(turn: Turn) -> None:
    """Take a suggestion; ask for it when only announced."""
    if tells_something(turn.text):
        await open_ticket(turn, "suggestion", "utter_suggestion_taken")
    else:
        begin(turn, "suggestion_form")


async def _ask_suggestion(turn: Turn) -> None:
    turn.say("utter_ask_suggestion")


async def _take_suggestion_text(turn: Turn) -> bool:
    if turn.intent in {*_OTHER_MATTERS, "complain"} or turn.text.startswith("/"):
        return False
    if not tells_something(turn.text):
        return turn.intent in ("inform", "affirm", "suggest")
    await open_ticket(turn, "suggestion", "utter_suggestion_taken")
    end(turn)
    return True


@answers("action_dispute_claim")
async def dispute_claim(turn: Turn) -> None:
    """Take a dispute of a decision to a review by somebody else; ask which claim when it could be several."""
    number = turn.number("claim_number")
    try:
        if number is None:
            claims = [one for one in await turn.crm.claims() if one["stage"] in _DECIDED]
            if len(claims) > 1:
                choices = claim_choices(turn, claims, "dispute_claim")
                cards = claim_cards(turn, claims, "dispute_claim")
                turn.say("utter_which_claim_to_dispute", choices=choices, cards=cards)
                return
            number = str(claims[0]["number"]) if claims else None
        if number is not None:
            await _raise_dispute(turn, number)
            return
    except IdentityRequired:
        pass  # a dispute is taken from whoever raises it; an agent finds out whose claim it is
    await open_ticket(turn, "dispute", "utter_dispute_taken", note=number or "")


async def _raise_dispute(turn: Turn, number: str) -> None:
    """Record the dispute of a claim's decision. Raises IdentityRequired."""
    turn.remember("claim_number", number)
    try:
        dispute = await turn.crm.dispute(number, summary(turn)[:_REASON_LENGTH] or number)
    except NotFound:
        turn.remember("claim_number", None)
        turn.ask_for("claim_number")
        turn.say("utter_claim_not_found", number=number)
    except Conflict as error:
        name = "utter_dispute_open" if error.code == "dispute_open" else "utter_nothing_to_dispute"
        choices = [{"title": part("utter_button_progress"), "payload": _about("query_claim", number)}]
        turn.say(name, number=number, choices=choices)
    else:
        turn.say(
            "utter_dispute_raised",
            number=number,
            ticket=dispute.get("ticket_number") or "",
            by=turn.date(dispute["due_on"]),
        )


def _about(intent: str, number: str) -> str:
    return f'/{intent}{{"claim_number": "{number}"}}'


form("complaint_form", resumed_by="action_complain", ask=_ask_complaint, take=_take_complaint_text)
form("suggestion_form", resumed_by="action_suggest", ask=_ask_suggestion, take=_take_suggestion_text)
