"""Labelling by keyboard in a real browser; pictures go to ANDA_SCREENSHOTS when set."""

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

from backend.core import clock
from backend.core.access import COOKIE, AgentSession, hash_token
from tests.factories import make_agent
from tests.handoff.conftest import Running, running  # noqa: F401 - a fixture
from tests.review.conftest import Look, Talk

CHROMIUM = shutil.which("chromium") or ""
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
GUESSES = [{"intent": "query_ticket", "confidence": 0.44}, {"intent": "query_claim", "confidence": 0.4}]


@pytest.fixture
async def page(running: Running, session: AsyncSession, talk: Talk, look: Look) -> AsyncIterator[Page]:  # noqa: F811
    """A supervisor's browser on the review list."""
    await talk("do you sell cat food or what", "request_quote", 0.6, by="+12125550146")
    await talk(
        "我上礼拜说的那件事😟 C2024000001 弄完没有呀",
        "query_ticket",
        0.44,
        guesses=GUESSES,
        model="20261123T054512Z",
    )
    await talk("不是这个意思", "deny")
    await talk("上礼拜说的那个赔付的事弄完没有", "query_claim", 0.91)
    await look()
    agent = await make_agent(session, role="supervisor", name="周敏")
    cookie = secrets.token_hex(8)
    expires = clock.now() + timedelta(days=1)
    session.add(
        AgentSession(
            agent_id=agent.id, token_hash=hash_token(cookie), created_at=clock.now(), expires_at=expires
        )
    )
    await session.commit()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context(
            locale="zh-CN", viewport={"width": 1280, "height": 860}, timezone_id="Asia/Shanghai"
        )
        await context.add_cookies([{"name": COOKIE, "value": cookie, "url": running.url}])
        page = await context.new_page()
        page.set_default_timeout(60_000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(f"{running.url}/console#review")
        yield page
        assert problems == []
        await browser.close()


def contents(path: Path) -> str:
    return path.read_text("utf-8")


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("ANDA_SCREENSHOTS"):
        await page.wait_for_timeout(500)
        await page.screenshot(path=Path(folder) / f"review-{name}.png")


@pytest.mark.timeout(300)
async def test_a_supervisor_labels_by_keyboard_undoes_and_exports(page: Page) -> None:
    expect.set_options(timeout=60_000)
    card, progress = page.get_by_test_id("review-card"), page.get_by_test_id("review-progress")
    await expect(card).to_contain_text("我上礼拜说的那件事😟 C2000000000 弄完没有呀")
    await expect(page.get_by_test_id("intent-query_claim")).to_have_attribute("aria-selected", "true")
    await picture(page, "card-zh")
    await page.keyboard.press("2")
    await expect(page.get_by_test_id("intent-query_ticket")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("1")
    await page.evaluate(
        """() => {
          const text = document.querySelector('.review-text').firstChild;
          getSelection().setBaseAndExtent(text, 1, text, 4);
          text.parentElement.dispatchEvent(new MouseEvent('mouseup', { bubbles: true }));
        }"""
    )
    await page.get_by_test_id("entity-date").click()
    await expect(page.locator(".review-text mark").first).to_have_text("上礼拜")
    await picture(page, "marked-zh")
    await page.keyboard.press("Enter")
    await expect(progress).to_have_text("1 / 2")
    await expect(card).to_contain_text("cat food")
    await page.keyboard.press("Control+z")
    await expect(card).to_contain_text("😟")
    await page.keyboard.press("Enter")
    await expect(card).to_contain_text("cat food")
    await page.get_by_test_id("review-find").press_sequentially("超出")
    await expect(page.get_by_test_id("intent-out_of_scope")).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.get_by_test_id("review-find").press_sequentially("与保险无关")
    await page.get_by_test_id("review-edit-toggle").click()
    await page.get_by_test_id("review-edit").fill("do you sell dog food or what")
    await picture(page, "edit-zh")
    await page.get_by_test_id("review-label").click()
    await expect(page.get_by_test_id("review-empty")).to_be_visible()
    await picture(page, "empty-zh")
    await page.get_by_test_id("review-exports").click()
    await page.get_by_test_id("review-export").click()
    await expect(page.get_by_test_id("review-file")).to_have_count(1)
    await picture(page, "exports-zh")
    async with page.expect_download() as begun:
        await page.get_by_test_id("review-file").click()
    text = contents(await (await begun.value).path())
    assert "    - 我[上礼拜](date)说的那件事😟 [C2000000000](claim_number) 弄完没有呀\n" in text
    assert "- intent: out_of_scope\n" in text
    assert "dog food" in text
    await page.keyboard.press("Escape")
    await page.evaluate("localStorage.setItem('anda.console.language', 'en')")
    await page.emulate_media(color_scheme="dark")
    await page.reload()
    await page.get_by_test_id("review-state-labelled").click()
    await expect(page.get_by_test_id("review-row")).to_have_count(2)
    await expect(page.get_by_test_id("review-take-back")).to_have_count(0)
    await picture(page, "labelled-en-dark")


@pytest.mark.timeout(300)
async def test_on_a_tablet_in_the_dark_a_kind_is_skipped_at_once_and_put_back(page: Page) -> None:
    expect.set_options(timeout=60_000)
    await page.evaluate("localStorage.setItem('anda.console.language', 'en')")
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 820, "height": 1100})
    await page.reload()
    await expect(page.get_by_test_id("review-card")).to_be_visible()
    await picture(page, "card-en-dark-tablet")
    await page.get_by_test_id("review-reason").select_option("unsure")
    await page.get_by_test_id("review-skip-all").click()
    await page.get_by_test_id("review-sure").click()
    await expect(page.get_by_test_id("review-empty")).to_be_visible()
    await page.get_by_test_id("review-state-skipped").click()
    await page.get_by_test_id("review-take-back").first.click()
    await expect(page.get_by_test_id("review-row")).to_have_count(1)
    await page.get_by_test_id("review-state-open").click()
    await expect(page.get_by_test_id("review-card")).to_be_visible()
