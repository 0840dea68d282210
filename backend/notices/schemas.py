"""Notices, consents and templates as callers read and write them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.core.language import Language
from backend.core.schemas import Names
from backend.notices.catalogue import Wording
from backend.notices.models import NoticeState, Purpose

Channel = Literal["wechat", "sms", "web"]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00]+$")
]
TitleText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00]+$")
]


class Delivery(BaseModel):
    """A channel that was considered, in order."""

    model_config = ConfigDict(from_attributes=True)
    channel: str
    chosen_because: str | None = Field(examples=["last_used"])
    failed_because: str | None = Field(examples=["not_bound"])
    is_discreet: bool
    outbound_id: int | None
    at: datetime


class CustomerName(BaseModel):
    id: int
    name: str


class NoticeRead(BaseModel):
    """A notice; planned ones have not been sent and hold no words yet."""

    id: int
    kind: str = Field(examples=["claim_paid"])
    purpose: Purpose
    subject: str = Field(examples=["claim:C2026000101"])
    occurrence: str
    customer: CustomerName
    campaign_id: int | None
    state: NoticeState
    reason: str | None = Field(description="Why it is in this state, or what it waits for")
    planned_for: datetime
    expires_at: datetime | None
    decided_at: datetime
    sent_at: datetime | None
    channel: str | None = Field(description="The channel it went by last")


class NoticePage(BaseModel):
    items: list[NoticeRead]
    next: str | None


class NoticeDetail(NoticeRead):
    text: str | None = Field(description="What was said, once it was queued")
    deliveries: list[Delivery]


class ConsentState(BaseModel):
    """What holds now."""

    purpose: Purpose
    channel: str | None = Field(description="Null: every channel")
    given: bool
    source: str = Field(description="Who said it; `default` when nobody ever did", examples=["agent:3"])
    recorded_at: datetime | None


class StoppedChannel(BaseModel):
    """A channel that the customer stopped altogether (STOP, unsubscribe)."""

    channel: str
    since: datetime | None


class ConsentsRead(BaseModel):
    items: list[ConsentState]
    stopped: list[StoppedChannel]
    preferred_channel: str | None


class ConsentGive(BaseModel):
    purpose: Purpose
    given: bool
    channel: Channel | None = Field(None, description="Null: every channel")


class PreferenceSet(BaseModel):
    channel: Channel | None = Field(description="Null: no wish")


class TemplateRead(BaseModel):
    name: str
    title: Names
    purpose: Purpose
    variables: list[str]
    discreet_variables: list[str] = Field(description="Those that discreet texts may name")
    zh: str
    en: str
    zh_discreet: str
    en_discreet: str
    version: int = Field(description="0: the built-in wording")
    is_own: bool = Field(description="Added by people; not built in")
    is_urgent: bool


class TemplateList(BaseModel):
    items: list[TemplateRead]


class WordingIn(Wording):
    zh: Text
    en: Text
    zh_discreet: Text
    en_discreet: Text


class Titles(Names):
    zh: TitleText
    en: TitleText


class TemplateChange(BaseModel):
    title: Titles
    wording: WordingIn
    version: int = Field(ge=0, le=2**31 - 1, description="The version that was read; 0 for a new one")


class TemplateAsk(BaseModel):
    wording: WordingIn


class TemplatePreview(BaseModel):
    language: Language
    is_discreet: bool
    text: str


class TemplatePreviews(BaseModel):
    items: list[TemplatePreview]
