"""What the bot may have misunderstood, for a supervisor to say what was meant."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class Reason(StrEnum):
    """Why a message is looked at."""

    UNSURE = "unsure"  # understood with little confidence
    NOT_UNDERSTOOD = "not_understood"  # the bot said so
    CORRECTED = "corrected"  # the customer said that the answer was beside the point
    REPHRASED = "rephrased"  # said again in other words, and then understood otherwise
    ASKED_FOR_HUMAN = "asked_for_human"  # right after the answer
    OUT_OF_SCOPE = "out_of_scope"


class State(StrEnum):
    OPEN = "open"
    LABELLED = "labelled"
    SKIPPED = "skipped"


class ReviewExport(Base):
    """Labelled messages that were given out together; its file is written from them whenever it is asked for."""

    __tablename__ = "review_exports"
    id: Mapped[int] = mapped_column(primary_key=True)
    examples: Mapped[int]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime]


class ReviewItem(Base):
    """One message of a customer, without phone numbers and names, and what became of it."""

    __tablename__ = "review_items"
    __table_args__ = (
        Index("ix_review_items_open", "id", postgresql_where=text("state = 'open'")),
        Index("ix_review_items_pattern", "pattern"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound_messages.id"), unique=True)
    channel: Mapped[str]
    language: Mapped[str]
    text: Mapped[str]
    # [{"entity", "start", "end"}] of the text.
    entities: Mapped[list[Any]]
    # The same for texts that differ in numbers, names and marks only.
    pattern: Mapped[str]
    intent: Mapped[str | None]
    confidence: Mapped[float | None]
    # The likeliest intents, as the model ranked them: [{"intent", "confidence"}].
    guesses: Mapped[list[Any]]
    # What the customer's next words or choice say it was.
    suggested: Mapped[str | None]
    model: Mapped[str | None]
    reasons: Mapped[list[Any]]
    said_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=State.OPEN)
    label: Mapped[str | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    decided_at: Mapped[datetime | None]
    export_id: Mapped[int | None] = mapped_column(ForeignKey("review_exports.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ReviewProgress(Base):
    """How far the record was looked through: all entries up to `done_to`; `seen_to` was the newest at the last look."""

    __tablename__ = "review_progress"
    id: Mapped[int] = mapped_column(primary_key=True)
    done_to: Mapped[int]
    seen_to: Mapped[int]
