"""The restore drill: back up, lose everything, restore, and find every row and file again."""

from __future__ import annotations

import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from backend.launch import backup
from backend.launch.display import Display
from backend.launch.folders import take_lock
from backend.launch.install.progress import Problem
from backend.launch.postgres import EmbeddedPostgres
from backend.launch.settings import ROOT, Launch

CONVERSATION = """
INSERT INTO contacts (id, channel, account, external_id, created_at) VALUES (1, 'sms', 'a', '+12025550142', now());
INSERT INTO conversations (id, contact_id, mode, language, last_seq, episode, episode_turns, inbox_fence,
    outbox_fence, created_at) VALUES (1, 1, 'bot', 'en', 1, 1, 0, 0, 0, now());
INSERT INTO outbound_messages (id, conversation_id, channel, account, recipient, lane, kind, language, text, payload,
    state, attempts, created_at) VALUES (1, 1, 'sms', 'a', '+12025550142', 'reply', 'message', 'en', 'hello', '{}',
    'queued', 0, now());
CREATE SCHEMA rasa; CREATE TABLE rasa.events (id int); INSERT INTO rasa.events SELECT generate_series(1, 5000);
"""


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    return Launch({"ANDA_DATA_DIR": str(tmp_path / "data")})


@pytest.fixture
def server(launch: Launch) -> Iterator[EmbeddedPostgres]:
    """The embedded server of `launch`, running, with a customer's message in it and a file beside it."""
    launch.data_folder.mkdir()
    server = EmbeddedPostgres(launch.data_folder / "postgres")
    server.start()
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["dsn"] = server.dsn
    command.upgrade(config, "head")
    with psycopg.connect(server.dsn) as connection:
        connection.execute(CONVERSATION)
    (launch.data_folder / "files" / "ab").mkdir(parents=True)
    (launch.data_folder / "files" / "ab" / "abcdef").write_bytes(b"picture")
    yield server
    server.stop()


def rows(server: EmbeddedPostgres, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.dsn) as connection:
        return connection.execute(query.encode()).fetchall()


def test_everything_is_there_again_after_the_drill(
    launch: Launch, server: EmbeddedPostgres, tmp_path: Path, record_property: pytest.RecordProperty
) -> None:
    file = tmp_path / "kept" / "anda.backup"
    started = time.monotonic()
    backup.back_up(launch, Display(), file)
    record_property("backup_seconds", round(time.monotonic() - started, 1))
    assert file.stat().st_mode & 0o077 == 0
    with psycopg.connect(server.dsn) as connection:
        connection.execute("DROP SCHEMA rasa CASCADE; TRUNCATE contacts CASCADE; CREATE TABLE later (id int)")
    (launch.data_folder / "files" / "ab" / "abcdef").unlink()
    server.stop()
    started = time.monotonic()
    backup.restore(launch, Display(), file, replace=True)
    record_property("restore_seconds", round(time.monotonic() - started, 1))
    server.start()
    assert rows(server, "SELECT count(*) FROM rasa.events") == [(5000,)]
    assert rows(server, "SELECT external_id FROM contacts") == [("+12025550142",)]
    assert rows(server, "SELECT state FROM outbound_messages") == [("queued",)]
    assert rows(server, "SELECT to_regclass('later')") == [(None,)]
    assert (launch.data_folder / "files" / "ab" / "abcdef").read_bytes() == b"picture"


def test_what_was_on_its_way_when_a_running_product_was_backed_up_is_held(
    launch: Launch, server: EmbeddedPostgres, tmp_path: Path
) -> None:
    (launch.data_folder / "run").mkdir()
    with take_lock(launch.data_folder / "run"):
        backup.back_up(launch, Display(), tmp_path / "b")
        with pytest.raises(Problem, match="stop it"):
            backup.restore(launch, Display(), tmp_path / "b", replace=True)
    server.stop()
    backup.restore(launch, Display(), tmp_path / "b", replace=True)
    server.start()
    assert rows(server, "SELECT state, error FROM outbound_messages") == [("failed", "restored")]


def test_a_restore_over_data_has_to_be_asked_for(
    launch: Launch, server: EmbeddedPostgres, tmp_path: Path
) -> None:
    backup.back_up(launch, Display(), tmp_path / "b")
    server.stop()
    with pytest.raises(Problem, match="--replace"):
        backup.restore(launch, Display(), tmp_path / "b", replace=False)


def test_a_damaged_backup_changes_nothing(launch: Launch, server: EmbeddedPostgres, tmp_path: Path) -> None:
    backup.back_up(launch, Display(), tmp_path / "b")
    with tarfile.open(tmp_path / "b") as archive:
        archive.extractall(tmp_path / "open", filter="data")
    (tmp_path / "open" / backup.DUMP).write_bytes(b"PGDMP broken")
    subprocess.run(["tar", "-cf", tmp_path / "b", "-C", tmp_path / "open", "."], check=True)
    server.stop()
    with pytest.raises(Problem, match=r"damaged|not a whole backup"):
        backup.restore(launch, Display(), tmp_path / "b", replace=True)
    server.start()
    assert rows(server, "SELECT count(*) FROM contacts") == [(1,)]
