"""`python -m backend.migrations` brings the tables up to date; in no time when they are."""

from __future__ import annotations

import os
import re
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = Path(__file__).parent / "versions"


def newest() -> str:
    """The revision at the end of the chain, read from the migrations' own files."""
    texts = [path.read_text(encoding="utf-8") for path in VERSIONS.glob("*.py")]
    revisions = _names("revision", texts)
    return (revisions - _names("down_revision", texts)).pop()


def _names(variable: str, texts: list[str]) -> set[str]:
    pattern = re.compile(rf'^{variable} = "(\w+)"', re.MULTILINE)
    return {match.group(1) for text in texts for match in pattern.finditer(text)}


def is_up_to_date(dsn: str) -> bool:
    """Whether the database has the newest revision; False for an empty one."""
    with psycopg.connect(dsn) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return False
        return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest(),)]


def main() -> None:
    """Migrate unless there is nothing to do."""
    if is_up_to_date(os.environ["ANDA_DATABASE_URL"]):
        return
    from alembic import command
    from alembic.config import Config

    command.upgrade(Config(str(ROOT / "alembic.ini")), "head")


if __name__ == "__main__":
    main()
