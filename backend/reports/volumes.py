"""How much, by channel, intent and class of complaint; where people drop out; what nothing answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from backend.articles.models import KnowledgeQuestion
from backend.conversations.models import InboundMessage, Interaction
from backend.core import clock
from backend.reports.figures import Period
from backend.tickets.models import Complaint, Ticket

GIVEN_UP_AFTER = timedelta(hours=24)


def _inbound(period: Period) -> Any:
    wanted = [
        Interaction.direction == "inbound",
        Interaction.occurred_at >= period.since,
        Interaction.occurred_at < period.until,
    ]
    return [*wanted, Interaction.channel == period.channel] if period.channel else wanted


def by_channel(period: Period) -> Select[Any, int]:
    """Customers' messages of each channel."""
    return select(Interaction.channel, func.count()).where(*_inbound(period)).group_by(Interaction.channel)


def by_intent(period: Period) -> Select[Any, int]:
    """Customers' messages of each intent that the bot understood."""
    wanted = [*_inbound(period), Interaction.intent.is_not(None)]
    return select(Interaction.intent, func.count()).where(*wanted).group_by(Interaction.intent)


def by_complaint(period: Period) -> Select[Any, int]:
    """Complaints of each class."""
    query = (
        select(Complaint.category, func.count())
        .join(Ticket, Ticket.id == Complaint.ticket_id)
        .where(Ticket.opened_at >= period.since, Ticket.opened_at < period.until)
        .group_by(Complaint.category)
    )
    return query.where(Ticket.channel == period.channel) if period.channel else query


def drop_outs(period: Period) -> Select[Any, int]:
    """Steps of a dialogue at which the customer wrote nothing more for a day, by step."""
    later = aliased(Interaction)
    step = Interaction.details["step"].as_string()
    goes_on = exists().where(
        later.conversation_id == Interaction.conversation_id,
        later.direction == "inbound",
        later.id > Interaction.id,
        later.occurred_at <= Interaction.occurred_at + GIVEN_UP_AFTER,
    )
    return (
        select(step, func.count())
        .where(*_inbound(period), step.is_not(None), ~goes_on)
        .where(Interaction.occurred_at < clock.now() - GIVEN_UP_AFTER)
        .group_by(step)
    )


def unanswered(period: Period) -> Select[Any, int]:
    """Questions that no article fitted, the most frequent wording first."""
    return (
        select(InboundMessage.text, func.count())
        .join(KnowledgeQuestion, KnowledgeQuestion.inbound_id == InboundMessage.id)
        .where(
            ~KnowledgeQuestion.is_answered,
            KnowledgeQuestion.asked_at >= period.since,
            KnowledgeQuestion.asked_at < period.until,
        )
        .group_by(InboundMessage.text)
    )


VOLUMES = {
    "channel": by_channel,
    "intent": by_intent,
    "complaint": by_complaint,
    "drop_out": drop_outs,
    "unanswered": unanswered,
}
