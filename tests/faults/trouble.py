"""What happens to the product during a fault run: processes are killed, fail points armed, in a seeded order."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import psutil

from backend.core.failpoints import POINTS
from tests.e2e.conftest import Product

PROCESSES = ("bot", "worker", "worker-2", "api", "actions", "postgres", "redis")
SERVERS = {"postgres": "bin/postgres", "redis": "valkey"}
BOT_RESTS = 60.0  # Rasa needs long to come back
POINT_WAITS = 25.0
HEALED_WITHIN = 60.0


class Trouble:
    """Kills and fail points, counted. `run()` goes on until every count is reached and the traffic has ended."""

    def __init__(self, product: Product, folder: Path, seed: int, kills: int, hits: int, rest: float) -> None:
        self._product, self._folder = product, folder
        self._rng = random.Random(seed)
        self._kills, self._hits, self._rest = kills, hits, rest
        self.killed: Counter[str] = Counter()
        self.hit: Counter[str] = Counter()
        self._bot_killed_at = 0.0

    @property
    def is_enough(self) -> bool:
        """Whether every process was killed and every point hit as often as asked for."""
        return all(self.killed[name] >= self._kills for name in PROCESSES) and all(
            self.hit[point] >= self._hits for point in POINTS
        )

    async def run(self, traffic_ended: asyncio.Event) -> None:
        """Strike again and again, what was struck least first; now and then before the last blow has healed."""
        while not (traffic_ended.is_set() and self.is_enough):
            await self._hit_point(self._least(self.hit, POINTS))
            if self._rng.random() < 0.7:
                await self._heal()
            may_kill_bot = time.monotonic() - self._bot_killed_at > BOT_RESTS
            names = tuple(name for name in PROCESSES if name != "bot" or may_kill_bot)
            self._kill(self._least(self.killed, names))
            await asyncio.sleep(self._rng.uniform(1, 3))
            await self._heal()
            await asyncio.sleep(self._rng.uniform(0, 2 * self._rest))

    async def _heal(self) -> None:
        """Wait until every part is well: an outage of two minutes would, rightly, end in tickets."""
        deadline = time.monotonic() + HEALED_WITHIN
        while time.monotonic() < deadline and not await asyncio.to_thread(self._product.is_well):  # noqa: ASYNC110
            await asyncio.sleep(0.5)

    def _least(self, counts: Counter[str], names: tuple[str, ...]) -> str:
        least = min(counts[name] for name in names)
        return self._rng.choice([name for name in names if counts[name] == least])

    async def _hit_point(self, point: str) -> None:
        armed = self._folder / point
        armed.touch()
        deadline = time.monotonic() + POINT_WAITS
        while armed.exists() and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        try:
            armed.unlink()
        except FileNotFoundError:
            self.hit[point] += 1

    def _kill(self, name: str) -> None:
        if name == "bot":
            self._bot_killed_at = time.monotonic()
        pid = self._pid(name)
        if pid is None:
            return
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.killed[name] += 1

    def _pid(self, name: str) -> int | None:
        if name not in SERVERS:
            path = self._product.data_folder / "run" / f"{name}.pid"
            return int(path.read_text()) if path.exists() else None
        assert self._product.process is not None
        for child in psutil.Process(self._product.process.pid).children():
            try:
                command = " ".join(child.cmdline()[:1])
            except psutil.Error:
                continue
            if SERVERS[name] in command:
                return child.pid
        return None
