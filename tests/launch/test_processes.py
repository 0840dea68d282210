import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from backend.launch.children import is_running
from backend.launch.processes import Command, Process, commands
from backend.launch.settings import Launch

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
time.sleep(600)
"""


def process(folder: Path, script: str, said: list[str], grace: float = 5.0) -> Process:
    for name in ("logs", "run"):
        (folder / name).mkdir()
    launch = Launch({"ANDA_DATA_DIR": str(folder), "PATH": os.environ["PATH"]})
    return Process(Command("api", (sys.executable, "-c", script), grace), launch, said.append)


def test_a_named_sentence_model_runs_the_search_and_nothing_else_where_torch_is() -> None:
    values = {"ANDA_WORKERS": "1", "ANDA_DEMO": "0", "ANDA_KNOWLEDGE_MODEL": "some/model"}
    values |= dict.fromkeys(("ANDA_BOT_URL", "ANDA_ACTIONS_URL", "ANDA_KNOWLEDGE_URL"), "http://127.0.0.1:9")
    environments = {name: one.arguments[0] for name, one in commands(Launch(values)).items()}
    del values["ANDA_KNOWLEDGE_MODEL"]
    usual = {name: one.arguments[0] for name, one in commands(Launch(values)).items()}
    assert environments["knowledge"].endswith(".venv/knowledge/bin/python")
    assert environments | {"knowledge": usual["api"]} == usual


async def until(condition: Callable[[], bool]) -> None:
    """Waits; the test's own time limit ends it."""
    while not condition():  # noqa: ASYNC110 files and processes tell nobody
        await asyncio.sleep(0.05)


def pid_of(folder: Path) -> int:
    return int((folder / "run" / "api.pid").read_text())


async def test_a_killed_process_comes_back_under_a_new_pid(tmp_path: Path) -> None:
    said: list[str] = []
    kept = process(tmp_path, "import time; time.sleep(600)", said)
    await kept.start()
    first = pid_of(tmp_path)
    os.kill(first, signal.SIGKILL)
    await until(lambda: pid_of(tmp_path) != first)
    assert is_running(pid_of(tmp_path), "time.sleep")
    assert "killed by SIGKILL" in said[0]
    await kept.stop()
    assert not (tmp_path / "run" / "api.pid").exists()


async def test_one_that_does_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    kept = process(tmp_path, STUBBORN, [], grace=0.1)
    await kept.start()
    await until(lambda: kept.log.read_text().endswith("\n"))
    child = int(kept.log.read_text())
    leader = pid_of(tmp_path)
    await kept.stop()
    assert not is_running(leader, "sleep")
    await until(lambda: not is_running(child, "sleep"))
