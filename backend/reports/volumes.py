"""How much, by channel, intent and class of complaint; where people drop out; what nothing answered.

Each volume is a query of rows (name, at, conversation_id, episode, ticket, channel), counted by name, so that every
count can be opened down to the conversations behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, String, cast, exists, func, null, select
from sqlalchemy.orm import aliased

from backend.articles.models import KnowledgeQuestion
from backend.conversations.models import InboundMessage, Interaction
from backend.core import clock
from backend.reports.figures import Period
from backend.tickets.models import Complaint, Ticket

GIVEN_UP_AFTER = timedelta(hours=24)


def _said(name: Any, period: Period, *where: Any) -> Select[Any]:
    """Customers' messages of the period; those without a name are left out."""
    query = select(
        name.label("name"),
        Interaction.occurred_at.label("at"),
        Interaction.conversation_id.label("conversation_id"),
        Interaction.episode.label("episode"),
        cast(null(), String).label("ticket"),
        Interaction.channel.label("channel"),
    ).where(
        Interaction.direction == "inbound",
        Interaction.conversation_id.is_not(None),
        Interaction.occurred_at >= period.since,
        Interaction.occurred_at < period.until,
        name.is_not(None),
        *where,
    )
    return query.where(Interaction.channel == period.channel) if period.channel else query


def by_channel(period: Period) -> Select[Any]:
    """Customers' messages of each channel."""
    return _said(Interaction.channel, period)


def by_intent(period: Period) -> Select[Any]:
    """Customers' messages of each intent that the bot understood."""
    return _said(Interaction.intent, period)


def by_complaint(period: Period) -> Select[Any]:
    """Complaints of each class."""
    query = (
        select(
            Complaint.category.label("name"),
            Ticket.opened_at.label("at"),
            Ticket.conversation_id.label("conversation_id"),
            cast(null(), Interaction.episode.type).label("episode"),
            Ticket.number.label("ticket"),
            Ticket.channel.label("channel"),
        )
        .join(Ticket, Ticket.id == Complaint.ticket_id)
        .where(Ticket.opened_at >= period.since, Ticket.opened_at < period.until)
    )
    return query.where(Ticket.channel == period.channel) if period.channel else query


def drop_outs(period: Period) -> Select[Any]:
    """Messages in the middle of a dialogue after which the customer wrote nothing for a day, by step.

    A step is the dialogue and what the bot asked for there: `report_claim_form.incident_date`.
    """
    later = aliased(Interaction)
    dialogue = Interaction.details["step"].as_string()
    asked = Interaction.details["asked"].as_string()
    goes_on = exists().where(
        later.conversation_id == Interaction.conversation_id,
        later.direction == "inbound",
        later.id > Interaction.id,
        later.occurred_at <= Interaction.occurred_at + GIVEN_UP_AFTER,
    )
    is_over = Interaction.occurred_at < clock.now() - GIVEN_UP_AFTER
    step = func.coalesce(dialogue + "." + asked, dialogue)
    return _said(step, period, ~goes_on, is_over)


def unanswered(period: Period) -> Select[Any]:
    """Questions that no article fitted, by their wording."""
    columns: tuple[Any, ...] = (
        InboundMessage.text.label("name"),
        KnowledgeQuestion.asked_at.label("at"),
        KnowledgeQuestion.conversation_id.label("conversation_id"),
        InboundMessage.episode.label("episode"),
        cast(null(), String).label("ticket"),
        Interaction.channel.label("channel"),
    )
    query = (
        select(*columns)
        .join(InboundMessage, InboundMessage.id == KnowledgeQuestion.inbound_id)
        .join(Interaction, (Interaction.inbound_id == InboundMessage.id) & (Interaction.position == 0))
        .where(
            ~KnowledgeQuestion.is_answered,
            InboundMessage.text != "",  # emptied when its time to be kept was over
            KnowledgeQuestion.asked_at >= period.since,
            KnowledgeQuestion.asked_at < period.until,
        )
    )
    return query.where(Interaction.channel == period.channel) if period.channel else query


VOLUMES: dict[str, Callable[[Period], Select[Any]]] = {
    "channel": by_channel,
    "intent": by_intent,
    "complaint": by_complaint,
    "drop_out": drop_outs,
    "unanswered": unanswered,
}


def counts(rows: Select[Any]) -> Select[Any]:
    """(name, count), the most frequent first."""
    table = rows.subquery()
    return (
        select(table.c.name, func.count()).group_by(table.c.name).order_by(func.count().desc(), table.c.name)
    )


def of_name(rows: Select[Any], name: str) -> Select[Any]:
    """The rows behind one count, the newest first."""
    table = rows.subquery()
    return select(table).where(table.c.name == name).order_by(table.c.at.desc(), table.c.conversation_id)
