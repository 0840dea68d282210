"""What every record that may come from the insurer's core system carries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from backend.core import clock

OURS = "anda"


class CoreRecord:
    """Mixin: where a record comes from, what it is called there, and a version against lost updates.

    `external_id` is the key in `source`; tables declare UniqueConstraint("source", "external_id"). `version` is ours
    and counts every change here; `source_version` is the source's own, so that an older state never follows a newer.
    A flush that meets another version in the database raises SQLAlchemy's `StaleDataError`.
    """

    source: Mapped[str] = mapped_column(default=OURS, server_default=OURS)
    external_id: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    source_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy passes the class
        return {"version_id_col": cls.version}
