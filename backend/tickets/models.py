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
