"""The audit log: who did what to which record. Append-only, and without personal content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.core import clock
from backend.core.db import Base


class AuditEntry(Base):
    """One act. `sealed_hash` chains the entries in order of their ids, once the sealing job reached them."""

    __tablename__ = "audit_entries"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]  # agent:3, contact:42, token:core, system
    action: Mapped[str]  # claim.read_refused
    target: Mapped[str]  # claim:C2026000101
    details: Mapped[dict[str, Any]]
    sealed_hash: Mapped[str | None]


async def record(session: AsyncSession, actor: str, action: str, target: str, **details: Any) -> None:
    """Add an entry to this transaction; it is kept only if the transaction commits.

    Ids, numbers of policies and claims, names of fields: yes. Names, phones, texts, amounts: never, because
    erasing a person must not need to change this log.
    """
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, target=target, details=details))
    await session.flush()
