"""A real browser on the web chat: how tests open it, write, and keep pictures."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.channels.web.visits import Chat

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
needs_chromium = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
# What a browser says of a network that a test took away, or of an answer that a test asked for.
EXPECTED = ("ERR_INTERNET_DISCONNECTED", "Failed to load resource")
WATCH = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP violated: ${event.violatedDirective} ${event.blockedURI}`))"""


@asynccontextmanager
async def visiting(browser: Browser, **how: Any) -> AsyncIterator[BrowserContext]:
    """A visitor's browser; any error in its console and any breach of the content policy fails the test."""
    options: dict[str, Any] = {"locale": "zh-CN", "viewport": DESKTOP} | how
    context = await browser.new_context(**options)
    problems: list[str] = []
    context.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    await context.add_init_script(WATCH)
    yield context
    await context.close()
    assert [said for said in problems if not any(part in said for part in EXPECTED)] == []


async def open_chat(page: Page, chat: Chat, query: str = "") -> None:
    """Open the page and wait until it is connected."""
    await page.goto(f"{chat.url}/{query}")
    await expect(page.get_by_test_id("status")).to_have_attribute("data-status", "online")


async def say(page: Page, text: str) -> None:
    """Write and send."""
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


async def picture(page: Page, name: str) -> None:
    """Keep a picture when ANDA_PICTURES names a folder."""
    if folder := os.environ.get("ANDA_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png")
