"""Alembic's environment: ANDA_DATABASE_URL, and the tables of every area."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import create_engine

from backend.core.db import sqlalchemy_url
from backend.models import metadata


def run() -> None:
    """Apply the migrations in one transaction."""
    dsn = context.config.attributes.get("dsn") or os.environ["ANDA_DATABASE_URL"]
    engine = create_engine(sqlalchemy_url(dsn))
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, compare_server_default=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
