"""The delivery page in a real browser: what failed and why, one replayed, a kind put aside."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, async_playwright, expect
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import OutboundState
from backend.core.crypto import Vault
from tests.conversations.test_dead_letters import reply, unanswered
from tests.handoff import desk
from tests.handoff.conftest import Running
from tests.handoff.test_page import CHROMIUM, FLAGS, picture

PATIENCE = 60_000  # a busy machine; how fast it is, the bench tells
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")


async def test_a_supervisor_sees_why_and_tries_again(
    running: Running,
    session: AsyncSession,
    vault: Vault,
) -> None:
    await desk.fill(session, vault)
    inbound = await unanswered(session, vault, "我的保单什么时候到期")
    for position in (2, 3, 4):
        await reply(session, inbound, OutboundState.FAILED, "30003", position=position)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await chromium.new_context(viewport={"width": 1180, "height": 820}, locale="zh-CN")
        await _work_it_off(await context.new_page(), running.url)
        await chromium.close()


async def _work_it_off(page: Page, url: str) -> None:
    await page.goto(f"{url}/console#delivery")
    await page.get_by_test_id("username").fill("zhang.wei")
    await page.get_by_test_id("password").fill(desk.PASSWORD)
    await page.get_by_test_id("password").press("Enter")
    await expect(page.get_by_test_id("dead-letter")).to_have_count(5, timeout=PATIENCE)
    await picture(page, "delivery")
    await expect(page.get_by_test_id("dead-letter").filter(has_text="什么时候到期")).to_contain_text(
        "机器人没能回答"
    )
    await page.get_by_test_id("kind").filter(has_text="对方手机不可达").click()
    await expect(page.get_by_test_id("dead-letter")).to_have_count(3, timeout=PATIENCE)
    await page.get_by_test_id("replay").first.click()
    await expect(page.get_by_test_id("toast")).to_contain_text("已重试 1 条", timeout=PATIENCE)
    await expect(page.get_by_test_id("dead-letter")).to_have_count(2, timeout=PATIENCE)
    await page.get_by_test_id("dismiss-all").click()
    await page.get_by_test_id("sure").click()
    await expect(page.get_by_text("这一类现在没有失败的消息")).to_be_visible(timeout=PATIENCE)
