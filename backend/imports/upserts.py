"""One batch of checked rows into a table: matched by key, changed only where different, in a few statements.

Rows go through a temporary table, so that a batch is a COPY and a handful of statements whatever its size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection, sql

SEEN = """
CREATE TEMP TABLE IF NOT EXISTS import_seen (key text PRIMARY KEY, line bigint NOT NULL)
"""
# Line and key of each row; the first row of the file that has a key keeps it.
CLAIM_KEYS = """
INSERT INTO import_seen (key, line) SELECT * FROM unnest(%s::text[], %s::bigint[])
ON CONFLICT (key) DO NOTHING
"""
TAKEN = """
SELECT given.line FROM unnest(%s::text[], %s::bigint[]) AS given (key, line)
JOIN import_seen USING (key) WHERE import_seen.line <> given.line
"""


class BadRow(Exception):
    """Cells that do not fit together; the column and what is wrong."""

    def __init__(self, column: str, code: str) -> None:
        super().__init__(code)
        self.column, self.code = column, code


@dataclass(frozen=True)
class Checked:
    """A row whose cells are good: its values by the stage's columns, and the keys that must be its own in the file."""

    line: int
    values: dict[str, Any]
    keys: list[str]


@dataclass
class Counts:
    """What became of a batch; `rejected` has (line, column, code)."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Target:
    """How rows become records of `table`.

    `stage`: name and type of each column of the temporary table. `copied`: the columns that the table shares with it.
    `matching`: statements that set `target` (the record's id) and references. `refusals`: (query of lines, column,
    code). `added`, `changed`: further columns with their SQL. `after`: statements over the stage, once it is written.
    """

    table: str
    stage: dict[str, str]
    copied: tuple[str, ...]
    matching: tuple[str, ...]
    refusals: tuple[tuple[str, str, str], ...]
    added: dict[str, str]
    after: tuple[str, ...] = ()


def prepare(connection: Connection, target: Target) -> None:
    """Make the temporary tables of this connection."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in target.stage.items()
    )
    connection.execute(SEEN)
    connection.execute(
        sql.SQL(
            "CREATE TEMP TABLE import_stage (line bigint PRIMARY KEY, target bigint, is_new boolean, "
            "is_changed boolean, {})"
        ).format(columns)
    )


def duplicates(connection: Connection, rows: Iterable[Checked]) -> set[int]:
    """Lines whose key an earlier row of the file has; all keys are remembered."""
    pairs = [(key, row.line) for row in rows for key in row.keys]
    keys, lines = [key for key, _ in pairs], [line for _, line in pairs]
    connection.execute(CLAIM_KEYS, (keys, lines))
    return {line for (line,) in connection.execute(TAKEN, (keys, lines))}


def load(
    connection: Connection, target: Target, rows: list[Checked], about: dict[str, Any], *, writes: bool
) -> Counts:
    """Match the rows and, when `writes`, add and change records; `about` are the statements' parameters."""
    counts = Counts()
    repeated = duplicates(connection, rows)
    counts.rejected += [(line, "", "repeated") for line in sorted(repeated)]
    _copy(connection, target, [row for row in rows if row.line not in repeated])
    for statement in target.matching:
        connection.execute(statement, about)
    for query, column, code in target.refusals:
        refused = [line for (line,) in connection.execute(query, about)]
        counts.rejected += [(line, column, code) for line in refused]
        connection.execute("DELETE FROM import_stage WHERE line = ANY(%s)", (refused,))
    if writes:
        _write(connection, target, about, counts)
    return counts


def _copy(connection: Connection, target: Target, rows: list[Checked]) -> None:
    connection.execute("TRUNCATE import_stage")
    names = list(target.stage)
    into = sql.SQL("COPY import_stage (line, {}) FROM STDIN").format(
        sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row((row.line, *(row.values.get(name) for name in names)))
    connection.execute("ANALYZE import_stage")


def _write(connection: Connection, target: Target, about: dict[str, Any], counts: Counts) -> None:
    """An empty cell leaves what is there; a record that is as the row says is not touched."""
    table, copied = sql.Identifier(target.table), [sql.Identifier(name) for name in target.copied]
    new_values = sql.SQL(", ").join(sql.SQL("{0} = coalesce(s.{0}, t.{0})").format(name) for name in copied)
    differs = sql.SQL(" OR ").join(
        sql.SQL("(s.{0} IS NOT NULL AND s.{0} IS DISTINCT FROM t.{0})").format(name) for name in copied
    )
    mark = sql.SQL("UPDATE import_stage s SET is_changed = ({}) FROM {} t WHERE t.id = s.target")
    connection.execute(mark.format(differs, table))
    change = sql.SQL(
        "UPDATE {} t SET {}, version = t.version + 1, updated_at = %(now)s "
        "FROM import_stage s WHERE t.id = s.target AND s.is_changed"
    )
    counts.changed = connection.execute(change.format(table, new_values), about).rowcount
    total = connection.execute("UPDATE import_stage SET is_new = (target IS NULL)").rowcount
    names = sql.SQL(", ").join([*copied, *map(sql.Identifier, target.added)])
    values = sql.SQL(", ").join(
        [sql.SQL("s.{}").format(name) for name in copied]
        + [sql.SQL(value) for value in target.added.values()]
    )
    add = sql.SQL(
        "INSERT INTO {} ({}) SELECT {} FROM import_stage s WHERE s.target IS NULL ORDER BY s.line"
    ).format(table, names, values)
    counts.added = connection.execute(add, about).rowcount
    counts.unchanged = total - counts.added - counts.changed
    for statement in target.after:
        connection.execute(statement, about)
