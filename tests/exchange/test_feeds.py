"""Pulling changes: nothing is skipped, however late a transaction commits, and whoever wrote."""

from __future__ import annotations

import asyncio

import httpx
import psycopg
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from tests.callers import with_token
from tests.factories import make_customer
from tests.insurance import make_claim, make_policy

FEEDS = {
    "customers": "customers:read", "policies": "policies:read", "claims": "claims:read", "changes": "changes:read",
}  # fmt: skip


async def pull(core: httpx.AsyncClient, cursor: str | None, limit: int = 100) -> tuple[list[str], str]:
    query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
    answer = await core.get("/api/v1/feeds/customers", params=query)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    names = [item["record"]["name"] if item["record"] else "gone" for item in page["items"]]
    assert page["more"] == (len(names) == limit)
    return names, page["next"]


def insert(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        "INSERT INTO customers (name, language, id_type, tier, source, version, created_at, updated_at) "
        "VALUES (%s, 'zh-Hans', 'resident_id', 'standard', 'anda', 1, now(), now())",
        (name,),
    )


async def test_what_a_slow_transaction_commits_late_is_not_skipped(
    app: FastAPI, session: AsyncSession, database_url: str
) -> None:
    core = await with_token(app, session, "customers:read")
    with psycopg.connect(database_url) as slow, psycopg.connect(database_url) as quick:
        insert(slow, "慢")  # takes the lower id and transaction number, and commits last
        insert(quick, "快")
        quick.commit()
        names, cursor = await pull(core, None)
        assert names == ["快"]
        assert await pull(core, cursor) == ([], cursor)
        slow.commit()
    names, cursor = await pull(core, cursor)
    assert names == ["慢"]
    assert (await pull(core, cursor))[0] == []


async def test_a_record_being_written_again_is_brought_by_the_next_pull(
    app: FastAPI, session: AsyncSession, database_url: str
) -> None:
    core = await with_token(app, session, "customers:read")
    with psycopg.connect(database_url) as writer:
        insert(writer, "王芳")
        writer.commit()
        writer.execute("UPDATE customers SET name = '王方'")  # not committed: its feed entry is locked
        names, cursor = await pull(core, None)
        assert names == []
        writer.commit()
    assert (await pull(core, cursor))[0] == ["王方"]


async def test_pullers_and_writers_at_once_miss_nothing(
    app: FastAPI, session: AsyncSession, database_url: str
) -> None:
    core = await with_token(app, session, "customers:read")
    seen: list[set[str]] = [set(), set()]
    done = asyncio.Event()

    async def puller(which: int) -> None:
        cursor = None
        while True:
            finished = done.is_set()
            names, cursor = await pull(core, cursor, limit=3)
            seen[which].update(names)
            if finished and not names:
                return

    def write(number: int) -> None:
        with psycopg.connect(database_url) as connection:
            for part in range(5):
                insert(connection, f"{number}-{part}")
            connection.execute("SELECT pg_sleep(%s)", (0.02 * (number % 4),))

    async def writers() -> None:
        await asyncio.gather(*(asyncio.to_thread(write, number) for number in range(12)))
        done.set()

    await asyncio.gather(writers(), puller(0), puller(1))
    assert seen[0] == seen[1] == {f"{number}-{part}" for number in range(12) for part in range(5)}


async def test_a_change_comes_again_and_a_removal_is_told(
    app: FastAPI, session: AsyncSession, vault: Vault
) -> None:
    core = await with_token(app, session, "customers:read")
    wang = await make_customer(session, vault)
    _, cursor = await pull(core, None)
    wang.occupation = "教师"
    await session.commit()
    names, cursor = await pull(core, cursor)
    assert names == ["王芳"]
    await session.delete(wang)
    await session.commit()
    assert (await pull(core, cursor))[0] == ["gone"]


async def test_every_kind_is_fed_to_those_who_may(app: FastAPI, session: AsyncSession, vault: Vault) -> None:
    policy = await make_policy(session, await make_customer(session, vault))
    await make_claim(session, policy)
    for place, (kind, scope) in enumerate(FEEDS.items()):
        token = await with_token(app, session, scope, name=f"t{place}")
        for other in FEEDS:
            status = (await token.get(f"/api/v1/feeds/{other}")).status_code
            assert status == (200 if other == kind else 403)
        if kind != "changes":
            (item,) = (await token.get(f"/api/v1/feeds/{kind}")).json()["items"]
            assert item["record"] is not None


async def test_a_foreign_cursor_is_refused(service: httpx.AsyncClient) -> None:
    for cursor in ("x", "W251bGxd", "WyJhIl0"):
        assert (await service.get("/api/v1/feeds/customers", params={"cursor": cursor})).status_code == 422
