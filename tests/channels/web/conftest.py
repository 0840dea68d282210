"""A real web chat on loopback (database, Redis and a server), and a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, async_playwright

from backend.core.settings import Settings
from tests.channels.web.browsing import CHROMIUM, FLAGS, open_chat, visiting
from tests.channels.web.sites import Site, serving_site
from tests.channels.web.visits import Chat, make_app, until


@pytest.fixture
async def chat(settings: Settings) -> AsyncIterator[Chat]:
    """The web chat alone, on a port of its own."""
    sites = "https://insurer.example, http://other.example:8080"
    app, web = make_app(settings.model_copy(update={"rate_limits": "off", "widget_origins": sites}))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    chat = Chat(f"http://127.0.0.1:{port}", app, web)
    yield chat
    for visit in chat.clients:
        await visit.client.disconnect()
    server.should_exit = True
    await serving
    await web.close()
    await app.state.redis.aclose()
    await app.state.database.close()


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def page(browser: Browser, chat: Chat) -> AsyncIterator[Page]:
    """The web chat opened by a Chinese-speaking visitor."""
    async with visiting(browser) as context:
        page = await context.new_page()
        await open_chat(page, chat)
        yield page


@pytest_asyncio.fixture
async def site(chat: Chat) -> AsyncIterator[Site]:
    async with serving_site(chat) as site:
        yield site
