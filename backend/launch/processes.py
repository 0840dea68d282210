"""The processes of the product: their commands, and keeping one of them running."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend.launch.children import dies_with_parent
from backend.launch.settings import ROOT, Launch

SERVICE_PYTHON = ROOT / ".venv" / "service" / "bin" / "python"
BOT_PYTHON = ROOT / ".venv" / "bot" / "bin" / "python"
MODEL_PYTHON = ROOT / ".venv" / "model" / "bin" / "python"
KNOWLEDGE_PYTHON = ROOT / ".venv" / "knowledge" / "bin" / "python"
_FULL_LOG = 20_000_000
_STEADY_SECONDS = 15.0  # a process that ran so long did start: its next end is a new mishap


@dataclass(frozen=True)
class Command:
    """How a process is started, and how many seconds it gets to end what it is doing."""

    name: str
    arguments: tuple[str, ...]
    grace: float = 5.0


def commands(launch: Launch) -> dict[str, Command]:
    """Returns the processes that run on this machine, by name."""
    python = str(SERVICE_PYTHON)
    found = [Command("api", (python, "-m", "backend.main"), grace=10)]
    numbers = range(1, launch.workers + 1)
    found += [
        Command(f"worker-{n}" if n > 1 else "worker", (python, "-m", "backend.worker"), grace=25)
        for n in numbers
    ]
    if launch.runs_here("ANDA_BOT_URL"):
        found.append(Command("bot", (str(BOT_PYTHON), "-W", "ignore", "-m", "bot", "run"), grace=10))
    if launch.runs_here("ANDA_ACTIONS_URL"):
        found.append(Command("actions", (python, "-m", "actions")))
    if launch.runs_here("ANDA_KNOWLEDGE_URL"):
        found.append(Command("knowledge", (str(knowledge_python(launch)), "-m", "knowledge")))
    if launch.is_demo:
        found.append(Command("simulator", (python, "-m", "channels.simulator")))
    return {command.name: command for command in found}


def knowledge_python(launch: Launch) -> Path:
    """Returns what runs the knowledge search: a model that the settings name needs an environment that has torch."""
    return KNOWLEDGE_PYTHON if launch.values.get("ANDA_KNOWLEDGE_MODEL") else SERVICE_PYTHON


class Process:
    """Keeps `command` running: what ends is started again within 5 s, within 30 s when it ends again and again."""

    def __init__(self, command: Command, launch: Launch, say: Callable[[str], None]) -> None:
        self.command = command
        self.log = launch.data_folder / "logs" / f"{command.name}.log"
        self.restarts = 0
        self._pid_file = launch.data_folder / "run" / f"{command.name}.pid"
        self._environment = launch.values | {"PYTHONUNBUFFERED": "1"}
        self._say = say
        self._child: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts the process and keeps it running until `stop`."""
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Asks the process to end, and after its grace makes it end with all its children."""
        if self._keeper is not None:
            self._keeper.cancel()
        child = self._child
        if child is not None and child.returncode is None:
            child.terminate()
            try:
                await asyncio.wait_for(child.wait(), self.command.grace)
            except TimeoutError:
                self._say(f"{self.command.name} did not end within {self.command.grace:.0f} s and is killed")
                _kill_group(child.pid)
                await child.wait()
        if child is not None:
            _kill_group(child.pid)
        self._pid_file.unlink(missing_ok=True)

    async def _spawn(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _FULL_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._child = await asyncio.create_subprocess_exec(
                *self.command.arguments,
                cwd=ROOT,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dies_with_parent(),
                start_new_session=True,  # Ctrl-C reaches the launcher alone, which then ends them in order
            )
        fresh = self._pid_file.with_suffix(".new")
        fresh.write_text(str(self._child.pid))
        fresh.replace(self._pid_file)

    async def _keep(self) -> None:
        failures = 0
        while self._child is not None:
            started = time.monotonic()
            status: int = await self._child.wait()
            _kill_group(self._child.pid)
            failures = 0 if time.monotonic() - started > _STEADY_SECONDS else failures + 1
            pause = _pause(failures)
            self.restarts += 1
            self._say(
                f"{self.command.name} ended ({_reason(status)}); starting it again in {pause} s, see {self.log}"
            )
            await asyncio.sleep(pause)
            try:
                await self._spawn()
            except OSError as error:  # no memory or no file handles just now
                self._say(f"{self.command.name} cannot be started: {error}")


def _pause(failures: int) -> int:
    """Seconds before a process is started again after it failed soon `failures` times."""
    return min(1 << max(failures - 1, 0), 5 if failures < 10 else 30)


def _reason(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"


def _kill_group(leader: int) -> None:
    """Ends what the process `leader`, which led a session of its own, may have left behind."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def tail(log: Path, lines: int = 15) -> str:
    """Returns the end of a log."""
    if not log.exists():
        return "(no log)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
