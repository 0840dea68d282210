"""Products, policies and what belongs to them: coverages, premium instalments, beneficiaries."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.core import clock
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
    # Per cent of the premiums paid that a surrender returns after 0, 1, 2 … full years; empty: no cash value.
    cash_value_percents: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))

    parts: Mapped[list[ProductPart]] = relationship(lazy="raise", order_by="ProductPart.position")


class PartKind(StrEnum):
    COVERAGE = "coverage"
    RIDER = "rider"
    EXCLUSION = "exclusion"


class ProductPart(Base):
    """A coverage or rider that a product offers, or what it excludes; policies carry their own coverages and riders."""

    __tablename__ = "product_parts"
    __table_args__ = (UniqueConstraint("product_id", "kind", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    kind: Mapped[str]
    position: Mapped[int]
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    waiting_period_days: Mapped[int] = mapped_column(default=0)
    deductible: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0))


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
    # As the core system tells it; None: by the product's `cash_value_percents`.
    cash_value: Mapped[Decimal | None] = mapped_column(MONEY)

    product: Mapped[Product] = relationship(lazy="raise")
    holder: Mapped[Customer] = relationship(lazy="raise")
    coverages: Mapped[list[Coverage]] = relationship(lazy="raise", order_by="Coverage.position")
    riders: Mapped[list[PolicyRider]] = relationship(lazy="raise", order_by="PolicyRider.position")


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


class PolicyRider(Base):
    """Additional cover that was taken out with a policy."""

    __tablename__ = "policy_riders"
    __table_args__ = (UniqueConstraint("policy_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    sum_insured: Mapped[Decimal] = mapped_column(MONEY)
    premium: Mapped[Decimal] = mapped_column(MONEY)  # of one instalment, within the policy's
    currency: Mapped[str] = mapped_column(default=CURRENCY)
    start_date: Mapped[date]
    end_date: Mapped[date]


class PremiumInstalment(Base):
    """One premium to pay; open until `paid_date` is set, the day the last part of it was paid."""

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
    # What payments have brought so far while it is open.
    paid_amount: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0), server_default="0")


class PaymentMethod(StrEnum):
    BANK = "bank"  # debited from the account on record
    TRANSFER = "transfer"
    WECHAT = "wechat"
    ALIPAY = "alipay"
    CASH = "cash"


class Payment(Base):
    """Money that came in for a policy; it pays the oldest open instalments, and what is left over stays as credit."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_payments_policy", "policy_id", "paid_on", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"))
    amount: Mapped[Decimal] = mapped_column(MONEY)
    currency: Mapped[str] = mapped_column(default=CURRENCY)
    paid_on: Mapped[date]
    method: Mapped[str]
    unused: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0))
    source: Mapped[str]
    external_id: Mapped[str | None]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class PaymentAllocation(Base):
    """Which part of a payment went to which instalment."""

    __tablename__ = "payment_allocations"
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id", ondelete="CASCADE"), primary_key=True)
    instalment_id: Mapped[int] = mapped_column(
        ForeignKey("premium_instalments.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    amount: Mapped[Decimal] = mapped_column(MONEY)


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
