"""Webhooks: who is told of what, and what became of each delivery."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base

SECRET = "webhook_endpoints.secret"  # noqa: S105 - what sealed secrets are bound to


class WebhookEndpoint(Base):
    """An address of the insurer's own system, and the events that it follows (`ticket.*` for all of tickets)."""

    __tablename__ = "webhook_endpoints"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    events: Mapped[list[Any]]
    secret_sealed: Mapped[str] = mapped_column(info={"sealed": SECRET})
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    # Why it was switched off, when it was not a person who did.
    disabled_reason: Mapped[str | None]


class WebhookEvent(Base):
    """Something that happened, noted by triggers of the database in the transaction in which it did."""

    __tablename__ = "webhook_events"
    __table_args__ = (Index("ix_webhook_events_waiting", "id", postgresql_where=text("NOT is_handed_out")),)
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]  # ticket_events, interactions
    source_id: Mapped[int]
    is_handed_out: Mapped[bool] = mapped_column(default=False)
    noted_at: Mapped[datetime]


class WebhookDelivery(Base):
    """One event for one endpoint; kept with its outcome, so that it can be looked up and sent again."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_deliveries_due", "due_at", postgresql_where=text("state = 'waiting'")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("webhook_events.id", ondelete="CASCADE"))
    type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="waiting")  # waiting, delivered, failed
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
