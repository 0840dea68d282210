"""After a resolved ticket one question: how content, 1 to 5, and why if the customer likes to say."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation, InboundMessage
from backend.core import clock
from backend.core.language import Language
from backend.core.texts import say
from backend.tickets.history import note_event
from backend.tickets.models import Satisfaction, Ticket

# Commands of the buttons; the bot never sees them.
RATE, COMMENT, NO_COMMENT = "desk:rate", "desk:comment", "desk:no-comment"
LEVELS = range(1, 6)
COMMENT_WITHIN = timedelta(minutes=30)
# Nothing was done for the customer, so there is nothing to ask about.
NOT_ASKED = frozenset({"spam", "duplicate", "merged", "returned_to_bot"})


def buttons(ticket: Ticket, language: Language) -> list[tuple[str, str]]:
    """The five answers, the least content first, so that a typed digit is the rating."""
    return [(say(f"csat_{level}", language), f"{RATE}:{ticket.number}:{level}") for level in LEVELS]


async def ask(session: AsyncSession, ticket: Ticket) -> None:
    """Note that the question was put; a ticket that was opened again is asked about again."""
    answer = await session.get(Satisfaction, ticket.id)
    if answer is None:
        session.add(Satisfaction(ticket_id=ticket.id, asked_at=clock.now()))
    else:
        answer.asked_at, answer.comment_awaited = clock.now(), False


async def heard(session: AsyncSession, conversation: Conversation, inbound: InboundMessage) -> str | None:
    """The catalogue's key of what to say when this message answers the question; None when it does not.

    Doing it again for the same message changes nothing.
    """
    if inbound.command is None:
        return await _take_comment(session, conversation, inbound)
    act, _, rest = inbound.command.partition(":T")
    if act not in (RATE, COMMENT, NO_COMMENT):
        return None
    number, _, level = f"T{rest}".partition(":")
    answer = await _of_ticket(session, conversation, number)
    if answer is None:
        return None
    if act == RATE:
        return await _rate(session, answer, int(level))
    answer.comment_awaited = act == COMMENT
    return "csat_comment_please" if act == COMMENT else "csat_done"


async def _rate(session: AsyncSession, answer: Satisfaction, level: int) -> str:
    answer.rating, answer.rated_at = level, clock.now()
    ticket = await session.get_one(Ticket, answer.ticket_id)
    await note_event(session, ticket, "rated", None, rating=level)
    return "csat_thanks"


async def _take_comment(
    session: AsyncSession, conversation: Conversation, inbound: InboundMessage
) -> str | None:
    answer = await session.scalar(
        select(Satisfaction)
        .join(Ticket, Ticket.id == Satisfaction.ticket_id)
        .where(Ticket.conversation_id == conversation.id, Satisfaction.comment_awaited)
        .order_by(Satisfaction.asked_at.desc())
        .limit(1)
    )
    if answer is None or answer.rated_at is None or not inbound.text.strip():
        return None
    answer.comment_awaited = False
    if clock.now() - answer.rated_at > COMMENT_WITHIN:
        return None
    answer.comment = inbound.text[:2000]
    return "csat_comment_thanks"


async def _of_ticket(session: AsyncSession, conversation: Conversation, number: str) -> Satisfaction | None:
    return await session.scalar(
        select(Satisfaction)
        .join(Ticket, Ticket.id == Satisfaction.ticket_id)
        .where(Ticket.number == number, Ticket.conversation_id == conversation.id)
    )


def next_buttons(key: str, command: str | None, language: Language) -> list[tuple[str, str]]:
    """The buttons below what is said: after a rating, whether to write a comment."""
    if key != "csat_thanks" or command is None:
        return []
    number = command.split(":")[2]
    return [
        (say("csat_comment_yes", language), f"{COMMENT}:{number}"),
        (say("csat_comment_no", language), f"{NO_COMMENT}:{number}"),
    ]
