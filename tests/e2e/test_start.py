import httpx
from playwright.sync_api import Page

from backend.launch.children import is_running


def test_every_part_runs_and_the_chat_page_opens(product, page: Page) -> None:  # type: ignore[no-untyped-def]
    parts = httpx.get(f"{product.base_url}/health/parts", timeout=10, trust_env=False).json()["parts"]
    assert set(parts.values()) == {"ok"}
    assert is_running(product.pid("worker"), "backend.worker")
    answer = page.goto(product.base_url)
    assert answer is not None
    assert answer.ok
