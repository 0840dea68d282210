"""Import runs: begun, listed, cancelled, and done by a process of their own."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit, clock
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.errors import Conflict, NotFound
from backend.core.paging import decode_id, encode_cursor
from backend.imports import rejections, sealed_file
from backend.imports.models import ImportKind, ImportMode, ImportRejection, ImportRun, ImportState

log = logging.getLogger(__name__)
OPEN = (ImportState.QUEUED, ImportState.RUNNING)
PAGE = 500
TRIES = 5


class NotOpen(Conflict):
    """The import is over."""

    code = "import_over"


async def get_run(session: AsyncSession, run_id: int) -> ImportRun:
    """Raises `NotFound`."""
    run = await session.get(ImportRun, run_id)
    if run is None:
        raise NotFound("There is no such import.")
    return run


async def begin(
    session: AsyncSession,
    kind: ImportKind,
    mode: ImportMode,
    source: str,
    file_name: str,
    stored_name: str | None,
    started_by: str,
) -> ImportRun:
    """A new run that waits for the worker."""
    run = ImportRun(
        kind=kind,
        mode=mode,
        source=source,
        file_name=file_name,
        stored_name=stored_name,
        started_by=started_by,
        state=ImportState.QUEUED if stored_name else ImportState.RUNNING,
        created_at=clock.now(),
    )
    session.add(run)
    await session.flush()
    await audit.record(session, started_by, "import.begun", f"import:{run.id}", kind=kind, mode=mode)
    return run


async def list_runs(
    session: AsyncSession,
    kind: ImportKind | None,
    state: ImportState | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[ImportRun], str | None]:
    """Newest first, and the cursor of the next page. Raises `Invalid` for a foreign cursor."""
    query = select(ImportRun).order_by(ImportRun.id.desc()).limit(limit + 1)
    if kind is not None:
        query = query.where(ImportRun.kind == kind)
    if state is not None:
        query = query.where(ImportRun.state == state)
    if cursor:
        query = query.where(ImportRun.id < decode_id(cursor))
    found = list(await session.scalars(query))
    return found[:limit], encode_cursor(found[limit - 1].id) if len(found) > limit else None


async def cancel(session: AsyncSession, run_id: int, actor: str) -> ImportRun:
    """Ask a run to stop after its present batch; one that waits is stopped at once. Raises `NotOpen`."""
    await get_run(session, run_id)
    query = select(ImportRun).where(ImportRun.id == run_id).with_for_update()
    run = (await session.scalars(query.execution_options(populate_existing=True))).one()
    if run.state not in OPEN:
        raise NotOpen("This import is over already.")
    run.cancel_asked = True
    if run.state == ImportState.QUEUED:
        run.state, run.finished_at = ImportState.CANCELLED, clock.now()
    await audit.record(session, actor, "import.cancelled", f"import:{run_id}")
    await session.flush()
    return run


async def report(database: Database, vault: Vault, run_id: int, language: str) -> AsyncIterator[str]:
    """The rejected rows as CSV, page by page, whatever their number."""
    last, is_first = 0, True
    while True:
        async with database.session() as session:
            query = select(ImportRejection).where(
                ImportRejection.run_id == run_id, ImportRejection.line > last
            )
            rows = list(await session.scalars(query.order_by(ImportRejection.line).limit(PAGE)))
        if not rows and not is_first:
            return
        lines: Iterator[str] = rejections.report(vault, iter(rows), language)
        if not is_first:
            next(lines)  # the header was written
        for line in lines:
            yield line
        if len(rows) < PAGE:
            return
        last, is_first = rows[-1].line, False


async def close_lost(database: Database) -> None:
    """Runs of the command line whose process is gone: nobody can go on with them, their file is elsewhere."""
    async with database.session.begin() as session:
        query = select(ImportRun).where(
            ImportRun.state == ImportState.RUNNING, ImportRun.stored_name.is_(None)
        )
        for run in await session.scalars(query):
            alive = select(func.pg_try_advisory_xact_lock(func.hashtextextended(lock_name(run.id), 0)))
            if await session.scalar(alive):
                run.state, run.error, run.finished_at = ImportState.FAILED, "lost", clock.now()


def lock_name(run_id: int) -> str:
    """Of the advisory lock that a run holds while its process lives."""
    return f"import:{run_id}"


async def run_waiting(database: Database, data_dir: Path) -> None:
    """Do what waits, one after the other, each in a process of its own that leaves the conversations their time.

    A run whose process was killed goes on where it stopped; one that crashes is closed.
    """
    while (run := await _next(database)) is not None:
        if run.state in OPEN:
            await _run(database, run.id)
        if not await _tidy(database, data_dir, run.id):
            return  # its process was killed: the next beat goes on


async def _next(database: Database) -> ImportRun | None:
    """The oldest run that is not over, or whose file still lies there; the command line does its own."""
    async with database.session() as session:
        query = select(ImportRun).where(ImportRun.stored_name.is_not(None)).order_by(ImportRun.id).limit(1)
        return await session.scalar(query)


async def _run(database: Database, run_id: int) -> None:
    if not await _try_again(database, run_id):
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.imports", "run", str(run_id)
    )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        raise
    if code > 0:
        log.error("import_crashed", extra={"run": run_id, "code": code})
        await _fail(database, run_id)


async def _try_again(database: Database, run_id: int) -> bool:
    """Count a try; whether there is one left. A run that is given up is closed."""
    async with database.session.begin() as session:
        run = await get_run(session, run_id)
        run.tries += 1
        is_left = run.tries <= TRIES
    if not is_left:
        await _fail(database, run_id)
    return is_left


async def _fail(database: Database, run_id: int) -> None:
    async with database.session.begin() as session:
        run = await get_run(session, run_id)
        if run.state in OPEN:
            run.state, run.error, run.finished_at = ImportState.FAILED, "crashed", clock.now()


async def _tidy(database: Database, data_dir: Path, run_id: int) -> bool:
    """The file of a run that is over is removed; whether it is over."""
    async with database.session.begin() as session:
        run = await get_run(session, run_id)
        if run.state in OPEN:
            return False
        name, run.stored_name = run.stored_name, None
        await session.flush()
    if name is not None:
        await asyncio.to_thread(sealed_file.remove, data_dir, name)
    return True
