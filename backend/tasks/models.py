"""Tasks: what somebody of ours promised to do for a person, by when, and what came of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core import clock
from backend.core.db import Base

NUMBERS = Sequence("task_numbers", metadata=Base.metadata)


class TaskKind(StrEnum):
    CALLBACK = "callback"
    FOLLOW_UP = "follow_up"
    QUOTE = "quote"
    REVIEW = "review"


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskOrigin(StrEnum):
    AGENT = "agent"
    BOT = "bot"
    NOTICE = "notice"
    SYSTEM = "system"


class Task(Base):
    """One thing to do; without an owner it waits for whoever takes it."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_open", "owner_id", "due_at", postgresql_where=text("state = 'open'")),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    summary: Mapped[str]
    state: Mapped[str] = mapped_column(default=TaskState.OPEN)
    due_at: Mapped[datetime]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policies.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    product_type: Mapped[str | None]
    # The number to call, as the person gave it for this.
    phone: Mapped[str | None]
    origin: Mapped[str]
    # Of notices and jobs: the same key is the same task.
    origin_key: Mapped[str | None] = mapped_column(unique=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    outcome: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name
