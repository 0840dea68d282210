"""Business settings under /api/v1/settings: hours, standards, models, rules and wordings that the insurer changes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import String, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.api import AgentName
from backend.core.access import Agent, Allowed, Principal
from backend.core.audit import AuditEntry
from backend.core.business import DEFAULTS
from backend.core.db import SessionDep
from backend.core.paging import Cursor, Limit, decode_id, encode_cursor
from backend.settings import service
from backend.settings.service import InForce, known_key

router = APIRouter(prefix="/api/v1/settings", tags=["settings"])
Keeper = Annotated[Principal, Depends(Allowed("settings:write"))]
Version = Annotated[int, Field(ge=0, le=2**53 - 1, description="As it was read; 0 while it is the default")]


class SettingRead(BaseModel):
    """A setting in force; `changed_at` and `changed_by` are null while it is the default."""

    key: str = Field(examples=["claim_draft_days"])
    value: JsonValue = Field(examples=[30])
    default: JsonValue = Field(examples=[30])
    is_default: bool
    version: int
    changed_at: datetime | None
    changed_by: AgentName | None


class SettingList(BaseModel):
    items: list[SettingRead]


class SettingWrite(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"value": 45, "version": 0}]})
    value: JsonValue = Field(description="Whole: parts that are left out are missing")
    version: Version


class SettingChange(BaseModel):
    """Who changed it when; `parts` names what differed."""

    at: datetime
    act: str = Field(examples=["setting.changed", "setting.reset"])
    actor: str = Field(examples=["agent:3"])
    name: str | None = Field(description="Of the agent, if it was one")
    parts: list[str] = Field(examples=[["offer_seconds"]])


class SettingHistory(BaseModel):
    items: list[SettingChange]
    next: str | None


def _read(setting: InForce) -> SettingRead:
    return SettingRead(
        key=setting.key,
        value=setting.value,
        default=DEFAULTS[setting.key],
        is_default=setting.changed is None,
        version=setting.version,
        changed_at=setting.changed.changed_at if setting.changed else None,
        changed_by=AgentName(id=setting.by.id, name=setting.by.name) if setting.by else None,
    )


@router.get("", summary="All business settings")
async def list_settings(session: SessionDep, _: Keeper) -> SettingList:
    """With their defaults. What each is for: docs/operations.md."""
    return SettingList(items=[_read(setting) for setting in await service.everything(session)])


@router.put("/{key}", summary="Change a setting")
async def change_setting(key: str, body: SettingWrite, session: SessionDep, principal: Keeper) -> SettingRead:
    """In force from the next use on. 422 with `errors` that name what is wrong where; 409 `version_conflict` when
    somebody else changed it since it was read. Audited."""
    return _read(await service.change(session, principal, key, body.value, body.version))


@router.delete("/{key}", summary="Back to the default")
async def reset_setting(
    key: str, session: SessionDep, principal: Keeper, version: Annotated[int, Query(ge=0, le=2**53 - 1)]
) -> SettingRead:
    """409 `version_conflict` when somebody else changed it since it was read. Audited."""
    return _read(await service.reset(session, principal, key, version))


@router.get("/{key}/history", summary="Who changed a setting, newest first")
async def read_history(
    key: str, session: SessionDep, _: Keeper, limit: Limit = 20, cursor: Cursor = None
) -> SettingHistory:
    """From the audit log, which holds names of parts and no values."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.target == f"setting:{known_key(key)}")
        .order_by(AuditEntry.id.desc())
        .limit(limit + 1)
    )
    query = query.where(AuditEntry.id < decode_id(cursor)) if cursor else query
    found = (await session.scalars(query)).all()
    names = await _names(session, {entry.actor for entry in found})
    items = [
        SettingChange(
            at=entry.at,
            act=entry.action,
            actor=entry.actor,
            name=names.get(entry.actor),
            parts=entry.details.get("parts", []),
        )
        for entry in found[:limit]
    ]
    return SettingHistory(
        items=items, next=encode_cursor(found[limit - 1].id) if len(found) > limit else None
    )


async def _names(session: AsyncSession, actors: set[str]) -> dict[str, str]:
    actor: Any = "agent:" + cast(Agent.id, String)
    rows = await session.execute(select(actor, Agent.name).where(actor.in_(actors)))
    return {row[0]: row[1] for row in rows}
