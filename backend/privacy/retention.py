"""Retention: what is older than its period goes, some thousand rows at a time; the periods are business settings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, or_, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import ClaimDraft, DraftState
from backend.core import business, clock
from backend.core.db import Base
from backend.imports.models import ImportRejection, ImportRun
from backend.privacy.erasure import affected, emptied
from backend.privacy.personal import HELD

AT_ONCE = 5000
# Setting's name, table, the column that says how old a row is. Rows with content are emptied, the others removed.
PERIODS: tuple[tuple[str, str, str], ...] = (
    ("idempotency_keys", "idempotency_keys", "created_at"),
    ("verifications", "verifications", "created_at"),
    ("sign_ins", "agent_sessions", "expires_at"),
    ("hidden_numbers", "hidden_numbers", "created_at"),
    ("conversations", "interactions", "occurred_at"),
    ("conversations", "inbound_messages", "received_at"),
    ("conversations", "review_items", "said_at"),
    ("conversations", "outbound_messages", "created_at"),
    # The sweep of files that no record names removes the files of these two, unless a claim has them as its documents.
    ("conversations", "inbound_media", "created_at"),
    ("conversations", "outbound_files", "created_at"),
)


async def apply(session: AsyncSession) -> dict[str, int]:
    """Remove or empty what is due, at most 5,000 rows of each table; gives the counts."""
    days = business.DEFAULTS["retention_days"] | await business.setting(session, "retention_days")
    now = clock.now()
    counts = {
        table: await _apply(session, Base.metadata.tables[table], column, now - timedelta(days=days[period]))
        for period, table, column in PERIODS
    }
    counts["import_rejections"] = await _rejections(session, now - timedelta(days=days["import_reports"]))
    counts["claim_drafts"] = await _drafts(session, now - timedelta(days=days["claim_drafts"]))
    counts["trackers"] = await _trackers(session, now - timedelta(days=days["trackers"]))
    return {name: count for name, count in counts.items() if count}


async def _apply(session: AsyncSession, table: Table, column: str, before: datetime) -> int:
    empties = next((held.empties for held in HELD if held.table == table.name), None)
    keys = list(table.primary_key.columns)
    due = select(*keys).where(table.c[column] < before)
    if empties:
        left = emptied(table, empties).items()  # what was emptied before is no more due
        due = due.where(or_(*(table.c[name].is_distinct_from(nothing) for name, nothing in left)))
    rows = [tuple(row) for row in await session.execute(due.limit(AT_ONCE))]
    if not rows:
        return 0
    wanted = tuple_(*keys).in_(rows)
    change: Any = (
        update(table).where(wanted).values(emptied(table, empties))
        if empties
        else delete(table).where(wanted)
    )
    return affected(await session.execute(change))


async def _rejections(session: AsyncSession, before: datetime) -> int:
    """Rows that an import refused, with what they held; the counts stay with the run."""
    old = select(ImportRejection.id).join(ImportRun).where(ImportRun.created_at < before).limit(AT_ONCE)
    return affected(await session.execute(delete(ImportRejection).where(ImportRejection.id.in_(old))))


async def _drafts(session: AsyncSession, before: datetime) -> int:
    """Reports of a loss that were never submitted, with what was handed in for them."""
    never = ClaimDraft.state != DraftState.CONFIRMED
    old = select(ClaimDraft.id).where(never, ClaimDraft.expires_at < before).limit(AT_ONCE)
    return affected(await session.execute(delete(ClaimDraft).where(ClaimDraft.id.in_(old))))


async def _trackers(session: AsyncSession, before: datetime) -> int:
    if await session.scalar(text("SELECT to_regclass('rasa.events')")) is None:
        return 0
    statement = text(
        "DELETE FROM rasa.events WHERE id IN (SELECT id FROM rasa.events WHERE timestamp < :before LIMIT :some)"
    )
    done = await session.execute(statement, {"before": before.timestamp(), "some": AT_ONCE})
    return affected(done)
