"""One import from the first row to the last: batch by batch, in one transaction or in many, and again after a kill."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from typing import IO, Any

import psycopg
from psycopg import Connection
from psycopg.errors import UniqueViolation

from backend.core import clock
from backend.core.crypto import Vault
from backend.imports import claims, customers, policies, rejections
from backend.imports.cells import BadCell, value_of
from backend.imports.columns import Header, columns_of, read_header
from backend.imports.models import ImportKind, ImportMode, ImportState
from backend.imports.tables import BadTable, TableRow, rows_of
from backend.imports.upserts import BadRow, Checked, Counts, Target, load, prepare

BATCH = 1000
TRIES = 3  # of a batch that met somebody else's write
TARGETS = {
    ImportKind.CUSTOMERS: (customers.TARGET, customers.checked),
    ImportKind.POLICIES: (policies.TARGET, policies.checked),
    ImportKind.CLAIMS: (claims.TARGET, claims.checked),
}


class Cancelled(Exception):
    """Somebody asked to stop."""


@dataclass(frozen=True)
class Order:
    """What is to be imported; `rows_read` rows were committed before a kill."""

    run_id: int
    kind: ImportKind
    mode: ImportMode
    source: str
    rows_read: int = 0


@dataclass
class Batch:
    """Rows on their way: those whose cells are good, and what is wrong with the others."""

    rows: list[TableRow]
    good: list[Checked] = field(default_factory=list)
    bad: dict[int, list[dict[str, str]]] = field(default_factory=dict)


class Importer:
    """Runs one order over its own connections; `told` hears the percentage after each batch."""

    def __init__(
        self, dsn: str, vault: Vault, zone: str, today: date, told: Callable[[int], None] = lambda _: None
    ) -> None:
        self.dsn, self.vault, self.zone, self.today, self.told = dsn, vault, zone, today, told

    def run(self, order: Order, file: IO[bytes], size: int) -> ImportState:
        """Import the file and close the run; its state at the end. A database that goes away leaves it running."""
        with psycopg.connect(self.dsn, autocommit=True) as side:
            side.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"import:{order.run_id}",))
            _start(side, order)
            try:
                state = self._load(order, side, file, size)
            except BadTable as error:
                return _close(side, order, ImportState.FAILED, str(error))
            except Cancelled:
                return _close(side, order, ImportState.CANCELLED)
            return _close(side, order, state)

    def _load(self, order: Order, side: Connection, file: IO[bytes], size: int) -> ImportState:
        rows = rows_of(file, size)
        first = next(rows, None)
        if first is None:
            raise BadTable("empty")
        header = read_header(order.kind, first.cells)
        target, _ = TARGETS[order.kind]
        # Not prepared: a plan made while a table was small would serve when it has become large.
        with psycopg.connect(self.dsn, autocommit=True, prepare_threshold=None) as connection:
            prepare(connection, target)
            if order.kind == ImportKind.CLAIMS:
                claims.prepare(connection)
            batches = self._batches(order, header, rows)
            if order.mode == ImportMode.KEEP_GOOD:
                return self._keep_good(order, connection, target, header, batches)
            return self._all_or_nothing(order, connection, side, target, header, batches)

    def _batches(self, order: Order, header: Header, rows: Iterator[TableRow]) -> Iterator[Batch]:
        first = next(rows, None)
        if first is None:
            raise BadTable("no_rows")
        rest = chain([first], rows)
        while part := list(islice(rest, BATCH)):
            yield self._check(order, header, part)

    def _check(self, order: Order, header: Header, rows: list[TableRow]) -> Batch:
        batch, (_, checked) = Batch(rows), TARGETS[order.kind]
        for row in rows:
            values, wrong = self._values(order.kind, header, row)
            try:
                if not wrong:
                    batch.good.append(checked(row.number, values, self.vault))
            except BadRow as error:
                wrong = [{"column": error.column, "code": error.code}]
            if wrong:
                batch.bad[row.number] = wrong
        return batch

    def _values(
        self, kind: ImportKind, header: Header, row: TableRow
    ) -> tuple[dict[str, Any], list[dict[str, str]]]:
        columns, values, wrong = columns_of(kind), {}, []
        if any(row.cells[len(header.keys) :]):
            wrong.append({"column": "", "code": "too_many_cells"})
        for place, key in enumerate(header.keys):
            text = row.cells[place] if place < len(row.cells) else ""
            try:
                values[key] = value_of(columns[key], text, self.today)
            except BadCell as error:
                wrong.append({"column": key, "code": error.code})
        return values, wrong

    def _keep_good(
        self, order: Order, connection: Connection, target: Target, header: Header, batches: Iterator[Batch]
    ) -> ImportState:
        """Each batch commits with its counts, so that a killed run goes on behind the last one."""
        for batch in batches:
            is_done = batch.rows[-1].number <= order.rows_read
            with connection.transaction():
                counts = self._load_batch(order, connection, target, batch, writes=not is_done)
                if not is_done:
                    rejections.store(connection, self.vault, order.run_id, header, batch.rows, batch.bad)
                    is_cancelled = _count(connection, order, batch, counts)
            self.told(batch.rows[-1].percent)
            if not is_done and is_cancelled:
                raise Cancelled
        return ImportState.DONE

    def _all_or_nothing(
        self,
        order: Order,
        connection: Connection,
        side: Connection,
        target: Target,
        header: Header,
        batches: Iterator[Batch],
    ) -> ImportState:
        """One transaction; after the first bad row nothing more is written, but the rest is still checked."""
        is_good, loaded = True, Counts()
        with connection.transaction() as transaction:
            for batch in batches:
                counts = self._load_batch(order, connection, target, batch, writes=is_good and not batch.bad)
                is_good = is_good and not batch.bad
                with side.transaction():
                    rejections.store(side, self.vault, order.run_id, header, batch.rows, batch.bad)
                    is_cancelled = _count(side, order, batch, Counts())
                loaded.added += counts.added
                loaded.changed += counts.changed
                loaded.unchanged += counts.unchanged
                self.told(batch.rows[-1].percent)
                if is_cancelled:
                    raise Cancelled
            if not is_good:
                raise psycopg.Rollback(transaction)
            _add_counts(connection, order, loaded)
        return ImportState.DONE if is_good else ImportState.REJECTED

    def _load_batch(
        self, order: Order, connection: Connection, target: Target, batch: Batch, *, writes: bool
    ) -> Counts:
        """Raises `UniqueViolation` when others keep writing the same records."""
        about = {"source": order.source, "now": clock.now(), "zone": self.zone, "run": str(order.run_id)}
        for last_try in (False,) * (TRIES - 1) + (True,):
            try:
                with connection.transaction():
                    counts = load(connection, target, batch.good, about, writes=writes)
                break
            except UniqueViolation:
                if last_try:
                    raise
        for line, column, code in counts.rejected:
            batch.bad.setdefault(line, []).append({"column": column, "code": code})
        return counts


def _start(side: Connection, order: Order) -> None:
    """A run that was killed in one transaction left nothing: it begins again."""
    if order.mode == ImportMode.ALL_OR_NOTHING:
        side.execute("DELETE FROM import_rejections WHERE run_id = %s", (order.run_id,))
        side.execute("UPDATE import_runs SET rows_read = 0, rejected = 0 WHERE id = %s", (order.run_id,))
    side.execute(
        "UPDATE import_runs SET state = 'running', started_at = coalesce(started_at, %s) WHERE id = %s",
        (clock.now(), order.run_id),
    )


def _count(connection: Connection, order: Order, batch: Batch, counts: Counts) -> bool:
    """Add a batch to the run's counts; whether somebody asked to stop."""
    last = batch.rows[-1]
    updated = connection.execute(
        "UPDATE import_runs SET rows_read = %s, percent = %s, rejected = rejected + %s, added = added + %s, "
        "changed = changed + %s, unchanged = unchanged + %s WHERE id = %s RETURNING cancel_asked",
        (
            last.number,
            last.percent,
            len(batch.bad),
            counts.added,
            counts.changed,
            counts.unchanged,
            order.run_id,
        ),
    ).fetchone()
    return bool(updated and updated[0])


def _add_counts(connection: Connection, order: Order, counts: Counts) -> None:
    connection.execute(
        "UPDATE import_runs SET added = %s, changed = %s, unchanged = %s WHERE id = %s",
        (counts.added, counts.changed, counts.unchanged, order.run_id),
    )


def _close(side: Connection, order: Order, state: ImportState, error: str | None = None) -> ImportState:
    with side.transaction():
        row = side.execute(
            "UPDATE import_runs SET state = %s, error = %s, finished_at = %s, "
            "percent = CASE WHEN %s = 'done' THEN 100 ELSE percent END WHERE id = %s "
            "RETURNING started_by, added, changed, unchanged, rejected",
            (state, error, clock.now(), state, order.run_id),
        ).fetchone()
        if row is not None:
            actor, added, changed, unchanged, rejected = row
            about = {"kind": order.kind, "state": state, "added": added, "changed": changed}
            side.execute(
                "INSERT INTO audit_entries (at, actor, action, target, details) VALUES (%s, %s, %s, %s, %s)",
                (
                    clock.now(),
                    actor,
                    "import.finished",
                    f"import:{order.run_id}",
                    json.dumps(about | {"unchanged": unchanged, "rejected": rejected}),
                ),
            )
    return state
