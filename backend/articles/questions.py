"""What customers asked of the articles: what found nothing, and what a human had to answer after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles.models import KnowledgeQuestion
from backend.conversations.models import Contact, Conversation, InboundMessage
from backend.tickets.models import Ticket

# A human taken up within so long after the answer is put down to it.
FOLLOWS = timedelta(minutes=30)


class Outcome(StrEnum):
    NOTHING = "nothing"  # no article fitted
    HUMAN = "human"  # one was given, and a human followed
    ANSWERED = "answered"


@dataclass(frozen=True)
class Asked:
    """How many questions of a stretch of time came to which end."""

    total: int
    nothing: int
    human: int
    answered: int


def _ticket_after() -> Any:
    return (
        Ticket.conversation_id == KnowledgeQuestion.conversation_id,
        Ticket.opened_at >= KnowledgeQuestion.asked_at,
        Ticket.opened_at <= KnowledgeQuestion.asked_at + FOLLOWS,
    )


def _is(outcome: Outcome) -> ColumnElement[bool]:
    followed = exists().where(*_ticket_after()).correlate(KnowledgeQuestion)
    if outcome is Outcome.NOTHING:
        return KnowledgeQuestion.is_answered.is_(False)
    return and_(KnowledgeQuestion.is_answered, followed if outcome is Outcome.HUMAN else ~followed)


def newest(
    since: datetime, outcome: Outcome | None, language: str | None, before: tuple[datetime, int] | None
) -> Select[Any]:
    """Questions with the message that asked, its channel, and the first ticket that followed."""
    ticket = (
        select(Ticket.number)
        .where(*_ticket_after())
        .order_by(Ticket.id)
        .limit(1)
        .correlate(KnowledgeQuestion)
        .scalar_subquery()
        .label("ticket")
    )
    query = (
        select(KnowledgeQuestion, InboundMessage.text.label("question"), Contact.channel, ticket)
        .join(InboundMessage, InboundMessage.id == KnowledgeQuestion.inbound_id)
        .join(Conversation, Conversation.id == KnowledgeQuestion.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(KnowledgeQuestion.asked_at >= since)
        .order_by(KnowledgeQuestion.asked_at.desc(), KnowledgeQuestion.id.desc())
    )
    if outcome:
        query = query.where(_is(outcome))
    if language:
        query = query.where(KnowledgeQuestion.language == language)
    if before:
        query = query.where(tuple_(KnowledgeQuestion.asked_at, KnowledgeQuestion.id) < tuple_(*before))
    return query


async def count(session: AsyncSession, since: datetime) -> Asked:
    """How the questions since then ended."""
    nothing, human = _is(Outcome.NOTHING), _is(Outcome.HUMAN)
    row = (
        await session.execute(
            select(
                func.count(),
                func.count().filter(nothing),
                func.count().filter(human),
            ).where(KnowledgeQuestion.asked_at >= since)
        )
    ).one()
    return Asked(row[0], row[1], row[2], row[0] - row[1] - row[2])
