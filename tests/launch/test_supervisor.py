import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.launch.children import is_running

STAND_IN = Path(__file__).with_name("stand_in.py")
NAMES = ("api", "worker", "bot", "actions", "knowledge", "simulator")
URLS = ("ANDA_BOT_URL", "ANDA_ACTIONS_URL", "ANDA_KNOWLEDGE_URL", "ANDA_SIMULATOR_URL")
Start = Callable[..., "subprocess.Popen[str]"]


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the launcher with stand-ins on a data folder of its own, as often as it is called."""
    port, *ports = free_ports(1 + len(URLS))
    settings = {name: f"http://127.0.0.1:{number}" for name, number in zip(URLS, ports, strict=True)}
    settings |= {"ANDA_PORT": str(port), "ANDA_DATA_DIR": str(tmp_path / "data"), "PATH": os.environ["PATH"]}
    settings["ANDA_DATABASE_URL"] = (
        "postgresql://nobody@127.0.0.1/none"  # the servers have tests of their own
    )
    settings["ANDA_REDIS_URL"] = "redis://127.0.0.1:1/0"
    running: list[subprocess.Popen[str]] = []

    def start_one(**more: str) -> "subprocess.Popen[str]":
        started = subprocess.Popen(
            [sys.executable, str(STAND_IN)],
            env=settings | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(started)
        return started

    yield start_one
    for one in running:
        one.terminate()
        one.wait()
        assert one.stdout is not None
        one.stdout.close()


def read_until(launcher: "subprocess.Popen[str]", words: str) -> str:
    """What the launcher prints up to `words`, or all of it."""
    assert launcher.stdout is not None
    said = ""
    for line in launcher.stdout:
        said += line
        if words in line:
            break
    return said


def pids(data: Path) -> dict[str, int]:
    return {name: int((data / "run" / f"{name}.pid").read_text()) for name in NAMES}


def wait_until(condition: Callable[[], bool]) -> None:
    """Waits; the test's own time limit ends it."""
    while not condition():
        time.sleep(0.05)


def test_a_term_signal_ends_worker_then_api_then_the_rest(start: Start, tmp_path: Path) -> None:
    launcher = start()
    assert "web chat" in read_until(launcher, "web chat")
    launcher.terminate()
    assert launcher.wait() == 0
    ended = (tmp_path / "data" / "ended").read_text().split()
    assert ended[:2] == ["worker", "api"]
    assert sorted(ended) == sorted(NAMES)


def test_no_process_outlives_a_killed_launcher(start: Start, tmp_path: Path) -> None:
    launcher = start()
    read_until(launcher, "web chat")
    running = pids(tmp_path / "data")
    assert all(is_running(pid, name) for name, pid in running.items())
    launcher.send_signal(signal.SIGKILL)
    launcher.wait()
    wait_until(lambda: not any(is_running(pid, name) for name, pid in running.items()))
    assert "ready" in read_until(start(), "ready")


def test_a_second_launcher_on_the_same_data_is_refused(start: Start) -> None:
    launcher = start()
    read_until(launcher, "web chat")
    second = start()
    said = second.communicate()[0]
    assert second.returncode == 1
    assert f"process {launcher.pid}" in said
    assert "Traceback" not in said


def test_a_process_that_cannot_start_is_named_with_its_log(start: Start) -> None:
    launcher = start(API_FAILS="1")
    said = launcher.communicate()[0]
    assert launcher.returncode == 1
    assert "api did not become ready" in said
    assert "no such table" in said
    assert "Traceback" not in said
