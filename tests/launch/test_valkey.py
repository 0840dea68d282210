import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from backend.launch.folders import FolderInUse
from backend.launch.valkey import EmbeddedValkey

OWNER = """
import sys, time
from pathlib import Path
from backend.launch.valkey import EmbeddedValkey
server = EmbeddedValkey(Path(sys.argv[1]))
server.start()
print(server.url, flush=True)
time.sleep(600)
"""


def test_what_was_written_survives_a_stop_in_a_path_with_spaces(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "my data" / ("long-" * 30))
    server.start()
    redis.Redis.from_url(server.url).set("greeting", "您好")
    server.stop()
    server.start()
    assert redis.Redis.from_url(server.url, decode_responses=True).get("greeting") == "您好"
    server.stop()


def test_a_second_owner_of_the_folder_is_refused(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    server.start()
    with pytest.raises(FolderInUse):
        EmbeddedValkey(tmp_path).start()
    server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
def test_it_dies_with_a_killed_owner_and_recovers(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    client = redis.Redis.from_url(owner.stdout.readline().strip(), decode_responses=True)
    client.set("greeting", "hello")
    time.sleep(1.1)  # the append-only file is written every second
    owner.kill()
    owner.wait()
    server = EmbeddedValkey(tmp_path)
    server.start()
    assert redis.Redis.from_url(server.url, decode_responses=True).get("greeting") == "hello"
    server.stop()
