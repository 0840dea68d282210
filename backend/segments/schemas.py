"""Segments as callers read and write them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.core.schemas import Names
from backend.segments.filters import SegmentFilter

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00]+$")
]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]


class SegmentCreate(BaseModel):
    name: Name = Field(examples=["上海车险 30 天内到期"])
    description: Description = ""
    filter: SegmentFilter


class SegmentUpdate(SegmentCreate):
    version: int = Field(ge=1, le=2**31 - 1, description="The version that was read")


class SegmentRead(BaseModel):
    id: int
    name: str
    description: str
    filter: SegmentFilter
    version: int
    created_at: datetime
    changed_at: datetime


class SegmentPage(BaseModel):
    items: list[SegmentRead]
    next: str | None


class SegmentMember(BaseModel):
    """A customer in a segment, without anything that is not needed to recognise them."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    region: str | None
    tier: str
    language: str


class MemberPage(BaseModel):
    items: list[SegmentMember]
    next: str | None


class PreviewAsk(BaseModel):
    filter: SegmentFilter


class Preview(BaseModel):
    count: int = Field(description="How many customers are in it now")
    of: int = Field(description="How many customers there are")
    sample: list[SegmentMember] = Field(description="A few of them, drawn the same way each time")


class ProductChoice(BaseModel):
    code: str
    type: str
    name: Names


class Choices(BaseModel):
    """What the builder offers: what is on record now."""

    tags: list[str]
    regions: list[str]
    products: list[ProductChoice]
