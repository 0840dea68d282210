"""What the review list's API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.conversations.free_text import PRINTABLE
from backend.review.models import Reason, State
from backend.review.service import AT_ONCE

Language = Literal["zh-Hans", "zh-Hant", "en"]
Channel = Literal["wechat", "sms", "web"]
Version = Annotated[int, Field(ge=1, description="As it was read")]
ITEM: dict[str, Any] = {
    "id": 311,
    "channel": "wechat",
    "language": "zh-Hans",
    "text": "我那个C2000000000怎么没动静了",
    "entities": [{"entity": "claim_number", "start": 3, "end": 14}],
    "intent": "query_ticket",
    "confidence": 0.52,
    "guesses": [
        {"intent": "query_ticket", "confidence": 0.52},
        {"intent": "query_claim", "confidence": 0.41},
    ],
    "suggested": "query_claim",
    "reasons": ["unsure", "rephrased"],
    "said_at": "2026-11-23T01:02:03Z",
    "state": "open",
    "label": None,
    "decided_by": None,
    "exported_at": None,
    "version": 1,
}


class Mark(BaseModel):
    """A part of the text that is an entity: characters from `start` to before `end`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"entity": "claim_number", "start": 3, "end": 14}]}
    )
    entity: str = Field(max_length=64)
    start: int = Field(ge=0, le=2000)
    end: int = Field(ge=1, le=2000)


class Guess(BaseModel):
    intent: str
    confidence: float


class ItemRead(BaseModel):
    """A message, masked. `intent`: as the bot understood it; `suggested`: what the customer did next says."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [ITEM]})
    id: int
    channel: str
    language: str
    text: str
    entities: list[Mark]
    intent: str | None
    confidence: float | None
    guesses: list[Guess]
    suggested: str | None
    model: str | None = Field(None, description="The version of the bot's model")
    reasons: list[Reason]
    said_at: datetime
    state: State
    label: str | None
    decided_by: str | None = Field(None, description="Who labelled or skipped it")
    exported_at: datetime | None = None
    version: int


class ItemPage(BaseModel):
    items: list[ItemRead]
    next: str | None


class Line(BaseModel):
    """Something said before or after, masked."""

    speaker: Literal["customer", "bot", "agent", "system"]
    text: str
    at: datetime
    is_this: bool = Field(False, description="The message itself")


class ItemDetail(ItemRead):
    context: list[Line]
    alike: int = Field(description="Other open messages that differ in numbers, names and marks only")


class Counts(BaseModel):
    open: int
    labelled: int = Field(description="And not exported yet")
    exported: int
    skipped: int


class Vocabulary(BaseModel):
    """What a message can be labelled with."""

    intents: list[str]
    entities: list[str]


class Label(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 1,
                    "intent": "query_claim",
                    "entities": [{"entity": "claim_number", "start": 3, "end": 14}],
                    "also_alike": True,
                }
            ]
        }
    )
    version: Version
    intent: str = Field(max_length=64)
    entities: list[Mark] = Field(default=[], max_length=20)
    text: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        pattern=PRINTABLE,
        description="The wording to train with, in place of the customer's: to take out what tells who they are",
    )
    also_alike: bool = Field(False, description="Those that differ in numbers, names and marks only as well")


class Labelled(ItemRead):
    also_labelled: int


class Versioned(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1}]})
    version: Version


class Chosen(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": [311, 312]}]})
    ids: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(min_length=1, max_length=AT_ONCE)


class Skipped(BaseModel):
    skipped: list[int]


class ExportRead(BaseModel):
    """`is_placed`: whether the file lies in the product's own folder of training data, where `make train` finds it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 12,
                    "examples": 80,
                    "file": "review-12.yml",
                    "created_at": "2026-11-23T01:02:03Z",
                    "is_placed": True,
                }
            ]
        }
    )
    id: int
    examples: int
    file: str
    created_at: datetime
    is_placed: bool


class ExportPage(BaseModel):
    items: list[ExportRead]
    next: str | None
