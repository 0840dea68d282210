"""Imports: one run a file, and the rows that were not taken with their reasons."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base

REJECTED_ROW = "import_rejections.row"  # what sealed rows are bound to


class ImportKind(StrEnum):
    CUSTOMERS = "customers"
    POLICIES = "policies"
    CLAIMS = "claims"


class ImportMode(StrEnum):
    ALL_OR_NOTHING = "all_or_nothing"
    KEEP_GOOD = "keep_good"


class ImportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REJECTED = "rejected"  # all or nothing, and not all rows were good: nothing was loaded
    CANCELLED = "cancelled"
    FAILED = "failed"  # the file could not be read, or the run was lost with its file


class ImportRun(Base):
    """One file on its way into the database; the counts are of committed rows."""

    __tablename__ = "import_runs"
    __table_args__ = (
        Index("ix_import_runs_open", "id", postgresql_where=text("state IN ('queued', 'running')")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    mode: Mapped[str]
    state: Mapped[str] = mapped_column(default=ImportState.QUEUED)
    source: Mapped[str]  # the system that `external_id` belongs to
    file_name: Mapped[str]
    # The sealed file's name while it is needed; null for the command line, which reads the file itself.
    stored_name: Mapped[str | None]
    started_by: Mapped[str]
    # Rows read so far, counted from the top; a run that was killed goes on behind them.
    rows_read: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    percent: Mapped[int] = mapped_column(default=0)
    # How often a process was started for it; one that is killed again and again is given up.
    tries: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ImportRejection(Base):
    """A row that was not taken; its cells are sealed, identity and bank numbers in them masked."""

    __tablename__ = "import_rejections"
    __table_args__ = (UniqueConstraint("run_id", "line"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id", ondelete="CASCADE"))
    line: Mapped[int]
    reasons: Mapped[list[Any]]  # [{"column": "phone", "code": "phone"}]
    row_sealed: Mapped[str] = mapped_column(info={"sealed": REJECTED_ROW})
