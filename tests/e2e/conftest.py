"""The product as `make up` starts it, in a data folder and on ports of its own, and a real browser."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browsing import FLAGS, chromium

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 600.0
_URLS = ("ANDA_BOT_URL", "ANDA_ACTIONS_URL", "ANDA_KNOWLEDGE_URL", "ANDA_SIMULATOR_URL")


@dataclass
class Product:
    """A running product. `environment` holds what it was started with, the service token included."""

    base_url: str
    simulator_url: str
    data_folder: Path
    environment: dict[str, str]
    output: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Starts it and returns when every part is well."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend.launch", "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_well():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                pytest.fail(f"the product did not start:\n{self.output.read_text()[-4000:]}")
            time.sleep(0.3)

    def is_well(self) -> bool:
        """Whether every part is well just now."""
        try:
            return httpx.get(f"{self.base_url}/health/parts", timeout=10, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, seconds: float = 60.0) -> int:
        """Stops it as Ctrl-C does; returns its exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)

    def pid(self, name: str) -> int:
        """The process id of `api`, `worker`, `bot`, `actions`, `knowledge` or `simulator`."""
        return int((self.data_folder / "run" / f"{name}.pid").read_text())

    def kill(self, name: str) -> None:
        """Kills a process; it comes back within seconds by itself."""
        os.kill(self.pid(name), signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def new_product(folder: Path) -> Product:
    """A product to start in `folder`; models and index that the checkout has made are used."""
    data_folder = folder / "data"
    for made in (ROOT / "var" / "models", ROOT / "var" / "knowledge"):
        if made.is_dir():
            shutil.copytree(made, data_folder / made.name, symlinks=True, ignore=shutil.ignore_patterns(".*"))
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANDA_", "TWILIO_", "WECHAT_"))
    }
    port, *ports = free_ports(1 + len(_URLS))
    environment = kept | {"ANDA_PORT": str(port), "ANDA_DATA_DIR": str(data_folder)}
    environment |= {name: f"http://127.0.0.1:{number}" for name, number in zip(_URLS, ports, strict=True)}
    environment |= {
        "ANDA_SERVICE_TOKEN": secrets.token_urlsafe(24),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
    }
    simulator = environment["ANDA_SIMULATOR_URL"]
    return Product(f"http://127.0.0.1:{port}", simulator, data_folder, environment, folder / "up.log")


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The demo, running, for the whole session."""
    running = new_product(tmp_path_factory.mktemp("product"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, Debian's own."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a person of its own: no cookies or storage of others."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
