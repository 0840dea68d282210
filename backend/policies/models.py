"""Products, policies and what belongs to them: coverages, premium instalments, beneficiaries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.core.db import Base
from backend.core.records import CoreRecord
from backend.customers.models import Customer

MONEY = Numeric(14, 2)
CURRENCY = "CNY"


class ProductType(StrEnum):
    AUTO = "auto"
    CRITICAL_ILLNESS = "critical_illness"
    MEDICAL = "medical"
    ACCIDENT = "accident"
    LIFE = "life"
    HOME = "home"


class PolicyStatus(StrEnum):
    ACTIVE = "active"
    GRACE = "grace"  # a premium is overdue, cover continues until the grace period ends
    LAPSED = "lapsed"
    EXPIRED = "expired"
    SURRENDERED = "surrendered"


IN_FORCE = (PolicyStatus.ACTIVE, PolicyStatus.GRACE)


class PaymentFrequency(StrEnum):
    ANNUAL = "annual"
    MONTHLY = "monthly"
    SINGLE = "single"


class Relationship(StrEnum):
    """What a beneficiary is to the insured."""

    SPOUSE = "spouse"
    SON = "son"
    DAUGHTER = "daughter"
    FATHER = "father"
    MOTHER = "mother"
    SIBLING = "sibling"
    OTHER = "other"


class Product(Base):
    """What the insurer sells; the periods here hold for every policy of the product."""

    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    # Days after a due date in which cover continues; None where the terms know no grace period.
    grace_days: Mapped[int | None]
    cooling_off_days: Mapped[int | None]
    reinstatement_years: Mapped[int | None]


class Policy(CoreRecord, Base):
    """A contract with one policyholder; its present period is `start_date` to `end_date`, both included."""

    __tablename__ = "policies"
    __table_args__ = (UniqueConstraint("source", "external_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    holder_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    insured_name: Mapped[str]
    status: Mapped[str] = mapped_column(default=PolicyStatus.ACTIVE)
    # The first day of the first period; renewals move start_date and end_date on.
    issued_on: Mapped[date]
    start_date: Mapped[date]
    end_date: Mapped[date]
    sum_insured: Mapped[Decimal] = mapped_column(MONEY)
    premium: Mapped[Decimal] = mapped_column(MONEY)  # of one instalment
    currency: Mapped[str] = mapped_column(default=CURRENCY)
    payment_frequency: Mapped[str] = mapped_column(default=PaymentFrequency.ANNUAL)

    product: Mapped[Product] = relationship(lazy="raise")
    holder: Mapped[Customer] = relationship(lazy="raise")
    coverages: Mapped[list[Coverage]] = relationship(lazy="raise", order_by="Coverage.position")


class Coverage(Base):
    """One thing a policy pays for."""

    __tablename__ = "coverages"
    __table_args__ = (UniqueConstraint("policy_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    sum_insured: Mapped[Decimal] = mapped_column(MONEY)
    deductible: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0))
    currency: Mapped[str] = mapped_column(default=CURRENCY)
    waiting_period_days: Mapped[int] = mapped_column(default=0)


class PremiumInstalment(Base):
    """One premium to pay; open until `paid_date` is set."""

    __tablename__ = "premium_instalments"
    __table_args__ = (
        UniqueConstraint("policy_id", "due_date"),
        Index("ix_premium_instalments_open", "due_date", postgresql_where=text("paid_date IS NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"))
    due_date: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(MONEY)
    currency: Mapped[str] = mapped_column(default=CURRENCY)
    paid_date: Mapped[date | None]


class Beneficiary(Base):
    """Who receives the death benefit of a policy, and which share of it."""

    __tablename__ = "beneficiaries"
    __table_args__ = (
        UniqueConstraint("policy_id", "position"),
        CheckConstraint("share_percent > 0 AND share_percent <= 100", name="share"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    relationship_: Mapped[str] = mapped_column("relationship")
    share_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
