"""`python -m backend.demo load`: the demo company; `… document`: the page docs/demo.md."""

from __future__ import annotations

import asyncio
import os
import sys
import time

import psycopg
import typer

app = typer.Typer(add_completion=False, help=__doc__)


def _is_loaded(dsn: str) -> bool:
    """Asked before the tables' code is imported: most starts find the demo loaded and are to be quick."""
    with psycopg.connect(dsn) as connection:
        return (
            connection.execute("SELECT 1 FROM customers WHERE source = 'demo' LIMIT 1").fetchone() is not None
        )


async def _load() -> bool:
    import backend.models  # noqa: F401 - every table, so that references between areas resolve
    from backend.core import clock
    from backend.core.crypto import Vault
    from backend.core.db import Database
    from backend.core.settings import Settings
    from backend.demo.load import load

    settings = Settings()
    started = time.monotonic()

    def report(what: str, count: int) -> None:
        typer.echo(f"  {count:6,} {what} ({time.monotonic() - started:.1f} s)")

    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.session.begin() as session:
            vault = Vault(settings.encryption_keys.get_secret_value())
            today = clock.today(settings.zone)
            return await load(session, vault, today, settings.zone, report, settings.data_dir)
    finally:
        await database.close()


@app.command("load")
def load_command() -> None:
    """Load the demo company; does nothing when it is there."""
    from pydantic import ValidationError

    started = time.monotonic()
    dsn = os.environ.get("ANDA_DATABASE_URL", "")
    try:
        is_new = not (dsn and _is_loaded(dsn)) and asyncio.run(_load())
    except ValidationError as error:
        missing = ", ".join(f"ANDA_{'.'.join(map(str, entry['loc'])).upper()}" for entry in error.errors())
        sys.exit(f"Settings are missing or not valid: {missing}")
    done = "loaded" if is_new else "was already loaded"
    typer.echo(f"The demo company {done} ({time.monotonic() - started:.1f} s).")


@app.command("document")
def document_command() -> None:
    """Print docs/demo.md."""
    from backend.demo.document import document

    typer.echo(document(), nl=False)


if __name__ == "__main__":
    app()
