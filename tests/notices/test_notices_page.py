"""The notices' page in a real browser: what was told and why, wording, a segment, a campaign from draft to done."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy import func, select

from backend.notices import consents
from backend.notices.deciding import Plan, decide
from backend.notices.models import Campaign, Purpose
from tests.handoff import desk
from tests.handoff.conftest import Running
from tests.handoff.test_page import CHROMIUM, FLAGS
from tests.insurance import make_policy
from tests.notices.office import Office

pytestmark = pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(office: Office, running: Running, browser: Browser) -> AsyncIterator[Page]:
    """A supervisor's desk, on a tablet; three customers in Suzhou, two of whom want to hear of offers."""
    await desk.fill(office.session, office.vault)
    for number in (61, 62, 63):
        customer = await office.customer(number, region="苏州", name=f"测试{number}")
        policy = await make_policy(office.session, customer, f"P20240002{number}")
        if number < 63:
            await consents.record(office.session, [Purpose.MARKETING], True, "chat", customer_id=customer.id)
        planned = Plan(
            "renewal", f"policy:{policy.number}", "x", customer.id, {"end_date": str(policy.end_date)}
        )
        await decide(office.session, [planned])
    await office.session.commit()
    context = await browser.new_context(
        viewport={"width": 1180, "height": 820},
        locale=os.environ.get("ANDA_LOCALE", "zh-CN"),
        timezone_id="Asia/Shanghai",
    )
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(f"{running.url}/console#notices")
    await page.get_by_test_id("username").fill("zhang.wei")
    await page.get_by_test_id("password").fill(desk.PASSWORD)
    await page.get_by_test_id("password").press("Enter")
    yield page
    assert problems == []


async def picture(page: Page, name: str) -> None:
    folder = os.environ.get("ANDA_SCREENSHOTS")
    if folder:
        await page.wait_for_timeout(400)
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=False)


async def test_the_list_tells_what_was_told_and_why(page: Page, office: Office) -> None:
    await office.beat()
    await page.get_by_test_id("notice-state").select_option("sent")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(3)
    await picture(page, "notices-list")
    await rows.first.get_by_role("button").click()
    await expect(page.locator(".notice-said")).to_contain_text("续保")
    await expect(page.locator(".notice-ways")).to_contain_text("未绑定")
    await picture(page, "notices-detail")


async def test_a_planned_notice_is_cancelled(page: Page, office: Office) -> None:
    await page.get_by_test_id("notice-state").select_option("planned")
    await page.locator("tbody tr").first.get_by_role("button").click()
    await page.get_by_test_id("notice-cancel").click()
    await picture(page, "notices-cancel")
    await page.get_by_test_id("confirm").click()
    await expect(page.locator("dialog .pill").first).to_have_text("已取消")


async def test_wording_is_changed_with_a_preview(page: Page) -> None:
    await page.get_by_test_id("notices-templates").click()
    await page.get_by_test_id("template-claim_stage").click()
    await page.get_by_test_id("wording-zh").fill("{salutation}，理赔 {claim_number}：{stage}")
    await expect(page.get_by_test_id("template-preview")).to_contain_text("王女士，理赔 C2026000101：审核中")
    await picture(page, "notices-templates")
    await page.get_by_test_id("wording-zh_discreet").fill("{product}")
    await expect(page.get_by_role("alert")).to_have_text("{product} 不能发给未核身的号码")
    await expect(page.get_by_test_id("wording-zh_discreet")).to_have_attribute("aria-invalid", "true")
    await picture(page, "notices-wrong-wording")
    # The browser's question is answered with no: what was written stays.
    await page.get_by_test_id("notices-segments").click()
    await expect(page.get_by_test_id("wording-zh_discreet")).to_have_value("{product}")
    await page.get_by_test_id("wording-zh_discreet").fill("{salutation}：{stage}")
    await page.get_by_test_id("template-save").click()
    await expect(page.get_by_test_id("toast")).to_contain_text("已保存")


async def test_a_segment_is_counted_and_a_campaign_goes_to_it(page: Page, office: Office) -> None:
    await page.get_by_test_id("notices-segments").click()
    await page.get_by_test_id("segment-new").click()
    await page.get_by_role("button", name="苏州", exact=True).click()
    await page.get_by_role("button", name="车险", exact=True).click()
    await expect(page.get_by_test_id("segment-count")).to_have_text("3")
    await picture(page, "notices-segment")
    await page.get_by_test_id("segment-name").fill("苏州车主")
    await page.get_by_test_id("segment-save").click()
    await expect(page.get_by_text("苏州车主")).to_be_visible()
    await page.get_by_test_id("notices-campaigns").click()
    await page.get_by_test_id("campaign-new").click()
    await page.get_by_test_id("campaign-title").fill("年底体检")
    await expect(page.get_by_test_id("campaign-segment")).to_contain_text("苏州车主")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await page.get_by_test_id("campaign-create").dblclick()
    await expect(page.get_by_test_id("campaign-start")).to_be_disabled()
    assert await office.session.scalar(select(func.count()).select_from(Campaign)) == 1
    whom, words = page.get_by_test_id("campaign-whom"), page.get_by_test_id("campaign-words")
    await expect(whom).to_contain_text("苏州车主")
    await expect(whom).to_contain_text("地区苏州持有产品（有效保单）车险")
    await expect(page.get_by_test_id("campaign-count")).to_contain_text("有 3 位，共")
    await expect(words.locator("figure")).to_have_count(6)
    await picture(page, "notices-intent")
    await page.get_by_test_id("campaign-dry-run").click()
    await expect(page.get_by_test_id("dry-run")).to_contain_text("客户未同意")
    await picture(page, "notices-dry-run")
    await page.reload()
    await page.get_by_test_id("campaign-start").click()
    await expect(page.locator("dialog")).to_contain_text("这一版试算过")
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_test_id("campaign-state")).to_have_text("发送中")
    await picture(page, "notices-running")
    await office.beat(rounds=2)
    await expect(page.get_by_test_id("campaign-state")).to_have_text("已完成")
    await expect(page.get_by_test_id("campaign-progress")).to_contain_text("已处理 3 / 3")
    await expect(page.get_by_test_id("campaign-count")).to_have_text("启动时定下 3 位客户。")
    await expect(words.locator("figure")).to_have_count(6)
    await picture(page, "notices-done")


async def test_a_catastrophe_notice_opens_its_queue_and_it_is_closed(page: Page, office: Office) -> None:
    await page.get_by_test_id("notices-campaigns").click()
    await page.get_by_test_id("catastrophe-new").click()
    await page.get_by_test_id("catastrophe-title").fill("台风")
    await page.get_by_test_id("catastrophe-areas").fill("苏州，浙江")
    await picture(page, "notices-catastrophe")
    await page.get_by_test_id("catastrophe-create").click()
    await page.get_by_test_id("campaign-dry-run").click()
    await page.get_by_test_id("campaign-start").click()
    await page.get_by_test_id("confirm").click()
    await page.get_by_test_id("notices-campaigns").click()
    await expect(page.locator(".notice-surges")).to_contain_text("苏州 · 浙江")
    await picture(page, "notices-surge")
    await page.locator(".notice-surges").get_by_role("button").click()
    await page.locator("dialog .primary").click()
    await expect(page.locator(".notice-surges")).to_have_count(0)
