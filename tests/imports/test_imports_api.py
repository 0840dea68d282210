"""Imports by API: uploaded, done by the worker's process, watched, cancelled, reported; nothing in clear anywhere."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from backend.customers.models import Customer
from backend.imports import sealed_file, service
from backend.imports.models import ImportKind, ImportMode, ImportRun
from tests.claims.reporting import key, signed_in
from tests.conftest import KEYS, ROOT, SERVICE_TOKEN
from tests.imports.tables import CUSTOMERS, ID_NUMBER, LI, OTHER_ID_NUMBER, WANG, as_csv, everything_in

IMPORTS = "/api/v1/imports"
BAD = ["300003", f"赵六 {OTHER_ID_NUMBER}", "12", OTHER_ID_NUMBER, ""]


def _form(data: bytes, **fields: str) -> dict[str, Any]:
    return {
        "files": {"file": (f"{ID_NUMBER}.csv", data, "text/csv")},
        "data": {"kind": "customers", "mode": "keep_good"} | fields,
    }


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker's process hands on to an import."""
    for name, value in {
        "ANDA_DATABASE_URL": settings.database_url,
        "ANDA_REDIS_URL": settings.redis_url,
        "ANDA_DATA_DIR": str(settings.data_dir),
        "ANDA_ENCRYPTION_KEYS": KEYS,
        "ANDA_SERVICE_TOKEN": SERVICE_TOKEN,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)


@pytest.mark.timeout(400)
async def test_an_upload_is_done_by_the_worker_and_leaves_nothing_in_clear(
    app: FastAPI, session: AsyncSession, database: Database, settings: Settings, environment: None
) -> None:
    async with signed_in(app, session) as supervisor:
        begun = await supervisor.post(IMPORTS, headers=key(), **_form(as_csv(CUSTOMERS, WANG, BAD, LI)))
        assert (begun.status_code, begun.json()["state"]) == (201, "queued"), begun.text
        waiting = await asyncio.to_thread(everything_in, settings.data_dir)
        assert len(waiting) > 100
        await service.run_waiting(database, settings.data_dir)
        path = f"{IMPORTS}/{begun.json()['id']}"
        done = (await supervisor.get(path)).json()
        assert [done[one] for one in ("state", "added", "rejected", "percent")] == ["done", 2, 1, 100]
        report = await supervisor.get(f"{path}/report", params={"language": "en"})
        listed = (await supervisor.get(IMPORTS, params={"kind": "customers"})).json()["items"]
    assert "cannot be a phone number" in report.text
    assert [one["id"] for one in listed] == [done["id"]]
    assert not list((settings.data_dir / "imports").iterdir())
    tables = await asyncio.to_thread(_everything_in_tables, settings.database_url)
    for planted in (ID_NUMBER, OTHER_ID_NUMBER):
        assert planted not in tables
        assert planted.encode() not in waiting
        assert planted not in report.text + str(listed)


def _everything_in_tables(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return "".join(
            str(connection.execute(f"SELECT * FROM {name}".encode()).fetchall()) for (name,) in names
        )


async def test_the_same_key_is_one_import(app: FastAPI, session: AsyncSession, settings: Settings) -> None:
    same, form = key(), _form(as_csv(CUSTOMERS, WANG))
    async with signed_in(app, session) as supervisor:
        first = (await supervisor.post(IMPORTS, headers=same, **form)).json()
        second = (await supervisor.post(IMPORTS, headers=same, **form)).json()
    assert first["id"] == second["id"]
    assert len(list((settings.data_dir / "imports").iterdir())) == 1


async def test_a_waiting_import_can_be_cancelled_once(app: FastAPI, session: AsyncSession) -> None:
    async with signed_in(app, session) as supervisor:
        run = (await supervisor.post(IMPORTS, headers=key(), **_form(as_csv(CUSTOMERS, WANG)))).json()
        cancelled = (await supervisor.post(f"{IMPORTS}/{run['id']}/cancel", json={})).json()
        again = await supervisor.post(f"{IMPORTS}/{run['id']}/cancel", json={})
    assert (cancelled["state"], again.status_code, again.json()["code"]) == ("cancelled", 409, "import_over")


async def test_agents_do_not_import_and_auditors_neither(app: FastAPI, session: AsyncSession) -> None:
    for role in ("agent", "auditor"):
        async with signed_in(app, session, role) as client:
            assert (await client.post(IMPORTS, headers=key(), **_form(b"x"))).status_code == 403
            assert (await client.get(IMPORTS)).status_code == 403


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"kind": "cars"}, "kind"), ({"mode": "maybe"}, "mode"), ({"source": "a b"}, "source")],
)
async def test_a_form_that_cannot_be_is_refused(
    app: FastAPI, session: AsyncSession, fields: dict[str, str], field: str
) -> None:
    async with signed_in(app, session) as supervisor:
        refused = await supervisor.post(IMPORTS, headers=key(), **_form(b"x", **fields))
    assert (refused.status_code, refused.json()["field"]) == (422, field)


@pytest.mark.parametrize("kind", list(ImportKind))
async def test_the_template_has_a_header_that_is_read(app: FastAPI, session: AsyncSession, kind: str) -> None:
    async with signed_in(app, session) as supervisor:
        for language in ("zh", "en"):
            query = {"kind": kind, "language": language}
            template = (await supervisor.get(f"{IMPORTS}/template", params=query)).text
            from backend.imports.columns import columns_of, read_header

            header = template.removeprefix("\ufeff").splitlines()[0].split(",")
            assert read_header(ImportKind(kind), header).keys == list(columns_of(ImportKind(kind)))


async def test_a_lost_run_of_the_command_line_is_closed(session: AsyncSession, database: Database) -> None:
    run = await service.begin(
        session, ImportKind.CUSTOMERS, ImportMode.KEEP_GOOD, "core", "t.csv", None, "command line"
    )
    await session.commit()
    await service.close_lost(database)
    await session.refresh(run)
    assert (run.state, run.error) == ("failed", "lost")


async def test_a_run_whose_process_is_killed_again_and_again_is_given_up(
    session: AsyncSession, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(settings.encryption_keys.get_secret_value())
    stored = sealed_file.seal_file(settings.data_dir, vault, [b"x"])
    kind, mode = ImportKind.CUSTOMERS, ImportMode.KEEP_GOOD
    run = await service.begin(session, kind, mode, "core", "t.csv", stored, "agent:1")
    await session.commit()
    monkeypatch.setattr(asyncio, "create_subprocess_exec", _killed)
    for _ in range(service.TRIES + 1):
        assert run.state == "queued"
        await service.run_waiting(database, settings.data_dir)
        await session.refresh(run)
    assert (run.state, run.error, run.stored_name) == ("failed", "crashed", None)


async def _killed(*_: object) -> Any:
    class Process:
        async def wait(self) -> int:
            return -9

    return Process()


@pytest.mark.timeout(400)
async def test_the_command_line_imports_with_a_report(
    session: AsyncSession, environment: None, tmp_path: Path
) -> None:
    table, report = tmp_path / "table.csv", tmp_path / "report.csv"
    table.write_bytes(as_csv(CUSTOMERS, WANG, BAD))
    arguments = ["customers", str(table), "--keep-good", "--report", str(report), "--language", "en"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.imports", *arguments, stdout=-1, stderr=-1, env=dict(os.environ)
    )
    said, errors = await process.communicate()
    assert (process.returncode, b"1 added, 0 changed, 0 unchanged, 1 rejected" in said) == (0, True), errors
    assert "cannot be a phone number" in await asyncio.to_thread(report.read_text, encoding="utf-8-sig")
    assert ID_NUMBER.encode() not in said + errors
    assert (await session.scalars(select(ImportRun.state))).one() == "done"
    assert (await session.scalars(select(Customer.external_id))).one() == "300001"


@pytest.mark.parametrize("size", [0, 1, sealed_file.PIECE, sealed_file.PIECE * 2 + 7])
def test_a_sealed_file_is_read_from_any_place(tmp_path: Path, vault: Vault, size: int) -> None:
    data = secrets.token_bytes(size)
    name = sealed_file.seal_file(tmp_path, vault, [data[:5], data[5:]])
    with sealed_file.SealedFile(tmp_path, vault, name) as file:
        assert (file.size, file.read()) == (size, data)
        for start in (0, size // 2, max(size - 3, 0)):
            file.seek(start)
            assert file.read(10) == data[start : start + 10]


async def test_nobody_uploads_without_signing_in(client: httpx.AsyncClient) -> None:
    assert (await client.post(IMPORTS, headers=key(), **_form(b"x"))).status_code == 401
