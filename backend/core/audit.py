"""The audit log: who did what to which record. Append-only, and without personal content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.core import clock
from backend.core.db import Base


class AuditEntry(Base):
    """One act. The sealing job gives it its place in the chain and the hash over all entries up to it.

    Places follow the order of sealing, because ids are taken before their transactions commit. A trigger of the
    database refuses every other change, and every removal.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_unsealed", "id", postgresql_where=text("sealed_position IS NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]  # agent:3, contact:42, token:core, system
    action: Mapped[str]  # claim.read_refused
    target: Mapped[str]  # claim:C2026000101
    details: Mapped[dict[str, Any]]
    sealed_position: Mapped[int | None] = mapped_column(unique=True)
    sealed_hash: Mapped[str | None]


class AuditSeal(Base):
    """The end of the chain after one run of the sealing job, signed with the encryption key of that time."""

    __tablename__ = "audit_seals"
    position: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str]
    signature: Mapped[str]
    sealed_at: Mapped[datetime]


async def record(session: AsyncSession, actor: str, action: str, target: str, **details: Any) -> None:
    """Add an entry to this transaction; it is kept only if the transaction commits.

    Ids, numbers of policies and claims, names of fields: yes. Names, phones, texts, amounts: never, because
    erasing a person must not need to change this log.
    """
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, target=target, details=details))
    await session.flush()
