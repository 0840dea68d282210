"""`python -m backend.articles seed [--publish] [FOLDER]`: loads Markdown articles that are not there yet.

Without --publish they are drafts for the editors. With --once nothing happens when there is any article at all.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

import psycopg

KEPT = Path(__file__).parents[2] / "knowledge" / "articles"


def _has_articles(dsn: str) -> bool:
    """Asked before the tables' code is imported: most starts find them, and are to be quick."""
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is not None


async def _load(folder: Path, *, publish: bool) -> int:
    import backend.models  # noqa: F401 - every table, so that references between areas resolve
    from backend.articles import seed
    from backend.core import clock
    from backend.core.db import Database
    from backend.core.settings import Settings

    settings = Settings()
    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.session.begin() as session:
            today = clock.today(settings.zone)
            return await seed.load(session, seed.read_folder(folder), today, publish=publish)
    finally:
        await database.close()


def main() -> int:
    """Exit status 0 when every article is there."""
    parser = argparse.ArgumentParser(prog="python -m backend.articles", description=__doc__)
    parser.add_argument("command", choices=("seed",))
    parser.add_argument("folder", nargs="?", type=Path, default=KEPT, help="with <language>/<topic>.md")
    parser.add_argument("--publish", action="store_true", help="let them answer at once")
    parser.add_argument("--once", action="store_true", help="only into a database without articles")
    given = parser.parse_args()
    started = time.monotonic()
    if given.once and _has_articles(os.environ["ANDA_DATABASE_URL"]):
        print("The articles are there.")
        return 0
    from backend.articles.seed import MalformedSeed

    try:
        count = asyncio.run(_load(given.folder, publish=given.publish))
    except MalformedSeed as error:
        print(f"No article was loaded: {error}", file=sys.stderr)
        return 1
    print(f"{count} articles loaded ({time.monotonic() - started:.1f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
