"""Prepares, starts, watches and stops the whole product on one machine."""

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import IO

import httpx
import psycopg

from backend.launch.display import Display
from backend.launch.folders import FolderInUse, take_lock
from backend.launch.install.progress import Problem
from backend.launch.postgres import EmbeddedPostgres, PostgresFailed
from backend.launch.preparation import Preparation
from backend.launch.processes import Process, commands, tail
from backend.launch.settings import Launch
from backend.launch.valkey import EmbeddedValkey, ValkeyFailed

READY_SECONDS = 240.0  # Rasa takes 12 s on an idle machine, minutes on a very busy one
_WATCH_SECONDS = 1.0
_HOPELESS = 4  # a process that ended so often before everything was ready will not come up
Server = EmbeddedPostgres | EmbeddedValkey


class Supervisor:
    """One start of the product, from its settings to its end."""

    def __init__(self, launch: Launch, display: Display) -> None:
        self._launch = launch
        self._display = display
        self._servers: list[Server] = []
        self._processes: dict[str, Process] = {}
        self._lock: IO[str] | None = None

    def take_data_folder(self) -> None:
        """Makes the data folder's own folders and claims it. Raises Problem when another start has it."""
        for name in ("logs", "run"):
            self._launch.data_folder.mkdir(
                parents=True, exist_ok=True
            )  # open: PostgreSQL's account passes through
            (self._launch.data_folder / name).mkdir(mode=0o700, exist_ok=True)
        try:
            self._lock = take_lock(self._launch.data_folder / "run")
        except FolderInUse as taken:
            raise Problem(f"{taken}, or set another ANDA_DATA_DIR (and other ports)") from None

    async def start(self) -> None:
        """Starts everything and returns when every part is well. Raises Problem."""
        self._start_servers()
        prepare = Preparation(self._launch, self._display)
        self._processes = {
            name: Process(command, self._launch, self._display.line)
            for name, command in commands(self._launch).items()
        }
        async with asyncio.TaskGroup() as steps:
            model = steps.create_task(prepare.make_model())
            steps.create_task(self._start_bot(prepare, model))
            steps.create_task(self._start_knowledge(prepare, model))
            steps.create_task(self._start_rest(prepare))
        await self._wait_until_well()

    async def watch(self) -> None:
        """Starts embedded servers that died again; never ends by itself."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            for server in self._servers:
                if server.process is not None and server.process.poll() is not None:
                    self._start_again(server)

    def _start_again(self, server: Server) -> None:
        name = type(server).__name__
        self._display.line(f"{name} ended; starting it again")
        try:
            server.start()
        except (PostgresFailed, ValkeyFailed, psycopg.Error, OSError) as error:
            # Children of a killed server may hold its memory for a moment: the next look tries again.
            self._display.line(f"{name} did not start yet: {error}")

    async def stop(self) -> None:
        """Stops everything: workers first, while what they are in the middle of can still be answered; the api;
        then what both call; the data last."""
        for names in (self._workers(), ["api"], list(self._processes)):
            batch = [self._processes.pop(name) for name in names if name in self._processes]
            await asyncio.gather(*(process.stop() for process in batch))
        for server in reversed(self._servers):
            server.stop()
        if self._lock is not None:
            self._lock.close()

    def _workers(self) -> list[str]:
        return [name for name in self._processes if name.startswith("worker")]

    def _start_servers(self) -> None:
        values, folder = self._launch.values, self._launch.data_folder
        if "ANDA_DATABASE_URL" not in values:
            with self._display.step("PostgreSQL"):
                postgres = EmbeddedPostgres(folder / "postgres")
                self._servers.append(postgres)
                postgres.start()
            values["ANDA_DATABASE_URL"] = postgres.dsn
        if "ANDA_REDIS_URL" not in values:
            with self._display.step("Valkey"):
                valkey = EmbeddedValkey(folder / "valkey")
                self._servers.append(valkey)
                valkey.start()
            values["ANDA_REDIS_URL"] = valkey.url

    async def _start_bot(self, prepare: Preparation, model: "asyncio.Task[None]") -> None:
        if "bot" in self._processes:
            await model
            await prepare.train_bot()
            await self._processes["bot"].start()

    async def _start_knowledge(self, prepare: Preparation, model: "asyncio.Task[None]") -> None:
        if "knowledge" in self._processes:
            await model
            await prepare.build_index()
            await self._processes["knowledge"].start()

    async def _start_rest(self, prepare: Preparation) -> None:
        await prepare.migrate()
        await prepare.seed_articles()  # before the api, which the knowledge service follows
        for name, process in self._processes.items():
            if name not in ("bot", "knowledge", "simulator"):
                await process.start()
        if self._launch.is_demo:
            await prepare.load_demo()
            await self._processes["simulator"].start()

    async def _wait_until_well(self) -> None:
        with self._display.step("waiting for every part") as step:
            deadline = time.monotonic() + READY_SECONDS
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                while True:
                    unwell = await _unwell_parts(client, self._launch.url)
                    if self._launch.is_demo and not await _answers(
                        client, self._launch.values["ANDA_SIMULATOR_URL"]
                    ):
                        unwell = [*unwell, "simulator"]
                    if not unwell:
                        return
                    broken = [name for name, one in self._processes.items() if one.restarts >= _HOPELESS]
                    if broken or time.monotonic() > deadline:
                        raise Problem(self._complaint(broken or unwell))
                    step.say(f"{', '.join(unwell)} not ready yet")
                    await asyncio.sleep(0.3)

    def _complaint(self, unwell: list[str]) -> str:
        ends = "".join(f"\n--- the end of {log}:\n{tail(log)}" for log in map(self._log_of, unwell))
        return f"{', '.join(unwell)} did not become ready.{ends}"

    def _log_of(self, part: str) -> Path:
        return self._launch.data_folder / "logs" / f"{part}.log"


async def _unwell_parts(client: httpx.AsyncClient, url: str) -> list[str]:
    try:
        answer = await client.get(f"{url}/health/parts")
        if answer.status_code == 200:
            return []
        parts: dict[str, str] = answer.json()["parts"]
    except (httpx.HTTPError, ValueError, KeyError):
        return ["api"]
    return [name for name, state in parts.items() if state != "ok"] or ["api"]


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        await client.get(url)
    except httpx.HTTPError:
        return False
    return True


async def run_until_stopped(
    supervisor: Supervisor, stopped: asyncio.Event, starting: Coroutine[None, None, None]
) -> None:
    """Runs `starting`, then watches, until `stopped` is set or something fails; stops everything in any case."""
    work = asyncio.create_task(starting)
    stop = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            await work
    finally:
        work.cancel()
        stop.cancel()
        await asyncio.gather(work, stop, return_exceptions=True)
        await supervisor.stop()
