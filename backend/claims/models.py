"""Claims: their stage, its history, the documents they need and the files handed in, decisions, disputes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.core.db import Base
from backend.core.records import CoreRecord
from backend.policies.models import CURRENCY, MONEY, Policy

# Numbers that we give ourselves begin high, above those that an insurer's core system usually has given.
NUMBERS = Sequence("claim_numbers", start=500001, metadata=Base.metadata)


class Stage(StrEnum):
    REPORTED = "reported"
    AWAITING_DOCUMENTS = "awaiting_documents"
    UNDER_REVIEW = "under_review"
    INVESTIGATING = "investigating"
    APPROVED = "approved"
    PAID = "paid"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Complexity(StrEnum):
    """Which service standard the decision has: 5 or 10 working days."""

    SIMPLE = "simple"
    COMPLEX = "complex"


class Decision(StrEnum):
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    DECLINED = "declined"


class Claim(CoreRecord, Base):
    """A loss that was reported under a policy."""

    __tablename__ = "claims"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_claims_customer", "customer_id", "reported_date"),
        Index("ix_claims_stage", "stage", "stage_since"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    # Decides which documents are needed: a key of catalogue.yml.
    type: Mapped[str]
    complexity: Mapped[str] = mapped_column(default=Complexity.SIMPLE)
    description: Mapped[str | None]
    incident_date: Mapped[date]
    reported_date: Mapped[date]
    stage: Mapped[str] = mapped_column(default=Stage.REPORTED)
    stage_since: Mapped[datetime]
    # When the present review began; the decision's clock runs from here, an investigation included.
    review_since: Mapped[datetime | None]
    claimed_amount: Mapped[Decimal | None] = mapped_column(MONEY)
    approved_amount: Mapped[Decimal | None] = mapped_column(MONEY)
    currency: Mapped[str] = mapped_column(default=CURRENCY)
    decision: Mapped[str | None]
    decision_date: Mapped[date | None]
    # A key of catalogue.yml's reasons, or a human's own words.
    decision_reason: Mapped[str | None]
    paid_amount: Mapped[Decimal | None] = mapped_column(MONEY)
    paid_date: Mapped[date | None]
    payment_reference: Mapped[str | None]
    incident_place: Mapped[str | None]
    is_injured: Mapped[bool | None]
    contact_phone: Mapped[str | None]  # E.164; of this loss, beside the one on the customer's record
    # A human wants to see it, whatever the rules say.
    is_flagged: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("claim_drafts.id"), unique=True)

    policy: Mapped[Policy] = relationship(lazy="raise")
    documents: Mapped[list[ClaimDocument]] = relationship(lazy="raise", order_by="ClaimDocument.position")
    events: Mapped[list[ClaimEvent]] = relationship(
        lazy="raise", order_by="(ClaimEvent.occurred_at, ClaimEvent.id)"
    )
    files: Mapped[list[ClaimFile]] = relationship(
        lazy="raise",
        order_by="ClaimFile.id",
        primaryjoin="and_(Claim.id == foreign(ClaimFile.claim_id), ClaimFile.removed_at.is_(None))",
        viewonly=True,
    )
    decisions: Mapped[list[ClaimDecision]] = relationship(lazy="raise", order_by="ClaimDecision.id")
    disputes: Mapped[list[ClaimDispute]] = relationship(lazy="raise", order_by="ClaimDispute.id")


class ClaimEvent(Base):
    """One step of a claim as it was told to us; never changed, never removed."""

    __tablename__ = "claim_events"
    __table_args__ = (UniqueConstraint("claim_id", "event_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="CASCADE"))
    event_id: Mapped[str]
    stage: Mapped[str]
    occurred_at: Mapped[datetime]
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]
    # It happened before what we already knew, so it did not move the claim.
    is_out_of_order: Mapped[bool] = mapped_column(default=False)


class ClaimDocument(Base):
    """A document that a claim needs or received; its name is in catalogue.yml under `code`."""

    __tablename__ = "claim_documents"
    __table_args__ = (UniqueConstraint("claim_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str]
    is_required: Mapped[bool] = mapped_column(default=True)
    received_at: Mapped[datetime | None]


class DraftState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"
    EXPIRED = "expired"


class ClaimDraft(Base):
    """A loss being told, by the customer on any channel or by an agent; at most one open draft a customer."""

    __tablename__ = "claim_drafts"
    __table_args__ = (
        Index("uq_claim_drafts_open", "customer_id", unique=True, postgresql_where=text("state = 'open'")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    started_on: Mapped[str]  # a channel, or "console"
    state: Mapped[str] = mapped_column(default=DraftState.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policies.id"))
    product_type: Mapped[str | None]
    type: Mapped[str | None]
    incident_date: Mapped[date | None]
    incident_place: Mapped[str | None]
    description: Mapped[str | None]
    claimed_amount: Mapped[Decimal | None] = mapped_column(MONEY)
    is_injured: Mapped[bool | None]
    contact_phone: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    policy: Mapped[Policy | None] = relationship(lazy="raise")
    files: Mapped[list[ClaimFile]] = relationship(
        lazy="raise",
        order_by="ClaimFile.id",
        primaryjoin="and_(ClaimDraft.id == foreign(ClaimFile.draft_id), ClaimFile.removed_at.is_(None))",
        viewonly=True,
    )


class ClaimFile(Base):
    """A picture or PDF that belongs to a draft, then to its claim; `code` says which document it is."""

    __tablename__ = "claim_files"
    __table_args__ = (
        Index("ix_claim_files_claim", "claim_id", "sha256"),
        CheckConstraint("num_nonnulls(claim_id, draft_id) = 1", name="belongs"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id", ondelete="CASCADE"))
    draft_id: Mapped[int | None] = mapped_column(
        ForeignKey("claim_drafts.id", ondelete="CASCADE"), index=True
    )
    # The inbound message's medium it came as (conversations' table); null for what an agent uploaded.
    media_id: Mapped[int | None] = mapped_column(unique=True)
    code: Mapped[str | None]
    name: Mapped[str] = mapped_column(unique=True)  # of the stored file, unguessable
    shown_name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    received_at: Mapped[datetime]
    received_from: Mapped[str]  # contact:42, agent:3
    removed_at: Mapped[datetime | None]


class ClaimDecision(Base):
    """One decision and who made it; `decision` is null where the rule left the claim to a human."""

    __tablename__ = "claim_decisions"
    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="CASCADE"), index=True)
    decision: Mapped[str | None]
    approved_amount: Mapped[Decimal | None] = mapped_column(MONEY)
    reason: Mapped[str | None]
    note: Mapped[str | None]
    decided_by: Mapped[str]  # agent:3, token:core, rule
    decided_at: Mapped[datetime]
    # Of the small-claim rule: [{"code", "is_met", "seen", "wanted"}].
    rules: Mapped[list[Any]]


class DisputeOutcome(StrEnum):
    UPHELD = "upheld"  # the decision stands
    CHANGED = "changed"  # the claim is reviewed again
    WITHDRAWN = "withdrawn"


class ClaimDispute(Base):
    """The customer does not accept a decision; at most one open dispute a claim."""

    __tablename__ = "claim_disputes"
    __table_args__ = (
        Index("uq_claim_disputes_open", "claim_id", unique=True, postgresql_where=text("closed_at IS NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]
    raised_by: Mapped[str]  # contact:42, agent:3
    ticket_number: Mapped[str | None]
    opened_at: Mapped[datetime]
    due_on: Mapped[date]  # five working days
    outcome: Mapped[str | None]
    outcome_note: Mapped[str | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
