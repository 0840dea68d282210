"""Tickets: what a person must do, and how far it is."""

from __future__ import annotations

import re
from typing import Any

from actions.answering import answers
from actions.callback import begin_call, wants_call
from actions.crm import NotFound, Record
from actions.formatting import format_moment
from actions.loops import leave
from actions.mood import is_angry_again, is_urgent
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
LIVE_KINDS = ("inquiry", "urgent")
"""A person takes over the conversation: whatever was being filled in ends here."""
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


async def open_ticket(
    turn: Turn,
    kind: str,
    response: str,
    urgency: str = "normal",
    note: str = "",
    complaint: dict[str, str | None] | None = None,
    **variables: Any,
) -> None:
    """Open a ticket and say its number, and when somebody will answer. Who is angry again goes to the front.

    `note` stands before the customer's words in the ticket's summary; `complaint` is its class in the register.
    """
    said = summary(turn)
    if is_angry_again(turn):
        urgency = "urgent"
    ticket = await turn.crm.open_ticket(
        kind, f"{note} · {said}" if note else said, urgency, **(complaint or {})
    )
    if kind in LIVE_KINDS:
        leave(turn)
    turn.say(response, number=ticket["number"], when=when(turn, ticket), **variables)


def when(turn: Turn, ticket: Record) -> Part | str:
    """Say when somebody answers in the chat: at once, after those before, or when service opens; nothing for a matter
    that the customer need not wait for.
    """
    if ticket.get("mode") == "bot" and ticket.get("kind") not in LIVE_KINDS:
        return ""
    if ticket.get("mode") == "human" or ticket.get("is_open"):
        position = ticket.get("queue_position") or 1
        return part("utter_when_now" if position <= 1 else "utter_when_queue", ahead=position - 1)
    opens = format_moment(ticket.get("opens_at"), turn.language)
    return part("utter_when_opens", time=opens) if opens else part("utter_when_soon")


@answers("action_request_human")
async def request_human(turn: Turn) -> None:
    """Hand over to a person: a ticket, its number, and when somebody comes; or take the wish to be called."""
    if is_urgent(turn):
        await open_ticket(turn, "urgent", "utter_report_urgent", urgency="urgent")
    elif wants_call(turn):
        begin_call(turn)
    else:
        kind = turn.entity("matter")
        await open_ticket(turn, kind if kind in KINDS else "inquiry", "utter_handed_over")


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
