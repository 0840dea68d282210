"""The audit log's hash chain: each entry's hash covers the one before it, so a changed or missing entry shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.audit import AuditEntry, AuditSeal
from backend.core.crypto import Vault

PURPOSE = "audit_seals.signature"
BEFORE_THE_FIRST = "0" * 64
AT_ONCE = 1000


@dataclass(frozen=True)
class Verdict:
    """`sealed` entries were checked, `unsealed` wait for the job; `broken_at` is the first place that does not fit."""

    sealed: int
    unsealed: int
    head: str
    broken_at: int | None = None
    reason: str | None = None


def entry_hash(previous: str, entry: AuditEntry) -> str:
    """SHA-256 over the hash before it and the entry's content in one fixed spelling."""
    content = [
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.target,
        entry.details,
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


async def seal(session: AsyncSession, vault: Vault) -> int:
    """Chain what is not sealed yet, at most 1,000 entries; gives how many. Only one job may run at a time."""
    last = await session.scalar(select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1))
    position, previous = (last.position, last.hash) if last else (0, BEFORE_THE_FIRST)
    waiting = select(AuditEntry).where(AuditEntry.sealed_position.is_(None)).order_by(AuditEntry.id)
    entries = (await session.scalars(waiting.limit(AT_ONCE))).all()
    for entry in entries:
        position, previous = position + 1, entry_hash(previous, entry)
        entry.sealed_position, entry.sealed_hash = position, previous
    if entries:
        signature = vault.sign(f"{position}:{previous}", PURPOSE)
        session.add(
            AuditSeal(position=position, hash=previous, signature=signature, sealed_at=clock.machine_now())
        )
    return len(entries)


async def verify(session: AsyncSession, vault: Vault, anchor: str | None = None) -> Verdict:
    """Recompute the chain. `anchor` (`place:hash`, as an earlier run printed it) also shows a cut-off end."""
    unsealed = await session.scalar(select(func.count()).where(AuditEntry.sealed_position.is_(None))) or 0
    anchor_place, _, anchor_hash = (anchor or "").partition(":")
    position, previous = 0, BEFORE_THE_FIRST
    seals = {row.position: row async for row in _seals(session)}
    async for entry in _chain(session):
        expected = entry_hash(previous, entry)
        if entry.sealed_position != position + 1:
            return Verdict(position, unsealed, previous, position + 1, "an entry is missing")
        position, previous = position + 1, expected
        if entry.sealed_hash != expected:
            return Verdict(position, unsealed, previous, position, "an entry was changed")
        if str(position) == anchor_place and previous != anchor_hash:
            return Verdict(position, unsealed, previous, position, "the chain is not the one of the anchor")
        if (end := seals.pop(position, None)) and (problem := _problem(vault, end, previous)):
            return Verdict(position, unsealed, previous, position, problem)
    if seals or (anchor_place and int(anchor_place) > position):
        return Verdict(position, unsealed, previous, position + 1, "the end of the log is missing")
    return Verdict(position, unsealed, previous)


def _problem(vault: Vault, end: AuditSeal, previous: str) -> str | None:
    if end.hash != previous or vault.proves(end.signature, f"{end.position}:{previous}", PURPOSE) is False:
        return "a seal is not ours"
    return None


async def _seals(session: AsyncSession) -> AsyncIterator[AuditSeal]:
    async for row in await session.stream_scalars(select(AuditSeal).execution_options(yield_per=AT_ONCE)):
        yield row


async def _chain(session: AsyncSession) -> AsyncIterator[AuditEntry]:
    entries = select(AuditEntry).where(AuditEntry.sealed_position.is_not(None))
    ordered = entries.order_by(AuditEntry.sealed_position).execution_options(yield_per=AT_ONCE)
    async for entry in await session.stream_scalars(ordered):
        yield entry
