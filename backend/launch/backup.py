"""Backup and restore: one file with the whole database and the customers' files. Encryption keys are not in it."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from backend.launch.display import Display
from backend.launch.folders import FolderInUse, take_lock
from backend.launch.install.progress import Problem
from backend.launch.postgres import EmbeddedPostgres
from backend.launch.settings import Launch
from backend.launch.unprivileged import client_binaries

FORMAT = 1
DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files"
# What was being answered or sent at the moment of the backup was most likely answered and sent since then: a person
# decides about it on the console's delivery page, so that nothing reaches a customer twice.
_HOLD = """
UPDATE outbound_messages SET state = 'failed', error = 'restored' WHERE state IN ('queued', 'sending', 'in_doubt');
UPDATE inbound_messages SET state = 'failed', last_error = 'restored' WHERE state = 'stored';
"""
_EMPTY = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
  LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
END $$;
CREATE SCHEMA public;
"""


@dataclass(frozen=True)
class Store:
    """The database as its tools reach it."""

    dsn: str
    binaries: Path

    def run(self, tool: str, *arguments: str) -> None:
        """Runs one of PostgreSQL's own tools. Raises Problem with what it said."""
        done = subprocess.run(
            [str(self.binaries / tool), "--dbname", self.dsn, *arguments], capture_output=True, text=True
        )
        if done.returncode != 0:
            raise Problem(f"{tool} failed: {done.stderr.strip()[-2000:]}")


def back_up(launch: Launch, display: Display, target: Path) -> None:
    """Writes the backup to `target`, readable by its owner alone, while the product runs or not. Raises Problem.

    The dump is one moment of the database; files are only ever added before their row, so copying them after the
    dump gives every file the dump names.
    """
    was_running = _is_running(launch)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _store(launch) as store, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / DUMP
        with display.step("database"):
            rows = _dump(store, dump)
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "was_running": was_running,
            "dump_sha256": _sha256(dump),
            "rows": rows,
        }
        with display.step("files") as step:
            part = Path(folder) / "backup.tar"
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                count = _write(file, dump, manifest, launch.data_folder / FILES)
                file.flush()
                os.fsync(file.fileno())
            step.outcome = f"{count} files"
        part.replace(target)


def restore(launch: Launch, display: Display, source: Path, *, replace: bool) -> None:
    """Puts the backup `source` in place of what is there. The product must be stopped.

    Checks the backup before it touches anything; the database changes in one transaction, so a failure leaves it as it
    was. Raises Problem, also when there are data and `replace` was not given.
    """
    lock = _stopped(launch)
    with _store(launch) as store, tempfile.TemporaryDirectory(dir=launch.data_folder) as folder:
        with display.step("checking the backup"):
            manifest = _unpack(source, Path(folder))
        _check_target(store, replace=replace)
        with display.step("database") as step:
            script = Path(folder) / "restore.sql"
            _read_dump(store, Path(folder) / DUMP, script, hold=manifest["was_running"])
            store.run("psql", "--quiet", "--single-transaction", "-v", "ON_ERROR_STOP=1", "-f", str(script))
            step.outcome = f"{sum(manifest['rows'].values())} rows"
        with display.step("files"):
            _swap(Path(folder) / FILES, launch.data_folder / FILES)
        with psycopg.connect(store.dsn) as connection:
            restored = count_rows(connection)
        different = {name for name, count in restored.items() if count != manifest["rows"].get(name)}
        if different:
            raise Problem(f"the restored tables {', '.join(sorted(different))} hold other counts of rows")
    lock.close()


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table holds."""
    tables = connection.execute(
        "SELECT schemaname, relname FROM pg_stat_user_tables ORDER BY 1, 2"
    ).fetchall()
    count = sql.SQL("SELECT count(*) FROM {}")
    return {
        f"{schema}.{name}": (
            connection.execute(count.format(sql.Identifier(schema, name))).fetchone() or (0,)
        )[0]
        for schema, name in tables
    }


def _dump(store: Store, target: Path) -> dict[str, int]:
    """Dumps the database, and counts the rows of that same moment."""
    with psycopg.connect(store.dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        store.run("pg_dump", *options, "--file", str(target))
        return count_rows(connection)


@contextmanager
def _store(launch: Launch) -> Iterator[Store]:
    """The product's database: the configured one, or the embedded one, started for the while if it does not run."""
    if dsn := launch.values.get("ANDA_DATABASE_URL"):
        yield Store(dsn, client_binaries())
        return
    server = EmbeddedPostgres(launch.data_folder / "postgres")
    try:
        server.start()
    except FolderInUse:
        server.find()
        yield Store(server.dsn, client_binaries())
        return
    try:
        yield Store(server.dsn, client_binaries())
    finally:
        server.stop()


def _is_running(launch: Launch) -> bool:
    try:
        _take_run_lock(launch).close()
    except FolderInUse:
        return True
    return False


def _take_run_lock(launch: Launch) -> Any:
    folder = launch.data_folder / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return take_lock(folder)


def _stopped(launch: Launch) -> Any:
    try:
        return _take_run_lock(launch)
    except FolderInUse:
        raise Problem("Anda is running on this data folder; stop it before restoring") from None


def _write(file: Any, dump: Path, manifest: dict[str, Any], files: Path) -> int:
    described = dump.with_name(MANIFEST)
    described.write_text(json.dumps(manifest, indent=1))
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.add(described, MANIFEST)
        archive.add(dump, DUMP)
        kept = [path for path in sorted(files.rglob("*")) if path.is_file() and path.suffix != ".part"]
        for path in kept:
            archive.add(path, f"{FILES}/{path.relative_to(files)}")
    return len(kept)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        is_whole = manifest["format"] == FORMAT and manifest["dump_sha256"] == _sha256(folder / DUMP)
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise Problem(f"{source} is not a whole backup of Anda: {error}") from error
    if not is_whole:
        raise Problem(f"{source} is damaged, or of a version that this one does not read")
    (folder / FILES).mkdir(mode=0o700, exist_ok=True)
    return manifest


def _check_target(store: Store, *, replace: bool) -> None:
    with psycopg.connect(store.dsn) as connection:
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        ).fetchone()
        has_data = any(count_rows(connection).values())
    if others and others[0]:
        raise Problem("other programs are connected to the database; stop them before restoring")
    if has_data and not replace:
        raise Problem("the database holds data already; give --replace to put the backup in their place")


def _read_dump(store: Store, dump: Path, script: Path, *, hold: bool) -> None:
    """The dump as SQL: made whole before any of it runs, for a reader that breaks off must not commit a half."""
    read = subprocess.run(
        [
            str(store.binaries / "pg_restore"),
            "--no-owner",
            "--no-privileges",
            "--file",
            str(script),
            str(dump),
        ],
        capture_output=True,
        text=True,
    )
    if read.returncode != 0:
        raise Problem(f"the backup's dump cannot be read: {read.stderr.strip()[-2000:]}")
    body = script.with_suffix(".body")
    script.replace(body)
    with script.open("w", encoding="utf-8") as whole, body.open(encoding="utf-8") as dumped:
        whole.write(_EMPTY)
        shutil.copyfileobj(dumped, whole)
        whole.write("\nSET search_path = public;\n" + (_HOLD if hold else ""))


def _swap(fresh: Path, place: Path) -> None:
    old = fresh.with_name("old")
    if place.exists():
        place.rename(old)
    fresh.rename(place)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
