"""Another company's website, on an origin and with a policy of its own, that embeds the chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from playwright.async_api import FrameLocator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.channels.web.visits import Chat, until

PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>An insurer</title>
<meta name="viewport" content="width=device-width"><script src="{chat}/widget.js" {options} defer></script></head>
<body><main><h1>An insurer's own page</h1><p>{words}</p><a href="/next">Next page</a></main></body></html>"""


@dataclass
class Site:
    """An insurer's website that embeds the chat."""

    url: str
    chat: Chat
    language: str = "zh-CN"
    options: str = ""

    async def open(self, page: Page, path: str = "/") -> None:
        await page.goto(f"{self.url}{path}")
        await expect(launcher(page)).to_be_visible()

    async def serve(self, _: Request) -> HTMLResponse:
        body = PAGE.format(
            language=self.language, chat=self.chat.url, options=self.options, words="words " * 900
        )
        # Nothing inline, nothing from elsewhere but the chat.
        policy = (
            f"default-src 'self'; script-src {self.chat.url}; frame-src {self.chat.url}; style-src 'none'"
        )
        return HTMLResponse(body, headers={"Content-Security-Policy": policy})


@asynccontextmanager
async def serving_site(chat: Chat) -> AsyncIterator[Site]:
    """The site, which the chat lists among those that may embed it."""
    site = Site("", chat)
    app = Starlette(routes=[Route("/{path:path}", site.serve)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    site.url = f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    settings = chat.app.state.settings
    chat.app.state.settings = settings.model_copy(update={"widget_origins": site.url})
    yield site
    server.should_exit = True
    await serving


def launcher(page: Page) -> Any:
    return page.locator("anda-chat > button, anda-chat button").first


def inside(page: Page) -> FrameLocator:
    return page.frame_locator("anda-chat iframe")


async def open_widget(page: Page) -> FrameLocator:
    await launcher(page).click()
    await expect(inside(page).get_by_test_id("status")).to_have_attribute("data-status", "online")
    return inside(page)
