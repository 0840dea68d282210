"""Customers: who they are, how to reach them, and the identity document that proves it (encrypted)."""

from __future__ import annotations

import unicodedata
from datetime import date
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Vault
from backend.core.db import Base
from backend.core.records import CoreRecord
from backend.customers.names import surname_of

ID_NUMBER = "customers.id_number"  # what sealed identity numbers are bound to


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
    language: Mapped[str] = mapped_column(default="zh-Hans")
    id_type: Mapped[str] = mapped_column(default=IdType.RESIDENT_ID)
    id_number_sealed: Mapped[str | None]
    id_number_index: Mapped[str | None]
    tier: Mapped[str] = mapped_column(default=Tier.STANDARD)

    @property
    def surname(self) -> str:
        """What to address the person by: 王 of 王芳, 欧阳 of 欧阳娜, Miller of John Miller."""
        return surname_of(self.name)

    def set_id_number(self, vault: Vault, number: str) -> None:
        """Keep the number sealed, and its keyed index for look-ups; case and spaces do not count."""
        plain = tidy_id_number(number)
        self.id_number_sealed = vault.seal(plain, ID_NUMBER)
        self.id_number_index = vault.blind_index(plain, ID_NUMBER)

    def id_number(self, vault: Vault) -> str | None:
        """The number in clear, for those who may; None when there is none on record."""
        return vault.open(self.id_number_sealed, ID_NUMBER) if self.id_number_sealed else None


def tidy_id_number(number: str) -> str:
    """The one spelling that is stored and indexed: no spaces, half-width digits, capital letters."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()
