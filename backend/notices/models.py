"""Notices, how each was delivered, consents, changed templates, campaigns and surges."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core import clock
from backend.core.db import Base
from backend.segments import models as _segments  # noqa: F401 its table is referred to by ours


class Purpose(StrEnum):
    """What a person consents to, or refuses."""

    SERVICE = "service"  # their own claims and cover, dangers: always, unless they stopped the channel itself
    REMINDERS = "reminders"  # premium due, renewal, how it went: until refused
    GREETINGS = "greetings"  # birthday, anniversary: only when asked for
    MARKETING = "marketing"  # campaigns: only when asked for


class NoticeState(StrEnum):
    HELD = "held"  # belongs to a campaign that has not come to it yet
    PLANNED = "planned"
    QUEUED = "queued"  # in the outbox of a channel; the outcome is open
    SENT = "sent"  # the channel's platform took it
    FAILED = "failed"  # every channel failed
    SUPPRESSED = "suppressed"  # no consent, no channel, or too many already
    EXPIRED = "expired"  # it no longer makes sense
    STOPPED = "stopped"  # by a person


OPEN = (NoticeState.HELD, NoticeState.PLANNED, NoticeState.QUEUED)


class Notice(Base):
    """One thing to tell one customer, decided once per (kind, subject, occurrence). It holds no words: they are
    composed when it is sent, from what is true then."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "occurrence"),
        Index("ix_notices_customer", "customer_id", "id"),
        Index("ix_notices_planned", "planned_for", "id", postgresql_where=text("state = 'planned'")),
        Index("ix_notices_queued", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_notices_sent", "sent_at", postgresql_where=text("state = 'sent'")),
        Index("ix_notices_campaign", "campaign_id", "state", "id"),
        Index("ix_notices_released", "released_at", postgresql_where=text("campaign_id IS NOT NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    purpose: Mapped[str]
    # What it is about (`claim:C2026000101`), and which of its occasions (`paid:event-7`).
    subject: Mapped[str]
    occurrence: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default=NoticeState.PLANNED)
    # Why it is in this state, or waits: a stable code.
    reason: Mapped[str | None]
    planned_for: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)
    queued_at: Mapped[datetime | None]  # the business clock: frequency caps
    released_at: Mapped[datetime | None]  # the database's clock: rate limits
    sent_at: Mapped[datetime | None]


class NoticeDelivery(Base):
    """A channel that was considered for a notice, in order: used (with its outbound message), or why it was not."""

    __tablename__ = "notice_deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_messages.id"), unique=True)
    is_discreet: Mapped[bool] = mapped_column(default=False)
    chosen_because: Mapped[str | None]
    failed_because: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(default=clock.now)


class Consent(Base):
    """A yes or no, as it was given; append-only, the latest wins. Of a customer, or of a contact nobody is bound to.

    `purpose` is a purpose, or `all` where a contact's channel itself was stopped or allowed again.
    """

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("customer_id IS NOT NULL OR contact_id IS NOT NULL", name="of_somebody"),
        Index("ix_consents_customer", "customer_id", "id"),
        Index("ix_consents_contact", "contact_id", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    purpose: Mapped[str]
    channel: Mapped[str | None]  # None: every channel
    given: Mapped[bool]
    source: Mapped[str]  # STOP, START, unsubscribe, chat, agent:3, import
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class NoticePreference(Base):
    """Which channel a customer asked to be told by."""

    __tablename__ = "notice_preferences"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    channel: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class NoticeTemplate(Base):
    """Wording that differs from the catalogue's, or that people added for campaigns."""

    __tablename__ = "notice_templates"
    name: Mapped[str] = mapped_column(primary_key=True)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    zh: Mapped[str]
    zh_discreet: Mapped[str]
    en: Mapped[str]
    en_discreet: Mapped[str]
    version: Mapped[int]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    changed_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class CampaignKind(StrEnum):
    MARKETING = "marketing"
    CATASTROPHE = "catastrophe"


class CampaignState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class Campaign(Base):
    """One template to a set of customers, at a rate, until done or stopped."""

    __tablename__ = "campaigns"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default=CampaignKind.MARKETING)
    title: Mapped[str]
    template: Mapped[str]
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("segments.id"))
    # Who it goes to, copied from the segment when the campaign is made or changed.
    filter: Mapped[dict[str, Any]]
    rate_per_minute: Mapped[int]
    state: Mapped[str] = mapped_column(default=CampaignState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    surge_id: Mapped[int | None] = mapped_column(ForeignKey("surges.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # The version that the last dry run looked at: only that one can be started.
    dry_run_version: Mapped[int | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Surge(Base):
    """A catastrophe's rush: tickets of those hit go to a queue of their own, and they hear a text at once."""

    __tablename__ = "surges"
    __table_args__ = (Index("ix_surges_open", "id", postgresql_where=text("closed_at IS NULL")),)
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    areas: Mapped[list[Any]]
    product_types: Mapped[list[Any]]
    skill: Mapped[str] = mapped_column(default="surge")
    text_zh: Mapped[str]
    text_en: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
