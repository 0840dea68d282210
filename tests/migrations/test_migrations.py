"""The migrations make exactly the tables of the models, and can be taken back."""

from __future__ import annotations

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from backend.migrations.__main__ import is_up_to_date, newest
from tests.conftest import ROOT


@pytest.fixture
def config(database_url: str) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["dsn"] = database_url
    return config


def test_there_is_no_drift_from_the_models(config: Config) -> None:
    command.check(config)


def test_every_migration_goes_down_and_up_again(config: Config, database_url: str) -> None:
    assert is_up_to_date(database_url)
    command.downgrade(config, "base")
    assert not is_up_to_date(database_url)
    with psycopg.connect(database_url) as connection:
        left = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert left == [("alembic_version",)]
    command.upgrade(config, "head")
    assert is_up_to_date(database_url)


def test_the_newest_revision_is_read_from_the_files(config: Config) -> None:
    from alembic.script import ScriptDirectory

    assert newest() == ScriptDirectory.from_config(config).get_current_head()
