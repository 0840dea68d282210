"""A draft for the agent: what the articles say to the customer's last messages. It is offered, never sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles import trial
from backend.conversations.bindings import record_starts_at
from backend.conversations.models import Interaction, Kind
from backend.core.settings import Settings
from backend.tickets.models import Ticket

LOOKS_BACK = 40
MESSAGES = 3
LONGEST = 500
# "在吗", "hello", "转人工": nothing that an article answers.
SHORTEST = {"zh": 4, "en": 8}
HIDDEN = re.compile(r"⟦[^⟧]*⟧")


@dataclass(frozen=True)
class Asked:
    """The customer's last messages that a person of ours has not answered, newest first, and what we said lately."""

    questions: list[str]
    said: list[str]
    language: str


@dataclass(frozen=True)
class Suggestion:
    """A passage that answers, the article it is from, and how sure the search is."""

    text: str
    article: str
    title: str
    language: str
    confidence: float


async def asked(session: AsyncSession, ticket: Ticket) -> Asked:
    """What to look up for this ticket; without an open question there are none."""
    others = await record_starts_at(session, ticket.contact_id)
    entries = await session.scalars(
        select(Interaction)
        .where(
            Interaction.conversation_id == ticket.conversation_id,
            Interaction.kind == Kind.MESSAGE,
            Interaction.id > (others.id if others else 0),
        )
        .order_by(Interaction.id.desc())
        .limit(LOOKS_BACK)
    )
    questions: list[str] = []
    for entry in (found := list(entries)):
        if entry.speaker == "agent" and questions:
            break
        if entry.direction == "inbound" and (question := _plain(entry)):
            questions.append(question)
    said = [entry.text for entry in found if entry.direction == "outbound"]
    return Asked(questions[:MESSAGES], said, ticket.language)


async def suggest(client: httpx.AsyncClient, settings: Settings, asked: Asked) -> Suggestion | None:
    """What fits the newest of the questions; None when nothing does, or we said it already. Raises `Unavailable`."""
    for question in asked.questions:
        found = await trial.ask(client, settings, {"query": question, "language": asked.language})
        hits: list[dict[str, Any]] = found["hits"]
        if not found["fits"] or not hits:
            continue
        best = hits[0]
        if any(best["passage"] in text for text in asked.said):
            return None
        return Suggestion(
            best["passage"], best["article"], best["title"], best["language"], round(best["score"], 3)
        )
    return None


def _plain(entry: Interaction) -> str:
    """The words of a message without references to hidden numbers; empty when they are too few to ask about."""
    words = HIDDEN.sub("", entry.text).strip()[:LONGEST]
    return words if len(words) >= SHORTEST["en" if words.isascii() else "zh"] else ""
