"""Campaigns, catastrophe notices and surges as callers read and write them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.notices.models import CampaignKind, CampaignState
from backend.policies.models import ProductType
from backend.segments.filters import SegmentFilter, Words

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00]+$")
]
Said = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]
Rate = Annotated[int, Field(ge=1, le=6000, description="At most so many a minute, over all workers")]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The version that was read")]


class CampaignCreate(BaseModel):
    """To a saved segment, or to a filter of its own."""

    title: Title = Field(examples=["年底保障体检"])
    template: str = Field(max_length=60, examples=["campaign_checkup"])
    segment_id: int | None = Field(None, ge=1, le=2**31 - 1)
    filter: SegmentFilter | None = None
    rate_per_minute: Rate = 60


class CampaignUpdate(CampaignCreate):
    version: Version


class CatastropheCreate(BaseModel):
    """To holders of such policies in these areas; with `surge_hours` it also opens a queue of its own for them."""

    title: Title = Field(examples=["台风“演示”登陆浙江"])
    areas: Words = Field(examples=[["浙江", "上海"]])
    product_types: list[ProductType] = Field([], description="Empty: all of them")
    rate_per_minute: Rate = 600
    surge_hours: int | None = Field(72, ge=1, le=24 * 60)
    surge_text_zh: Said = ""
    surge_text_en: Said = ""


class Start(BaseModel):
    version: Version


class StateCount(BaseModel):
    state: str
    count: int


class SurgeRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str
    areas: list[str]
    product_types: list[str]
    skill: str
    text_zh: str
    text_en: str
    since: datetime
    until: datetime
    closed_at: datetime | None


class SurgePage(BaseModel):
    items: list[SurgeRead]
    next: str | None = None


class CampaignRead(BaseModel):
    id: int
    kind: CampaignKind
    title: str
    template: str
    segment_id: int | None
    filter: SegmentFilter
    rate_per_minute: int
    state: CampaignState
    version: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    is_dry_run: bool = Field(description="This version had its dry run and may be started")
    progress: list[StateCount] = Field(description="Its notices by state; empty before the start")
    surge: SurgeRead | None


class CampaignPage(BaseModel):
    items: list[CampaignRead]
    next: str | None


class ReasonCount(BaseModel):
    channel: str | None = Field(description="The channel it goes by; null when it goes by none")
    reason: str = Field(description="Why this channel, or why none")
    count: int


class Recipient(BaseModel):
    customer_id: int
    name: str
    channel: str | None
    reason: str
    is_discreet: bool
    passed_over: list[str] = Field(
        description="Channels that were no way, each with its reason: `wechat: not_bound`"
    )


class DryRun(BaseModel):
    """Who gets it and who does not, as things stand now. Nothing is sent."""

    total: int
    looked_at: int = Field(description="Fewer than `total` only where there are very many")
    reached: int
    groups: list[ReasonCount]
    sample: list[Recipient]


class Audience(BaseModel):
    items: list[Recipient]
    next: str | None
