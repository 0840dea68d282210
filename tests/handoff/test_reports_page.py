"""A supervisor's afternoon in a real browser: a complaint classified, a task done, a figure opened to its talk."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.tasks.models import Task
from tests.handoff.talk import ZONE
from tests.handoff.test_customers_page import open_section
from tests.handoff.test_page import Desk, at_desk, browser, picture  # noqa: F401 - fixtures

TWELVE = re.compile(r"12(\.\d)? 分钟")


async def classify_the_complaint(page: Page) -> None:
    await expect(page.get_by_test_id("complaint-row")).to_have_count(1)
    await expect(page.get_by_test_id("complaint-row")).to_contain_text("服务问题 · 投诉")
    await picture(page, "complaints")
    await page.get_by_test_id("complaint-row").get_by_role("link").click()
    await expect(page.get_by_test_id("complaint-clocks")).to_contain_text("10 个工作日")
    await page.get_by_test_id("complaint-category").select_option("claim")
    await page.get_by_test_id("complaint-cause").fill("理赔员休假时没有人代办")
    await page.get_by_test_id("complaint-save").click()
    history = page.get_by_test_id("complaint-history")
    await expect(history).to_contain_text("修改分类")
    await page.get_by_test_id("complaint-proposal").fill("由主管今天回电并致歉")
    await page.get_by_test_id("complaint-propose").click()
    await expect(page.get_by_test_id("complaint-proposed")).to_contain_text("由主管今天回电并致歉")
    await picture(page, "complaint")
    await page.get_by_test_id("section-complaints").click()
    await page.get_by_test_id("complaints-tab-figures").click()
    await expect(page.get_by_test_id("complaint-figures")).to_contain_text("投诉总数")
    await expect(page.get_by_role("row", name="理赔")).to_contain_text("1")


async def do_a_task(page: Page) -> None:
    await page.get_by_test_id("task-new").click()
    await page.get_by_test_id("task-summary").fill("给陈女士回电")
    await page.get_by_test_id("task-save").click()
    row = page.get_by_test_id("task-row").filter(has_text="给陈女士回电")
    await expect(row).to_contain_text("张伟")
    await row.get_by_test_id("task-finish").click()
    await page.get_by_test_id("task-outcome").fill("已回电，客户接受方案")
    await page.get_by_test_id("task-close").click()
    await expect(row).to_have_count(0)
    await page.get_by_test_id("tasks-state").select_option("done")
    await expect(row).to_contain_text("已回电，客户接受方案")
    await picture(page, "tasks")


async def open_a_figure(page: Page) -> None:
    await expect(page.get_by_test_id("live-queued")).to_contain_text("7")
    await page.get_by_test_id("period-custom").click()
    # The morning's tickets may have been opened before midnight, or before the month began.
    await page.get_by_test_id("since").fill(str(clock.today(ZONE) - timedelta(days=2)))
    await expect(page.get_by_test_id("figure-first_response")).to_contain_text(TWELVE)
    await expect(page.get_by_test_id("volume-intent")).to_contain_text("转人工")
    await picture(page, "reports")

    await page.get_by_test_id("figure-first_response").click()
    await expect(page.get_by_test_id("figure-value")).to_have_text(TWELVE)
    await page.get_by_test_id("formula").click()
    await expect(page.get_by_test_id("formula")).to_contain_text("从工单开启到坐席第一次答复")
    await expect(page.get_by_test_id("report-row")).to_have_count(1)
    table = await page.request.get(str(await page.get_by_test_id("csv").evaluate("link => link.href")))
    assert len((await table.text()).splitlines()) == 2
    await picture(page, "figure")


async def read_what_is_behind_a_count(page: Page) -> None:
    await page.get_by_test_id("section-reports").click()
    await page.get_by_test_id("volume-intent").get_by_role("link").first.click()
    await page.get_by_test_id("volume-row").filter(has_text="查询理赔").get_by_test_id("volume-open").click()
    await expect(page.get_by_test_id("report-row")).to_have_count(2)
    await page.get_by_test_id("to-talk").first.click()
    await expect(page.get_by_test_id("talk")).to_contain_text("理赔 C2026900001 正在审核中")
    await page.get_by_test_id("to-ticket").click()
    await expect(page.get_by_test_id("customer-name")).to_have_text("王芳")


async def test_a_supervisor_follows_a_complaint_a_task_and_a_figure(at_desk: Desk) -> None:  # noqa: F811
    page = await open_section(at_desk, "complaints")
    await classify_the_complaint(page)
    await page.get_by_test_id("section-tasks").click()
    await do_a_task(page)
    await page.get_by_test_id("section-reports").click()
    await open_a_figure(page)
    await read_what_is_behind_a_count(page)


async def test_reports_end_on_the_insurers_day_in_a_browser_that_is_behind_it(at_desk: Desk) -> None:  # noqa: F811
    page = await at_desk.sign_in("zhang.wei", zone="UTC")
    await page.clock.set_fixed_time("2026-11-30T16:30:00Z")
    await page.get_by_test_id("section-reports").click()
    await page.get_by_test_id("period-custom").click()
    await expect(page.get_by_test_id("since")).to_have_value("2026-12-01")
    await expect(page.get_by_test_id("until")).to_have_value("2026-12-01")


async def test_a_task_is_due_by_the_insurers_clock_in_a_browser_elsewhere(
    at_desk: Desk,  # noqa: F811
    session: AsyncSession,
) -> None:
    page = await at_desk.sign_in("zhang.wei", zone="America/New_York")
    await page.get_by_test_id("section-tasks").click()
    await page.get_by_test_id("task-new").click()
    await expect(page.get_by_test_id("moment-zone")).to_have_text("按本公司时区：中国标准时间")
    await page.get_by_test_id("task-summary").fill("给陈女士回电")
    await page.get_by_test_id("task-due").fill("2031-03-09T10:00")
    await picture(page, "task-due")
    await page.get_by_test_id("task-save").click()
    row = page.get_by_test_id("task-row").filter(has_text="给陈女士回电")
    await expect(row).to_contain_text("10:00")
    due = await session.scalar(select(Task.due_at).where(Task.summary == "给陈女士回电"))
    assert due == datetime(2031, 3, 9, 2, tzinfo=UTC)
    await row.get_by_test_id("task-edit").click()
    await expect(page.get_by_test_id("task-due")).to_have_value("2031-03-09T10:00")
