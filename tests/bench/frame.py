"""What the benches share: a row of the report, and a place with servers and databases of its own."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from alembic import command
from alembic.config import Config

from backend.launch.postgres import EmbeddedPostgres
from backend.launch.valkey import EmbeddedValkey
from tests.e2e.conftest import Product as Demo
from tests.e2e.conftest import free_ports, new_product

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 600.0


@dataclass(frozen=True)
class Row:
    """One line of the report: our figure, the figure measured beside it in the same run, and the goal.

    `goal` is a sentence ("at least 0.5"); `is_met` None where the figure is only told.
    """

    name: str
    ours: str
    beside: str = ""
    ratio: float | None = None
    goal: str = ""
    is_met: bool | None = None


class Product:
    """What a bench measures: databases with our schema, processes of ours, or the whole demo.

    PostgreSQL is as durable as in production (fsync); everything made here is removed by `close()`.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="anda-bench-"))
        self.folder.chmod(0o755)  # PostgreSQL's account passes through
        self._postgres = EmbeddedPostgres(self.folder / "postgres")
        self._valkey = EmbeddedValkey(self.folder / "valkey")
        self._postgres.start()
        self._valkey.start()
        self.redis_url = self._valkey.url
        self._demo: Demo | None = None
        config = Config(str(ROOT / "alembic.ini"))
        config.attributes["dsn"] = self._postgres.dsn
        command.upgrade(config, "head")

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A database of its own with our schema and no rows, as a libpq URL; dropped at the end."""
        name = f"bench_{os.urandom(4).hex()}"
        with psycopg.connect(
            host=str(self._postgres.sockets), user="anda", dbname="postgres", autocommit=True
        ) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE anda".encode())
            try:
                yield self._postgres.dsn.replace("/anda?", f"/{name}?")
            finally:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def environment(self, dsn: str, **changes: str) -> dict[str, str]:
        """Settings for a process of ours that works on the database `dsn`."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("ANDA_", "TWILIO_", "WECHAT_"))}
        ours = {
            "ANDA_DATABASE_URL": dsn,
            "ANDA_REDIS_URL": self.redis_url,
            "ANDA_DATA_DIR": str(self.folder),
            "ANDA_ENCRYPTION_KEYS": "bench:" + base64.b64encode(bytes(range(32))).decode(),
            "ANDA_SERVICE_TOKEN": "bench-service-token",
            "ANDA_RATE_LIMITS": "off",
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "bench-twilio-token",
            "TWILIO_FROM_NUMBER": "+15550100000",
        }
        return kept | ours | changes

    @contextlib.contextmanager
    def process(
        self,
        module: str,
        environment: dict[str, str],
        ready: str = "",
        arguments: Sequence[str] = (),
        python: str = sys.executable,
    ) -> Iterator[int]:
        """`python -m module …`, until the block ends; waits until the address `ready` answers. Gives its pid."""
        command = [python, "-m", module, *arguments]
        with (self.folder / f"{module}.log").open("ab") as log:
            child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            if ready:
                self._wait(child, module, ready)
            yield child.pid
        finally:
            child.terminate()
            child.wait(30)

    def _wait(self, child: subprocess.Popen[bytes], module: str, ready: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and child.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(ready, trust_env=False, timeout=5).is_success:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{module} did not start:\n{(self.folder / f'{module}.log').read_text()[-2000:]}")

    def demo(self) -> Demo:
        """The whole demo, running, without rate limits; started when first asked for."""
        if self._demo is None:
            self._demo = new_product(self.folder / "demo")
            (self.folder / "demo").mkdir(exist_ok=True)
            self._demo.environment["ANDA_RATE_LIMITS"] = "off"
            self._demo.start()
        return self._demo

    def close(self) -> None:
        """Stop and remove everything."""
        if self._demo is not None:
            self._demo.stop()
        self._valkey.stop()
        home = self._postgres.data.parent
        self._postgres.stop()
        for folder in (home, self.folder):
            shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on."""
    return free_ports(1)[0]


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
