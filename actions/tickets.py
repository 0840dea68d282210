"""Tickets: what a person must do, and how far it is."""

from __future__ import annotations

import re

from actions.answering import answers
from actions.crm import NotFound, Record
from actions.formatting import format_moment
from actions.identity import leave_form
from actions.turn import Part, Turn, part

KINDS = (
    "inquiry",
    "complaint",
    "dispute",
    "change_request",
    "surrender",
    "urgent",
    "quote",
    "callback",
    "suggestion",
)
_URGENT = re.compile(
    r"受伤|伤了|流血|出血|骨折|昏迷|救护车|急救|抢救|有人被困|着火|起火|爆炸|死了|去世|人没了|"
    r"injur|bleeding|ambulance|unconscious|trapped|on fire|emergency|died|killed|hurt badly",
    re.IGNORECASE,
)
_SUMMARY_MESSAGES = 3
_SUMMARY_LENGTH = 500
# References that stand for hidden numbers tell an agent nothing.
_HIDDEN = re.compile(r"⟦[^⟧]*⟧")


def summary(turn: Turn) -> str:
    """Return the customer's last words, for the agent; the ticket carries the transcript besides."""
    said = turn.previous_texts(_SUMMARY_MESSAGES) or [turn.text]
    texts = [text for text in (_HIDDEN.sub("", one).strip() for one in said) if text]
    numbers = [turn.entity(name) or "" for name in ("claim_number", "policy_number", "ticket_number")]
    return " / ".join([*(number for number in numbers if number), *texts])[-_SUMMARY_LENGTH:]


async def open_ticket(turn: Turn, kind: str, response: str, urgency: str = "normal") -> None:
    """Open a ticket and say its number, and when somebody will answer."""
    ticket = await turn.crm.open_ticket(kind, summary(turn), urgency)
    leave_form(turn)
    turn.say(response, number=ticket["number"], when=_when(turn, ticket))


def _when(turn: Turn, ticket: Record) -> Part:
    if ticket.get("mode") == "human" or ticket.get("is_open"):
        position = ticket.get("queue_position") or 1
        return part("utter_when_now" if position <= 1 else "utter_when_queue", ahead=position - 1)
    opens = format_moment(ticket.get("opens_at"), turn.language)
    return part("utter_when_opens", time=opens) if opens else part("utter_when_soon")


@answers("action_request_human")
async def request_human(turn: Turn) -> None:
    """Hand over to a person: a ticket, its number, and when somebody comes."""
    kind = turn.entity("matter")
    await open_ticket(turn, kind if kind in KINDS else "inquiry", "utter_handed_over")


@answers("action_report_claim")
async def report_claim(turn: Turn) -> None:
    """Take an accident report to a person: at once, and in front, when somebody is hurt or in danger."""
    if _URGENT.search(turn.text):
        await open_ticket(turn, "urgent", "utter_report_urgent", urgency="urgent")
    else:
        await open_ticket(turn, "inquiry", "utter_report_claim")


@answers("action_complain")
async def complain(turn: Turn) -> None:
    """Acknowledge a complaint, with its number and the dates that apply."""
    await open_ticket(turn, "complaint", "utter_complaint_taken")


@answers("action_dispute_claim")
async def dispute_claim(turn: Turn) -> None:
    """Take a dispute of a decision."""
    await open_ticket(turn, "dispute", "utter_dispute_taken")


@answers("action_suggest")
async def suggest(turn: Turn) -> None:
    """Take a suggestion."""
    await open_ticket(turn, "suggestion", "utter_suggestion_taken")


@answers("action_request_change")
async def request_change(turn: Turn) -> None:
    """Take a change of contact details, bank account, beneficiary or notices: a person confirms it."""
    await open_ticket(turn, "change_request", f"utter_{turn.intent}_taken")


@answers("action_request_quote")
async def request_quote(turn: Turn) -> None:
    """Take the wish for a quote to a sales colleague."""
    await open_ticket(turn, "quote", "utter_quote_taken")


@answers("action_query_ticket")
async def query_ticket(turn: Turn) -> None:
    """Tell how far a ticket is; without a number the newest ones."""
    number = turn.number("ticket_number")
    try:
        tickets = [await turn.crm.ticket(number)] if number else (await turn.crm.tickets())[:3]
    except NotFound:
        turn.remember("ticket_number", None)
        turn.ask_for("ticket_number")
        turn.say("utter_ticket_not_found", number=number)
        return
    if not tickets:
        turn.say("utter_no_tickets")
        return
    turn.say("utter_tickets", lines=[_ticket(turn, ticket) for ticket in tickets])


def _ticket(turn: Turn, ticket: Record) -> Part:
    return part(
        f"utter_ticket_{ticket['status']}",
        number=ticket["number"],
        kind=part(f"utter_ticket_kind_{ticket['kind']}"),
        opened=turn.date(ticket.get("opened_at")),
        resolved=turn.date(ticket.get("resolved_at")),
    )
