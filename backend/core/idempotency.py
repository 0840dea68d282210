"""Idempotency keys: the same key again returns the first answer; another request under it is a conflict."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base
from backend.core.errors import Conflict

KeyHeader = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x20-\x7e]+$",
        description="Chosen by you for this write, and sent again with every retry: it is done once.",
        examples=["7d0c8f0e-6a55-4a2c-9d0e-3b2f5a1c7e11"],
    ),
]


class IdempotencyKey(Base):
    """The first answer to a write, by who asked and the key given."""

    __tablename__ = "idempotency_keys"
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    response: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def once(
    session: AsyncSession,
    scope: str,
    key: str,
    request: dict[str, Any],
    write: Callable[[], Awaitable[dict[str, Any]]],
) -> dict[str, Any]:
    """Run `write` once for (scope, key) in this transaction; a repetition returns the stored answer.

    Raises `Conflict` when the key was used for another request.
    """
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    # Two equal requests at once: the second waits here until the first has committed.
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 0))"), {"k": f"{scope}:{key}"}
    )
    known = await session.scalar(
        select(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    )
    if known is not None:
        if known.request_hash != digest:
            raise Conflict("This idempotency key was used for another request.")
        return known.response
    response = await write()
    session.add(IdempotencyKey(scope=scope, key=key, request_hash=digest, response=response))
    await session.flush()
    return response
