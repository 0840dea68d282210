"""Databases of the product's schema for tests: emptied after a test and given to the next; making one takes long."""

from __future__ import annotations

import json
import os
from typing import Any

import psycopg
from psycopg import sql

from backend.launch.postgres import EmbeddedPostgres

KEPT = "alembic_version"
# As a replica no trigger and no foreign key is looked at, the audit log's own guard included.
EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT format('%I', tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename), start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
END $$;
"""
CHANGED = """
SELECT count(*) FROM pg_namespace
WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')
"""


class Databases:
    """Copies of the database `anda` of one cluster."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._dsn, self._sockets = postgres.dsn, str(postgres.sockets)
        self._free: list[str] = []
        self._first_rows = self._read_rows()

    def take(self) -> str:
        """The name of a database as the migrations leave it."""
        if self._free:
            return self._free.pop()
        name = f"test_{os.urandom(6).hex()}"
        self._admin(
            sql.SQL("CREATE DATABASE {} TEMPLATE anda STRATEGY FILE_COPY").format(sql.Identifier(name))
        )
        return name

    def give_back(self, name: str) -> None:
        """Empty it for the next test; one that a test changed the shape of is dropped."""
        self._admin(
            sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(name)
        )
        with psycopg.connect(self.url(name)) as connection:
            is_changed = connection.execute(CHANGED).fetchone() != (0,)
            if not is_changed:
                connection.execute(EMPTY)
                self._write_rows(connection)
        if is_changed:
            self._admin(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        else:
            self._free.append(name)

    def url(self, name: str) -> str:
        """Its libpq URL."""
        return self._dsn.replace("/anda?", f"/{name}?")

    def _admin(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=self._sockets, user="anda", dbname="postgres", autocommit=True) as admin:
            admin.execute(statement)

    def _read_rows(self) -> dict[str, Any]:
        """What migrations put into tables."""
        rows = {}
        with psycopg.connect(self._dsn) as connection:
            names = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (name,) in names:
                query = sql.SQL("SELECT jsonb_agg(t) FROM {} AS t").format(sql.Identifier(name))
                (found,) = connection.execute(query).fetchone() or (None,)
                if found and name != KEPT:
                    rows[name] = found
        return rows

    def _write_rows(self, connection: psycopg.Connection) -> None:
        for name, rows in self._first_rows.items():
            table = sql.Identifier(name)
            query = sql.SQL("INSERT INTO {} SELECT * FROM jsonb_populate_recordset(NULL::{}, %s)").format(
                table, table
            )
            connection.execute(query, [json.dumps(rows)])
