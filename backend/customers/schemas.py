"""What agents and other systems see and send of a customer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.conversations.free_text import Line
from backend.customers.models import Gender, IdType, Relation, Tier

Language = Literal["zh-Hans", "zh-Hant", "en"]
EMAIL = r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00.]+$"
TAG = r"^[^\x00-\x20/][^\x00-\x1f/]{0,39}$"
Tag = Annotated[str, Field(pattern=TAG, max_length=40, examples=["VIP"])]


class CustomerSummary(BaseModel):
    """A customer in a list."""

    model_config = ConfigDict(from_attributes=True)
    id: int = Field(examples=[42])
    name: str = Field(examples=["王芳"])
    latin_name: str | None = Field(examples=["Wang Fang"], description="Pinyin or English name")
    gender: Gender | None
    phone: str | None = Field(
        examples=["+86142****0101"], description="E.164; agents see it masked, other systems in full"
    )
    region: str | None = Field(examples=["北京"])
    language: str = Field(examples=["zh-Hans"])
    tier: Tier
    tags: list[str] = Field(examples=[["VIP"]])
    external_id: str | None = Field(description="The customer's number in `source`", examples=["100001"])


class CustomerRead(CustomerSummary):
    """A customer, the identity number masked."""

    surname: str = Field(examples=["王"])
    birth_date: date | None
    email: str | None
    address: str | None
    occupation: str | None = Field(examples=["教师"])
    id_type: IdType
    id_number_masked: str | None = Field(examples=["110***********1234"])
    source: str = Field(description="The system this record comes from", examples=["core"])
    version: int = Field(description="Send it back with a change; it grows with every change", examples=[3])
    source_version: int | None = Field(description="The version that `source` told last")
    created_at: datetime
    updated_at: datetime


class CustomerPage(BaseModel):
    items: list[CustomerSummary]
    next: str | None = Field(description="`cursor` of the next page; null on the last")


class Details(BaseModel):
    """What may be written directly. The phone is not among it: it proves who somebody is, so it goes by a change
    request (or comes from the core system)."""

    model_config = ConfigDict(extra="forbid")
    name: Line | None = Field(None, examples=["王芳"])
    latin_name: Line | None = None
    gender: Gender | None = None
    birth_date: date | None = None
    email: str | None = Field(None, max_length=200, pattern=EMAIL, examples=["wang.fang@example.com"])
    address: Line | None = None
    region: Line | None = None
    occupation: Line | None = None
    language: Language | None = None


class CustomerCreate(Details):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "王芳", "phone": "+8614200000101", "language": "zh-Hans", "region": "北京"}]
        }
    )
    name: Line
    phone: str | None = Field(None, max_length=40, description="Any spelling; stored as E.164")
    id_type: IdType = IdType.RESIDENT_ID
    id_number: str | None = Field(
        None, min_length=5, max_length=40, description="Stored encrypted; answers never show it"
    )


class CustomerUpdate(Details):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"version": 3, "occupation": "教师", "email": "wang.fang@example.com"}]
        }
    )
    version: int = Field(ge=1, le=2**62, description="Of the record that you read; 409 when it changed since")


class CustomerSearch(BaseModel):
    """In a body, so that what was searched for is in no address and no log of addresses."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"q": "P2024000123"}, {"q": "142 0000 0101"}]})
    q: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f]+$",
        description="A name or its beginning, a phone in any spelling, an identity number, or the number of a "
        "customer, policy, claim or ticket",
    )


class RevealField(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"field": "id_number"}]})
    field: Literal["id_number", "phone", "payment_account"]
    account_id: int | None = Field(None, ge=1, le=2**62, description="Which payment account")


class Revealed(BaseModel):
    field: str
    value: str | None = Field(description="In full; null when there is none on record")


class TagRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    tag: str = Field(examples=["VIP"])
    is_by_rule: bool = Field(description="Rules give and take it away; people cannot")
    added_at: datetime


class TagList(BaseModel):
    items: list[TagRead]


class TagCount(BaseModel):
    tag: str
    customers: int


class TagCounts(BaseModel):
    items: list[TagCount]


class RelativeCreate(BaseModel):
    """A customer (`customer_id`), or somebody known by `name` only."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"relation": "spouse", "customer_id": 43}, {"relation": "son", "name": "小明"}]
        },
    )
    relation: Relation = Field(description="What the relative is to this customer")
    customer_id: int | None = Field(None, ge=1, le=2**31 - 1)
    name: Line | None = None
    birth_date: date | None = None


class RelativeRead(BaseModel):
    id: int
    relation: Relation
    name: str
    customer_id: int | None = Field(description="Null for somebody who is not a customer")
    birth_date: date | None


class Family(BaseModel):
    items: list[RelativeRead]


class AccountRead(BaseModel):
    id: int
    bank: str | None
    holder_name: str
    account_masked: str = Field(examples=["***************0018"])
    policy_number: str | None = Field(description="Null: for every policy without one of its own")
    since: datetime


class Accounts(BaseModel):
    items: list[AccountRead]


class PointsPart(BaseModel):
    code: str = Field(examples=["premium"])
    fact: float = Field(description="The figure the points were given for", examples=[12400.0])
    points: int = Field(examples=[25])


class StandingRead(BaseModel):
    """Which tier and why; whether a policy may lapse and why."""

    tier: Tier
    value_points: int
    value_parts: list[PointsPart]
    risk_points: int
    risk_reasons: list[PointsPart] = Field(
        description="overdue and long_overdue (days), past_lapse (policies), paid_late (premiums), "
        "declining_contact (contacts fewer than the quarter before)"
    )
    computed_at: datetime | None = Field(description="Null when it was not computed yet")


class RiskRow(BaseModel):
    customer_id: int
    name: str
    tier: Tier
    risk_points: int
    reasons: list[PointsPart]


class RiskPage(BaseModel):
    items: list[RiskRow]
    next: str | None
