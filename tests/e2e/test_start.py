"""What `make up` promises: every part well, and one that is killed back under a new process id."""

from __future__ import annotations

import time

import httpx

from backend.launch.children import is_running
from tests.e2e.conftest import Product


def test_every_part_is_well(product: Product) -> None:
    answer = httpx.get(f"{product.base_url}/health/parts", timeout=10, trust_env=False)
    assert set(answer.json()["parts"].values()) == {"ok"}
    assert is_running(product.pid("worker"), "backend.worker")


def test_the_addresses_are_printed(product: Product) -> None:
    while "Ctrl-C stops" not in (printed := product.output.read_text()):
        time.sleep(0.1)  # printed a moment after every part is well; the test's time limit ends it
    for path in ("/", "/console", "/simulator", "/docs"):
        assert f"{product.base_url}{path}\n" in printed
