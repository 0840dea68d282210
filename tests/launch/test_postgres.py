import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from backend.launch.children import is_running
from backend.launch.folders import FolderInUse
from backend.launch.postgres import EmbeddedPostgres

OWNER = """
import sys, time
from pathlib import Path
from backend.launch.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.process.pid, server.data, sep="\\n", flush=True)
time.sleep(600)
"""


def remember(server: EmbeddedPostgres, text: str) -> None:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def remembered(server: EmbeddedPostgres) -> list[str]:
    with psycopg.connect(server.dsn) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM note")]


def pid_and_data(owner: "subprocess.Popen[str]") -> tuple[int, str]:
    assert owner.stdout is not None
    lines = (line.strip() for line in owner.stdout)
    pid = next(line for line in lines if line.isdigit())
    return int(pid), next(lines)


def test_data_survive_a_stop_in_a_path_with_spaces(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "my data" / "postgres")
    server.start()
    remember(server, "您好")
    server.stop()
    server.start()
    assert remembered(server) == ["您好"]
    server.durable = False  # so that stopping cleans up
    server.stop()
    assert not server.data.exists()


def test_a_long_path_gets_a_short_private_socket_folder(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long-" * 30) / "postgres", durable=False)
    server.start()
    assert len(str(server.sockets)) < 100
    assert server.sockets.stat().st_mode & 0o777 == 0o700
    server.stop()


def test_a_second_owner_of_the_folder_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(FolderInUse, match=str(os.getpid())):
        EmbeddedPostgres(postgres.folder).start()


def test_no_permission_above_its_folder_changes(tmp_path: Path) -> None:
    above = tmp_path / "private"
    above.mkdir(mode=0o700)
    server = EmbeddedPostgres(above / "postgres", durable=False)
    server.start()
    server.stop()
    assert above.stat().st_mode & 0o777 == 0o700
    assert above.stat().st_uid == os.geteuid()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")
def test_under_root_the_server_is_not_root(postgres: EmbeddedPostgres) -> None:
    assert postgres.process is not None
    assert Path(f"/proc/{postgres.process.pid}").stat().st_uid != 0


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
def test_it_dies_with_a_killed_owner_and_recovers(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True)
    pid, data = pid_and_data(owner)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    server = EmbeddedPostgres(folder)
    server.start()
    assert not is_running(pid, data)
    remember(server, "back")
    assert remembered(server) == ["back"]
    server.durable = False
    server.stop()
