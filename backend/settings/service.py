"""Business settings read and written: what is in force, who changed it when, and back to the default."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit
from backend.core.access import Agent, Principal
from backend.core.business import DEFAULTS, BusinessSetting
from backend.core.errors import Invalid, NotFound, VersionConflict, wrong_field
from backend.settings.schemas import SCHEMAS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class InForce:
    """A setting as it stands; without `changed` it is the default."""

    key: str
    value: Any
    changed: BusinessSetting | None
    by: Agent | None

    @property
    def version(self) -> int:
        """0 of a default, else the moment of the last change: it never comes twice."""
        return version_of(self.changed.changed_at) if self.changed else 0


def version_of(changed_at: datetime) -> int:
    """Microseconds, which a browser's numbers hold exactly."""
    return (changed_at - EPOCH) // timedelta(microseconds=1)


def known_key(key: str) -> str:
    """Raises `NotFound`."""
    if key not in DEFAULTS:
        raise NotFound("There is no such setting.")
    return key


async def everything(session: AsyncSession) -> list[InForce]:
    """All settings, in the order in which they are described."""
    rows = await session.execute(
        select(BusinessSetting, Agent).outerjoin(Agent, Agent.id == BusinessSetting.changed_by)
    )
    changed = {row.key: (row, agent) for row, agent in rows}
    return [_in_force(key, *changed.get(key, (None, None))) for key in DEFAULTS]


async def one(session: AsyncSession, key: str) -> InForce:
    """Raises `NotFound` for a setting that does not exist."""
    rows = await session.execute(
        select(BusinessSetting, Agent)
        .outerjoin(Agent, Agent.id == BusinessSetting.changed_by)
        .where(BusinessSetting.key == known_key(key))
        .execution_options(populate_existing=True)
    )
    row = rows.first()
    return _in_force(key, *(row or (None, None)))


def _in_force(key: str, changed: BusinessSetting | None, by: Agent | None) -> InForce:
    return InForce(key, changed.value["value"] if changed else DEFAULTS[key], changed, by)


def checked(key: str, value: Any) -> Any:
    """The value as it is stored; raises `Invalid` with what is wrong where."""
    try:
        # As JSON, strictly: "6" is no number, and 1 is no yes.
        found = SCHEMAS[key].validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        found_wrong = error.errors(include_url=False, include_input=False)
        errors = [wrong_field({**one, "loc": ("value", *one["loc"])}) for one in found_wrong]
        raise Invalid("This value is not valid.", errors=errors) from None
    return SCHEMAS[key].dump_python(found, mode="json", by_alias=True, exclude_none=True)


async def change(session: AsyncSession, principal: Principal, key: str, value: Any, version: int) -> InForce:
    """Set it. Raises `Invalid`, or `VersionConflict` when somebody changed it since it was read."""
    before = await one(session, key)
    stored = checked(key, value)
    values = {
        "value": {"value": stored},
        "changed_by": principal.agent_id,
        "changed_at": func.clock_timestamp(),
    }
    if before.version != version:
        raise VersionConflict
    writing: Any = (
        update(BusinessSetting)
        .where(BusinessSetting.key == key, BusinessSetting.changed_at == before.changed.changed_at)
        .values(**values)
        .returning(BusinessSetting.key)
        if before.changed
        else insert(BusinessSetting)
        .values(key=key, **values)
        .on_conflict_do_nothing()
        .returning(BusinessSetting.key)
    )
    if await session.scalar(writing) is None:
        raise VersionConflict
    await _record(session, principal, "setting.changed", key, parts(before.value, stored))
    return await one(session, key)


async def reset(session: AsyncSession, principal: Principal, key: str, version: int) -> InForce:
    """Back to the default; of one that is at its default nothing changes."""
    before = await one(session, key)
    if before.version != version:
        raise VersionConflict
    if before.changed is None:
        return before
    gone = await session.scalar(
        delete(BusinessSetting)
        .where(BusinessSetting.key == key, BusinessSetting.changed_at == before.changed.changed_at)
        .returning(BusinessSetting.key)
    )
    if gone is None:
        raise VersionConflict
    await _record(session, principal, "setting.reset", key, parts(before.value, DEFAULTS[key]))
    session.expunge(before.changed)
    return await one(session, key)


def parts(before: Any, after: Any) -> list[str]:
    """The names of what differs, for the audit log, which holds no values."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


async def _record(session: AsyncSession, principal: Principal, act: str, key: str, parts: list[str]) -> None:
    await audit.record(session, principal.actor, act, f"setting:{key}", parts=parts)
