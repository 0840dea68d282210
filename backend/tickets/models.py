"""Tickets: one matter that a human takes up, with its clocks, notes and history."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class TicketKind(StrEnum):
    INQUIRY = "inquiry"
    COMPLAINT = "complaint"
    DISPUTE = "dispute"
    CHANGE_REQUEST = "change_request"
    SURRENDER = "surrender"
    URGENT = "urgent"
    QUOTE = "quote"
    CALLBACK = "callback"
    SUGGESTION = "suggestion"


# The customer waits for a person in the chat: the bot steps back as soon as someone is on duty.
LIVE_KINDS = frozenset({TicketKind.INQUIRY, TicketKind.URGENT})


class TicketStatus(StrEnum):
    QUEUED = "queued"
    ASSIGNED = "assigned"
    WAITING = "waiting"  # for the customer; clocks pause
    RESOLVED = "resolved"


class Ticket(Base):
    """A matter handed to a human. At most one open ticket a conversation and kind."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index(
            "uq_tickets_open_matter",
            "conversation_id",
            "kind",
            unique=True,
            postgresql_where=text("status <> 'resolved'"),
        ),
        Index("ix_tickets_queue", "status", "priority", "opened_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default=TicketStatus.QUEUED)
    # 0 goes first.
    priority: Mapped[int]
    urgency: Mapped[str] = mapped_column(default="normal")
    skill: Mapped[str]
    summary: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str]
    identity_level: Mapped[int]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), index=True)
    opened_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    first_responded_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    first_response_due_at: Mapped[datetime]
    resolution_due_at: Mapped[datetime]
    # The last interaction its agent has read.
    read_up_to: Mapped[int] = mapped_column(default=0)
    # What the agent should know at a glance: who, what about, what the bot did (`brief.py`).
    brief: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Clocks stand still while the customer is waited for.
    paused_at: Mapped[datetime | None]
    # Of complaints: the first proposal, before the final outcome.
    proposal_due_at: Mapped[datetime | None]
    proposed_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    # The agent it rings at, until it is accepted or the offer goes to the next one.
    offered_to: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    offered_at: Mapped[datetime | None]
    # What the customer was last told of the place in the queue.
    told_position: Mapped[int | None]
    told_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))


class TicketEvent(Base):
    """What happened to a ticket, and private notes: opened, accepted, replied, note, resolved."""

    __tablename__ = "ticket_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    text: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]


class TicketLink(Base):
    """What a ticket is about: a claim, policy, change request or task, by its number."""

    __tablename__ = "ticket_links"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True, index=True)


class Satisfaction(Base):
    """The question after a resolved ticket: how content the customer was, 1 to 5, and why."""

    __tablename__ = "satisfactions"
    ticket_id: Mapped[int] = mapped_column(
        ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asked_at: Mapped[datetime]
    rating: Mapped[int | None]
    rated_at: Mapped[datetime | None]
    # The customer chose to write a comment; the next words are it.
    comment_awaited: Mapped[bool] = mapped_column(default=False)
    comment: Mapped[str | None]


class BotTask(Base):
    """A step that an agent hands to the bot without giving the conversation back; one at a time in a conversation."""

    __tablename__ = "bot_tasks"
    __table_args__ = (
        Index(
            "uq_bot_tasks_running",
            "conversation_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    kind: Mapped[str]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # verified, not_verified, collected, cancelled, expired
    result: Mapped[str | None]


class Complaint(Base):
    """The register's entry of a complaint: its class, how grave it is, what caused it."""

    __tablename__ = "complaints"
    ticket_id: Mapped[int] = mapped_column(
        ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    category: Mapped[str]  # product, service, claim
    severity: Mapped[str] = mapped_column(default="ordinary")  # ordinary, major
    product_type: Mapped[str | None]
    root_cause: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class CannedReply(Base):
    """A reply that agents use often, in both languages, with `{variables}`."""

    __tablename__ = "canned_replies"
    id: Mapped[int] = mapped_column(primary_key=True)
    shortcut: Mapped[str] = mapped_column(unique=True)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    text_zh: Mapped[str]
    text_en: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    changed_at: Mapped[datetime]
