"""What agents and other systems see of a customer."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from backend.customers.models import Gender, IdType, Tier


class CustomerSummary(BaseModel):
    """A customer in a list."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str = Field(examples=["王芳"])
    latin_name: str | None = Field(examples=["Wang Fang"], description="Pinyin or English name")
    gender: Gender | None
    phone: str | None = Field(examples=["+12125550142"], description="E.164")
    region: str | None
    language: str = Field(examples=["zh-Hans"])
    tier: Tier
    external_id: str | None = Field(description="The customer's number in `source`")


class CustomerRead(CustomerSummary):
    """A customer, the identity number masked."""

    surname: str
    birth_date: date | None
    email: str | None
    address: str | None
    id_type: IdType
    id_number_masked: str | None = Field(examples=["110***********1234"])
    source: str = Field(description="The system this record comes from")
    version: int
    created_at: datetime
    updated_at: datetime


class CustomerPage(BaseModel):
    items: list[CustomerSummary]
    next: str | None = Field(description="`cursor` of the next page; null on the last")
