"""Shapes that answers of several areas share."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field


class Money(BaseModel):
    """An amount as text, so that no reader rounds it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": "1200.00", "currency": "CNY"}]})
    amount: str = Field(pattern=r"^-?\d+\.\d{2}$")
    currency: str = Field(description="ISO 4217")


class Names(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


def money(amount: Decimal, currency: str) -> Money:
    """Two decimals, no thousands separator."""
    return Money(amount=f"{amount:.2f}", currency=currency)


def money_or_none(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else money(amount, currency)
