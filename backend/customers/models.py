"""Customers: who they are, how to reach them, and the identity document that proves it (encrypted)."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core import clock
from backend.core.crypto import Vault
from backend.core.db import Base
from backend.core.records import CoreRecord
from backend.customers.names import HAN, surname_of

ID_NUMBER = "customers.id_number"  # what sealed identity numbers are bound to
ACCOUNT = "payment_accounts.account"


class Gender(StrEnum):
    FEMALE = "f"
    MALE = "m"


class IdType(StrEnum):
    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    TRAVEL_PERMIT = "travel_permit"  # residents of Hong Kong, Macau and Taiwan


class Tier(StrEnum):
    STANDARD = "standard"
    SILVER = "silver"
    GOLD = "gold"


class Customer(CoreRecord, Base):
    """A person who holds policies. Several people may share one phone number."""

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        UniqueConstraint("id_type", "id_number_index"),
        Index("ix_customers_name", "name"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    # Of people who write in Latin letters, too: pinyin or an English name.
    latin_name: Mapped[str | None]
    gender: Mapped[str | None]
    birth_date: Mapped[date | None]
    phone: Mapped[str | None] = mapped_column(index=True)  # E.164
    email: Mapped[str | None]
    address: Mapped[str | None]
    region: Mapped[str | None]
    occupation: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="zh-Hans")
    id_type: Mapped[str] = mapped_column(default=IdType.RESIDENT_ID)
    id_number_sealed: Mapped[str | None] = mapped_column(info={"sealed": ID_NUMBER})
    id_number_index: Mapped[str | None] = mapped_column(
        info={"indexes": "id_number_sealed", "index_purpose": ID_NUMBER}
    )
    # Computed with the standing; here because lists and segments ask for it.
    tier: Mapped[str] = mapped_column(default=Tier.STANDARD, index=True)
    # The person's content was erased; the row stays for the counts, and so that no import brings the person back.
    erased_at: Mapped[datetime | None]

    @property
    def surname(self) -> str:
        """What to address the person by: 王 of 王芳, 欧阳 of 欧阳娜, Miller of John Miller."""
        return surname_of(self.name)

    @property
    def latin_surname(self) -> str:
        """The same in Latin letters, where those are known: Wang of 王芳, whose family name comes first in both."""
        if HAN.match(self.name) and self.latin_name:
            return self.latin_name.split()[0]
        return surname_of(self.latin_name or self.name)

    def set_id_number(self, vault: Vault, number: str) -> None:
        """Keep the number sealed, and its keyed index for look-ups; case and spaces do not count."""
        plain = tidy_id_number(number)
        self.id_number_sealed = vault.seal(plain, ID_NUMBER)
        self.id_number_index = vault.blind_index(plain, ID_NUMBER)

    def id_number(self, vault: Vault) -> str | None:
        """The number in clear, for those who may; None when there is none on record."""
        return vault.open(self.id_number_sealed, ID_NUMBER) if self.id_number_sealed else None


class Relation(StrEnum):
    """What a relative is to the customer."""

    SPOUSE = "spouse"
    SON = "son"
    DAUGHTER = "daughter"
    FATHER = "father"
    MOTHER = "mother"
    SIBLING = "sibling"
    OTHER = "other"


class FamilyMember(Base):
    """A relative of a customer: another customer, or somebody known by name only. Stored once, read from both sides."""

    __tablename__ = "family_members"
    __table_args__ = (
        UniqueConstraint("customer_id", "relative_id"),
        CheckConstraint("(relative_id IS NULL) <> (name IS NULL)", name="known_or_named"),
        CheckConstraint("relative_id <> customer_id", name="not_oneself"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    relative_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str | None]
    relation: Mapped[str]
    birth_date: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class CustomerTag(Base):
    """A tag of a customer, given by hand or by a rule of the business setting `tag_rules`."""

    __tablename__ = "customer_tags"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True, index=True)
    is_by_rule: Mapped[bool] = mapped_column(default=False)
    added_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.now)


class CustomerStanding(Base):
    """What the value model and the lapse-risk model say of a customer, and why. Computed anew, never edited."""

    __tablename__ = "customer_standings"
    __table_args__ = (
        Index(
            "ix_customer_standings_risk",
            "risk_points",
            "customer_id",
            postgresql_where=text("risk_points > 0"),
        ),
    )
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    value_points: Mapped[int]
    # [{"factor": "premium", "fact": 12400.0, "points": 31}, …]
    value_parts: Mapped[list[Any]]
    risk_points: Mapped[int]
    # [{"code": "overdue", "fact": 12, "points": 40}, …]
    risk_reasons: Mapped[list[Any]]
    computed_at: Mapped[datetime]


class PaymentAccount(Base):
    """A bank account that premiums come from and benefits go to; the one without an end is in use."""

    __tablename__ = "payment_accounts"
    __table_args__ = (
        Index(
            "uq_payment_accounts_in_use",
            "customer_id",
            text("coalesce(policy_id, 0)"),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    # Of this policy only; None: of all that have none of their own.
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"), index=True)
    bank: Mapped[str | None]
    holder_name: Mapped[str]
    account_sealed: Mapped[str] = mapped_column(info={"sealed": ACCOUNT})
    account_index: Mapped[str] = mapped_column(
        index=True, info={"indexes": "account_sealed", "index_purpose": ACCOUNT}
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]


def tidy_id_number(number: str) -> str:
    """The one spelling that is stored and indexed: no spaces, half-width digits, capital letters."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()
