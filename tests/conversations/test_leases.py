"""A conversation's boxes are leased to one worker at a time, and nobody waits for a lease that nobody serves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.models import Conversation
from backend.core.crypto import Vault
from backend.core.db import Database
from tests.factories import customer_says


async def test_a_lease_is_one_workers_until_it_is_given_back(
    database: Database, session: AsyncSession, vault: Vault
) -> None:
    await customer_says(session, vault, "hello")
    (lease,) = await leases.take(session, "inbox", 5)
    await session.commit()
    assert await leases.take(session, "inbox", 5) == []
    assert not await leases.passed_over(session, "inbox")
    leases.release(await leases.hold(session, lease), "inbox", None)
    await session.commit()
    await customer_says(session, vault, "hello again")
    assert [one.fence for one in await leases.take(session, "inbox", 5)] == [lease.fence + 1]


async def test_extending_takes_no_lease_that_was_given_back(
    database: Database, session: AsyncSession, vault: Vault
) -> None:
    await customer_says(session, vault, "hello")
    (lease,) = await leases.take(session, "inbox", 5)
    leases.release(await leases.hold(session, lease), "inbox", None)
    await session.commit()
    await leases.extend(session, [lease])  # the worker's list of what it serves is a moment old
    await session.commit()
    await customer_says(session, vault, "hello again")
    assert len(await leases.take(session, "inbox", 5)) == 1


async def test_a_conversation_whose_row_somebody_holds_is_passed_over_not_forgotten(
    database: Database, session: AsyncSession, vault: Vault
) -> None:
    await customer_says(session, vault, "hello")
    await session.execute(select(Conversation.id).with_for_update())
    async with database.session.begin() as other:
        assert await leases.take(other, "inbox", 5) == []
        assert await leases.passed_over(other, "inbox")
    await session.rollback()
    assert len(await leases.take(session, "inbox", 5)) == 1
