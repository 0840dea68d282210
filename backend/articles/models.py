"""Articles: one language of one topic, what was ever written of it, and what was asked of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, case, func
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.elements import ColumnElement

from backend.core import clock
from backend.core.db import Base


class ArticleState(StrEnum):
    DRAFT = "draft"  # never published
    SCHEDULED = "scheduled"  # answers from a later day on
    PUBLISHED = "published"
    RETIRED = "retired"  # answered once, answers no more


class Article(Base):
    """One language of one topic. `version` guards against lost updates; revisions are never changed or removed."""

    __tablename__ = "articles"
    __table_args__ = (UniqueConstraint("topic", "language"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    language: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")
    # The newest one; an editor goes on from here.
    revision: Mapped[int] = mapped_column(default=1)
    # The one that answers, and the one that takes over on `scheduled_from`.
    live_revision: Mapped[int | None]
    scheduled_revision: Mapped[int | None]
    scheduled_from: Mapped[date | None]
    retired_at: Mapped[datetime | None]
    # The feed's number at its last change (`backend.articles.feed`); 0: never served.
    changed: Mapped[int] = mapped_column(default=0, index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    revisions: Mapped[list[ArticleRevision]] = relationship(lazy="raise", order_by="ArticleRevision.number")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form

    def state_on(self, today: date) -> ArticleState:
        """How it stands on that day: a schedule needs nobody to carry it out."""
        if self.retired_at is not None:
            return ArticleState.RETIRED
        if self.live_revision is not None or (
            self.scheduled_from is not None and self.scheduled_from <= today
        ):
            return ArticleState.PUBLISHED
        return ArticleState.SCHEDULED if self.scheduled_from is not None else ArticleState.DRAFT


def state_expression(today: date) -> ColumnElement[str]:
    """`Article.state_on` for the database."""
    return case(
        (Article.retired_at.is_not(None), ArticleState.RETIRED.value),
        (
            Article.live_revision.is_not(None) | (Article.scheduled_from <= today),
            ArticleState.PUBLISHED.value,
        ),
        (Article.scheduled_from.is_not(None), ArticleState.SCHEDULED.value),
        else_=ArticleState.DRAFT.value,
    )


class ArticleRevision(Base):
    """What an article said at one time, and who wrote it; nobody for the seed."""

    __tablename__ = "article_revisions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int]
    title: Mapped[str]
    text: Mapped[str]
    products: Mapped[list[Any]]
    tags: Mapped[list[Any]]
    questions: Mapped[list[Any]]
    source: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # The revision that was brought back.
    restored_from: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class ArticleFeed(Base):
    """One row: counts changes of what is served. Locking it puts the changes into the order of their commits."""

    __tablename__ = "article_feed"
    id: Mapped[int] = mapped_column(primary_key=True)
    # Names this database, so that a cursor of another one is recognised.
    origin: Mapped[str]
    changed: Mapped[int] = mapped_column(default=0)


class KnowledgeQuestion(Base):
    """That a customer's message was looked up, and what came of it; the text stays with the message alone."""

    __tablename__ = "knowledge_questions"
    __table_args__ = (Index("ix_knowledge_questions_newest", "asked_at", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    inbound_id: Mapped[int] = mapped_column(
        ForeignKey("inbound_messages.id", ondelete="CASCADE"), unique=True
    )
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    language: Mapped[str]
    product_type: Mapped[str | None]
    is_answered: Mapped[bool]
    topic: Mapped[str | None]  # of the article that was given, or came nearest
    score: Mapped[float | None]
    asked_at: Mapped[datetime] = mapped_column(default=clock.now, server_default=func.now())
