"""The editors' pages in a real browser; pictures go to ANDA_SCREENSHOTS when set."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles import seed
from backend.core import clock
from backend.core.access import COOKIE, AgentSession, hash_token
from backend.core.settings import Settings
from tests.factories import make_agent
from tests.handoff.conftest import Running, running  # noqa: F401 - a fixture

CHROMIUM = shutil.which("chromium") or ""
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
EVIL = "犹豫期是 15 天。\n\n<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"


@pytest.fixture
async def page(
    running: Running,  # noqa: F811
    session: AsyncSession,
    settings: Settings,
) -> AsyncIterator[Page]:
    """A supervisor's browser, with a few articles in the table."""
    chosen = [
        one for one in seed.read_folder(seed.FOLDER) if one.topic.startswith(("grace", "cooling", "claim"))
    ]
    await seed.load(session, chosen, clock.today(settings.zone), publish=True)
    agent = await make_agent(session, role="supervisor", name="周敏")
    cookie = secrets.token_hex(8)
    session.add(
        AgentSession(
            agent_id=agent.id,
            token_hash=hash_token(cookie),
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(days=1),
        )
    )
    await session.commit()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 860})
        await context.add_cookies([{"name": COOKIE, "value": cookie, "url": running.url}])
        page = await context.new_page()
        page.set_default_timeout(60_000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(f"{running.url}/console#articles")
        yield page
        assert problems == []
        await browser.close()


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("ANDA_SCREENSHOTS"):
        await page.wait_for_timeout(600)
        await page.screenshot(path=Path(folder) / f"articles-{name}.png")


async def leave_and_stay(page: Page) -> None:
    """The rail leads away, the question whether to leave is denied, and the address says again where the editor is."""
    here = page.url
    page.once("dialog", lambda dialog: dialog.dismiss())
    async with page.expect_event("dialog"):
        await page.get_by_test_id("section-notices").click()
    await page.wait_for_url(here)


@pytest.mark.timeout(300)
async def test_an_editor_writes_publishes_and_retires_an_article_that_can_run_nothing(page: Page) -> None:
    expect.set_options(timeout=60_000)
    await expect(page.get_by_test_id("article-grace-period-zh")).to_be_visible()
    await picture(page, "list")
    await page.get_by_test_id("article-new").click()
    await page.get_by_test_id("article-topic").fill("test-topic")
    await page.get_by_test_id("article-title").fill("<b>犹豫期</b>")
    await page.get_by_test_id("article-text").fill(EVIL)
    await page.get_by_test_id("article-questions").fill("反悔了怎么办")
    await page.get_by_test_id("article-source").fill("条款")
    await expect(page.get_by_test_id("article-preview")).to_contain_text("<script>")
    await picture(page, "new")
    await page.get_by_test_id("article-title").press("Enter")
    await expect(page.get_by_test_id("article-state")).to_have_text("草稿")
    await page.get_by_test_id("article-publish").click()
    await expect(page.get_by_test_id("article-state")).to_have_text("已发布")
    assert await page.title() != "ran"
    assert await page.locator(".article-rendered script, .article-rendered img").count() == 0
    await page.get_by_test_id("article-text").fill("改成 20 天。")
    await leave_and_stay(page)
    await expect(page.get_by_test_id("article-text")).to_have_value("改成 20 天。")
    await page.get_by_test_id("article-save").click()
    await expect(page.get_by_test_id("article-dirty")).to_have_count(0)
    await page.get_by_test_id("beside-history").click()
    await page.get_by_test_id("restore-1").click()
    await picture(page, "restore")
    await page.get_by_test_id("article-confirm").click()
    await expect(page.get_by_test_id("article-text")).to_have_value(EVIL)
    await page.get_by_test_id("article-retire").click()
    await page.get_by_test_id("article-confirm").click()
    await expect(page.get_by_test_id("article-state")).to_have_text("已下架")
    await picture(page, "history")


@pytest.mark.timeout(300)
async def test_questions_and_trials_say_what_to_do_when_there_is_nothing(page: Page) -> None:
    expect.set_options(timeout=60_000)
    await page.get_by_test_id("articles-questions").click()
    await expect(page.get_by_text("这段时间没有这样的提问")).to_be_visible()
    await picture(page, "questions")
    await page.get_by_test_id("articles-trial").click()
    await page.get_by_test_id("trial-query").fill("宽限期")
    await page.get_by_test_id("trial-ask").click()
    await expect(page.get_by_test_id("toast")).to_contain_text("知识服务暂时没有回应")
    await picture(page, "trial")
    await page.goto(page.url.replace("trial", "trial/%"))
    await expect(page.get_by_test_id("trial-query")).to_have_value("%")
