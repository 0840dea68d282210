"""What an agent should know at a glance: who, which policy or claim, what the bot did, what is asked."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation, Interaction, Kind
from backend.tickets.models import Ticket, TicketLink

LOOKS_BACK = 30
NUMBER = re.compile(r"(?<![0-9A-Za-z])([PCT])(\d{10})(?!\d)", re.IGNORECASE)
KINDS = {"P": "policy", "C": "claim"}


async def write_brief(session: AsyncSession, ticket: Ticket, conversation: Conversation) -> None:
    """Fill `ticket.brief` and link the policies and claims that were spoken of in this episode."""
    said = (await session.scalars(_recent(conversation))).all()[::-1]
    numbers = _numbers([ticket.summary, *(entry.text for entry in said)])
    for kind, number in numbers:
        session.add(TicketLink(ticket_id=ticket.id, kind=kind, number=number))
    ticket.brief = {
        "level": ticket.identity_level,
        "asked": next((e.text for e in reversed(said) if e.direction == "inbound" and e.text), ""),
        "about": [{"kind": kind, "number": number} for kind, number in numbers],
        "bot_did": _steps(list(said)),
    }


def _recent(conversation: Conversation) -> Any:
    return (
        select(Interaction)
        .where(
            Interaction.conversation_id == conversation.id,
            Interaction.kind == Kind.MESSAGE,
            Interaction.episode == conversation.episode,
        )
        .order_by(Interaction.id.desc())
        .limit(LOOKS_BACK)
    )


def _numbers(texts: list[str]) -> list[tuple[str, str]]:
    """Numbers of policies and claims, the latest spoken of first, at most six."""
    found: dict[tuple[str, str], None] = {}
    for text in [texts[0], *reversed(texts[1:])]:
        for letter, digits in NUMBER.findall(text):
            if kind := KINDS.get(letter.upper()):
                found.setdefault((kind, letter.upper() + digits))
    return list(found)[:6]


def _steps(said: list[Interaction]) -> list[str]:
    """The intents that the bot answered, in order, repetitions in a row once."""
    steps: list[str] = []
    for entry in said:
        if entry.direction == "inbound" and entry.intent and steps[-1:] != [entry.intent]:
            steps.append(entry.intent)
    return steps[-8:]
