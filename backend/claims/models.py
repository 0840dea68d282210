"""Claims: their stage, its history, the documents they need, the decision and the payment."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.core.db import Base
from backend.core.records import CoreRecord
from backend.policies.models import CURRENCY, MONEY, Policy


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

    policy: Mapped[Policy] = relationship(lazy="raise")
    documents: Mapped[list[ClaimDocument]] = relationship(lazy="raise", order_by="ClaimDocument.position")
    events: Mapped[list[ClaimEvent]] = relationship(
        lazy="raise", order_by="(ClaimEvent.occurred_at, ClaimEvent.id)"
    )


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
