"""What the articles' API takes and gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.articles.content import EXAMPLE, TOPIC, Content, Language, ProductType
from backend.articles.models import ArticleState
from backend.articles.questions import Outcome

_SUMMARY: dict[str, Any] = {
    "id": 12,
    "topic": "cooling-off-period",
    "language": "zh",
    "title": "犹豫期有多久",
    "state": "published",
    "has_draft": False,
    "products": ["life"],
    "tags": ["cooling-off"],
    "revision": 3,
    "live_revision": 3,
    "scheduled_revision": None,
    "scheduled_from": None,
    "valid_to": None,
    "version": 5,
    "updated_at": "2026-11-22T01:02:03Z",
}


class ArticleCreate(BaseModel):
    """A new topic, or the other language of one that is there."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"topic": "cooling-off-period", "language": "zh", "content": EXAMPLE}]
        },
    )
    topic: str = Field(pattern=TOPIC, max_length=100)
    language: Language
    content: Content


class ArticleSave(BaseModel):
    """What an editor saves, and the version that was edited."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"version": 5, "content": EXAMPLE}]}
    )
    version: int
    content: Content


class ArticleVersion(BaseModel):
    """The version that the editor has seen."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 5}]})
    version: int


class RevisionChoice(ArticleVersion):
    """An earlier revision."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 5, "revision": 2}]})
    revision: int = Field(ge=1, le=2**31 - 1)


class Publish(ArticleVersion):
    """Which revision shall answer: the newest unless named."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 5}]})
    revision: int | None = Field(default=None, ge=1, le=2**31 - 1)


class ArticleSummary(BaseModel):
    """A row of the list. `has_draft`: the newest revision neither answers nor is scheduled."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SUMMARY]})
    id: int
    topic: str
    language: Language
    title: str
    state: ArticleState
    has_draft: bool
    products: list[ProductType]
    tags: list[str]
    revision: int
    live_revision: int | None
    scheduled_revision: int | None
    scheduled_from: date | None
    valid_to: date | None
    version: int
    updated_at: datetime


class RevisionSummary(BaseModel):
    """Who wrote a revision and when; nobody for what came with the product."""

    number: int
    title: str
    written_by: str | None
    written_at: datetime
    restored_from: int | None


class ArticleRead(ArticleSummary):
    """An article with its newest content and its history, newest first; `pair` is the other language's id."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_SUMMARY, "pair": 13, "content": EXAMPLE, "revisions": []}]}
    )
    pair: int | None
    content: Content
    revisions: list[RevisionSummary]


class ArticlePage(BaseModel):
    """`today` is the insurer's business date, by which schedules begin."""

    items: list[ArticleSummary]
    next: str | None
    today: date


class ServedVersion(Content):
    """What answers between two days."""


class ArticleChange(BaseModel):
    """All that may answer of one language of one topic from now on; nothing when it was retired."""

    topic: str
    language: Language
    versions: list[ServedVersion]


class ArticleChanges(BaseModel):
    """`starts_over`: the reader has to forget what it has, for the cursor was not one of this database."""

    items: list[ArticleChange]
    next: str = Field(description="The cursor to ask with next time, also when there is nothing new.")
    has_more: bool
    starts_over: bool


class Markdown(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": "## 犹豫期\n15 天"}]})
    text: str = Field(max_length=20_000)


class Preview(BaseModel):
    """HTML without anything that could run."""

    html: str


class QuestionRead(BaseModel):
    """A customer's question; `ticket` is the first one that followed within half an hour."""

    id: int
    asked_at: datetime
    question: str
    language: Language
    channel: str
    outcome: Outcome
    product_type: str | None
    article: str | None
    score: float | None
    ticket: str | None


class QuestionPage(BaseModel):
    items: list[QuestionRead]
    next: str | None


class QuestionCount(BaseModel):
    """How the questions of the last days ended; `nothing` + `human` + `answered` = `total`."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"examples": [{"total": 120, "nothing": 14, "human": 9, "answered": 97}]},
    )
    total: int
    nothing: int
    human: int
    answered: int


class Trial(BaseModel):
    """A question as a customer might ask it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"query": "签完字反悔了咋整", "language": "zh"}]}
    )
    query: str = Field(min_length=1, max_length=500)
    language: Language = "zh"
    product_type: ProductType | None = None


class TrialHit(BaseModel):
    """An article and how likely it is to answer; the evidence is what that was judged by."""

    article: str
    language: Language
    title: str
    score: float
    passage: str
    evidence: dict[str, float]


class TrialResult(BaseModel):
    """`fits`: the first one's score reaches the threshold, so the customer would get it as the answer."""

    fits: bool
    threshold: float
    index: str
    hits: list[TrialHit]
