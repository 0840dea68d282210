"""The audit log to read and to check, for auditors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from backend.core.access import Allowed, Principal
from backend.core.audit import AuditEntry
from backend.core.db import SessionDep
from backend.core.paging import Cursor, Limit, decode_id, encode_cursor
from backend.privacy import sealing

router = APIRouter(prefix="/api/v1", tags=["audit"])
Auditor = Annotated[Principal, Depends(Allowed("audit:read"))]


class AuditEntryRead(BaseModel):
    """One act: who did what to which record. No personal content; `sealed_position` is null for some seconds."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    at: datetime
    actor: str = Field(examples=["agent:3"])
    action: str = Field(examples=["customer.revealed"])
    target: str = Field(examples=["customer:42"])
    details: dict[str, Any] = Field(examples=[{"field": "id_number"}])
    sealed_position: int | None
    sealed_hash: str | None


class AuditPage(BaseModel):
    items: list[AuditEntryRead]
    next: str | None


class AuditVerdict(BaseModel):
    """`broken_at` is null when the chain is whole; else the first place that does not fit, and `reason` says how."""

    sealed: int
    unsealed: int
    head: str
    broken_at: int | None
    reason: str | None


@router.get("/audit", summary="The audit log, newest first")
async def list_audit(
    session: SessionDep,
    _: Auditor,
    actor: Annotated[str | None, Query(max_length=100, examples=["agent:3"])] = None,
    action: Annotated[str | None, Query(max_length=100)] = None,
    target: Annotated[str | None, Query(max_length=100)] = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AuditPage:
    """Filter by exact `actor`, `action` or `target`, and by time (`since` included, `until` not)."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    for column, wanted in (
        (AuditEntry.actor, actor),
        (AuditEntry.action, action),
        (AuditEntry.target, target),
    ):
        query = query.where(column == wanted) if wanted is not None else query
    query = query.where(AuditEntry.at >= since) if since else query
    query = query.where(AuditEntry.at < until) if until else query
    query = query.where(AuditEntry.id < decode_id(cursor)) if cursor else query
    found = (await session.scalars(query)).all()
    items = [AuditEntryRead.model_validate(entry) for entry in found[:limit]]
    return AuditPage(items=items, next=encode_cursor(items[-1].id) if len(found) > limit else None)


@router.get("/audit/verification", summary="Check the audit log's hash chain")
async def verify_audit(
    request: Request,
    session: SessionDep,
    _: Auditor,
    anchor: Annotated[str | None, Query(pattern=r"^\d{1,18}:[0-9a-f]{64}$")] = None,
) -> AuditVerdict:
    """Recomputes every hash. With an `anchor` (`place:hash` of an earlier check) a cut-off end shows too."""
    verdict = await sealing.verify(session, request.app.state.vault, anchor)
    return AuditVerdict.model_validate(verdict, from_attributes=True)
