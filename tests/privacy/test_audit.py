"""The audit log: sealed in a chain, append-only, and readable by auditors only."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.privacy import sealing


async def write(database: Database, count: int) -> None:
    async with database.session.begin() as session:
        for number in range(count):
            await audit.record(
                session, "agent:1", "customer.revealed", f"customer:{number}", field="id_number"
            )


async def seal(database: Database, vault: Vault) -> int:
    async with database.session.begin() as session:
        return await sealing.seal(session, vault)


async def tamper(session: AsyncSession, statement: str) -> None:
    """What somebody with the database's own rights could do: the triggers go first."""
    await session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
    await session.execute(text(statement))


async def test_a_sealed_log_is_whole_and_each_run_goes_on_from_the_last(
    database: Database, session: AsyncSession, vault: Vault
) -> None:
    await write(database, 3)
    assert await seal(database, vault) == 3
    await write(database, 2)
    assert await seal(database, vault) == 2
    assert await seal(database, vault) == 0
    await write(database, 1)
    verdict = await sealing.verify(session, vault)
    assert (verdict.sealed, verdict.unsealed, verdict.broken_at) == (5, 1, None)


async def test_an_entry_that_commits_late_takes_a_later_place(
    database: Database, session: AsyncSession, vault: Vault
) -> None:
    async with database.session() as slow:
        await audit.record(slow, "agent:1", "claim.decided", "claim:1")
        await write(database, 1)
        await seal(database, vault)
        await slow.commit()
    await seal(database, vault)
    assert (await sealing.verify(session, vault)).broken_at is None


@pytest.mark.parametrize(
    ("statement", "place", "reason"),
    [
        ("UPDATE audit_entries SET actor = 'agent:9' WHERE sealed_position = 2", 2, "an entry was changed"),
        ("DELETE FROM audit_entries WHERE sealed_position = 2", 2, "an entry is missing"),
        ("DELETE FROM audit_entries WHERE sealed_position = 4", 4, "the end of the log is missing"),
        ("UPDATE audit_seals SET signature = 'k1:00' WHERE position = 4", 4, "a seal is not ours"),
    ],
)
async def test_a_changed_or_missing_entry_shows(
    database: Database, session: AsyncSession, vault: Vault, statement: str, place: int, reason: str
) -> None:
    await write(database, 4)
    await seal(database, vault)
    await tamper(session, statement)
    verdict = await sealing.verify(session, vault)
    assert (verdict.broken_at, verdict.reason) == (place, reason)


async def test_a_chain_that_was_computed_anew_does_not_fit_the_anchor(
    database: Database, session: AsyncSession, vault: Vault
) -> None:
    await write(database, 2)
    await seal(database, vault)
    before = await sealing.verify(session, vault)
    anchor = f"{before.sealed}:{before.head}"
    assert (await sealing.verify(session, vault, anchor)).broken_at is None
    await tamper(
        session, "UPDATE audit_entries SET actor = 'x', sealed_position = NULL WHERE sealed_position = 2"
    )
    await session.execute(text("DELETE FROM audit_seals"))
    await session.execute(text("UPDATE audit_entries SET sealed_position = NULL, sealed_hash = NULL"))
    session.expire_all()
    await sealing.seal(session, vault)
    await session.flush()
    assert (await sealing.verify(session, vault)).broken_at is None
    assert (await sealing.verify(session, vault, anchor)).reason == "the chain is not the one of the anchor"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET actor = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries CASCADE"],
)
async def test_the_database_itself_refuses_to_change_the_log(
    database: Database, session: AsyncSession, vault: Vault, statement: str
) -> None:
    await write(database, 1)
    with pytest.raises(DBAPIError, match="append-only"):
        await session.execute(text(statement))
