"""Change requests and claims in a real browser, worked on beside the conversation that they are about."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.changes.asking import Asker, ask
from backend.changes.models import ChangeKind, ChangeRequest
from backend.changes.schemas import AskContact, AskSurrender, ContactDetails
from backend.core.access import Agent
from backend.core.crypto import Vault
from backend.customers.models import Customer
from tests.handoff.test_composer_page import with_wang
from tests.handoff.test_page import LOOKS, Desk, at_desk, browser, picture, pytestmark

__all__ = ["at_desk", "browser", "pytestmark"]

ADDRESS = "上海市浦东新区世纪大道 100 号"


async def some_wishes(session: AsyncSession, vault: Vault) -> Customer:
    """王芳 asks for a new phone; 张伟, in her name, for a new address and a surrender."""
    wang = (await session.scalars(select(Customer).where(Customer.name == "王芳"))).one()
    boss = (await session.scalars(select(Agent.id).where(Agent.username == "zhang.wei"))).one()
    phone = ContactDetails(field="phone", value="142 0000 0199")
    address = ContactDetails(field="address", value=ADDRESS)
    wishes = [
        (AskContact(kind=ChangeKind.CONTACT, details=phone), Asker()),
        (AskContact(kind=ChangeKind.CONTACT, details=address), Asker(agent_id=boss)),
        (AskSurrender(kind=ChangeKind.SURRENDER, policy_number="P2024900002"), Asker(agent_id=boss)),
    ]
    for wish, asker in wishes:
        await ask(session, vault, ZoneInfo("Asia/Shanghai"), wang.id, wish, asker)
    await session.commit()
    return wang


async def open_change(page: Page, number: str) -> None:
    await page.get_by_test_id(f"open-change-{number}").click()
    await expect(page.get_by_test_id("change-state")).to_have_text("待确认")


async def decide_the_changes(page: Page, phone: str, address: str, surrender: str) -> None:
    await open_change(page, phone)
    await expect(page.get_by_test_id("change-before")).to_contain_text("+86140****0001")
    await expect(page.get_by_test_id("change-after")).to_contain_text("+86142****0199")
    await expect(page.get_by_test_id("beside-back")).to_be_focused()
    await picture(page, "beside-change")
    await page.get_by_test_id("approve").click()
    await picture(page, "beside-approve")
    await page.get_by_test_id("approve-confirm").click()
    await expect(page.get_by_test_id("change-state")).to_have_text("已生效")
    await page.get_by_test_id("beside-back").click()
    await expect(page.get_by_test_id("open-change")).to_have_count(2)

    await open_change(page, address)
    await page.get_by_test_id("decline").click()
    await page.get_by_test_id("decline-confirm").click()
    await expect(page.get_by_test_id("change-state")).to_have_text("待确认")  # a reason is needed
    await page.get_by_test_id("decline-reason").select_option("withdrawn")
    await picture(page, "beside-decline")
    await page.get_by_test_id("decline-confirm").click()
    await expect(page.get_by_test_id("change-state")).to_have_text("已拒绝")
    await expect(page.get_by_test_id("beside")).to_contain_text("客户撤回")
    await page.get_by_test_id("beside-back").focus()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("open-change")).to_have_count(1)

    # Four eyes: nobody confirms a surrender that they asked for themselves.
    await open_change(page, surrender)
    await page.get_by_test_id("approve").click()
    await page.get_by_test_id("approve-confirm").click()
    await expect(page.get_by_test_id("refusal")).to_contain_text("另一位主管")
    await picture(page, "beside-refused")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_test_id("beside-back").click()


async def advance_the_claim(page: Page) -> None:
    opens = page.get_by_test_id("open-claim").get_by_role("button", name="C2026900001")
    await opens.click()
    await expect(page.get_by_test_id("claim-stage").first).to_have_text("审核中")
    await picture(page, "beside-claim")
    await page.get_by_test_id("move-investigating").click()
    await page.get_by_test_id("claim-confirm").click()
    await expect(page.get_by_test_id("refusal")).to_contain_text("材料不齐")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_test_id("move-awaiting_documents").click()
    await page.get_by_role("dialog").get_by_label("备注").fill("还缺发票和身份证明")
    await picture(page, "beside-claim-move")
    await page.get_by_test_id("claim-confirm").click()
    await expect(page.get_by_test_id("claim-stage").first).to_have_text("待补材料")
    await page.get_by_test_id("beside-back").click()
    await expect(page.get_by_test_id("open-claim")).to_contain_text("待补材料")
    await expect(opens).to_be_focused()


async def report_a_claim(page: Page) -> None:
    await page.get_by_test_id("report-claim").click()
    policy = page.get_by_test_id("draft-policy_number")
    await policy.locator("option").nth(1).wait_for(state="attached")
    await policy.select_option(label=await policy.locator("option", has_text="车险").first.inner_text())
    await page.get_by_test_id("draft-type").select_option("auto_damage")
    await page.get_by_test_id("draft-description").fill("地下车库倒车剐蹭石柱")
    await picture(page, "beside-report")
    # Away in the middle of it, and back: nothing is typed twice.
    await page.get_by_test_id("beside-back").click()
    await page.get_by_test_id("part-claims").get_by_role("button", name="继续").click()
    await expect(page.get_by_test_id("draft-description")).to_have_value("地下车库倒车剐蹭石柱")
    await page.get_by_test_id("draft-incident_date").fill(str(date.today() - timedelta(days=1)))
    await page.get_by_test_id("draft-report").click()
    await expect(page.get_by_test_id("claim-title")).to_contain_text("车")
    await expect(page.get_by_test_id("claim-stage").first).to_have_text("待补材料")
    await picture(page, "beside-reported")


async def test_changes_and_claims_are_worked_on_beside_the_conversation(
    at_desk: Desk,
    session: AsyncSession,
    vault: Vault,
) -> None:
    wang = await some_wishes(session, vault)
    numbers = await session.scalars(select(ChangeRequest.number).order_by(ChangeRequest.id))
    page = await with_wang(at_desk)
    await decide_the_changes(page, *numbers)
    await advance_the_claim(page)
    await report_a_claim(page)
    await expect(page.get_by_test_id("conversation")).to_contain_text("在吗？")
    await page.get_by_test_id("beside-back").click()
    await expect(page.get_by_test_id("open-claim")).to_have_count(2)
    await session.refresh(wang)
    assert wang.phone == "+8614200000199"


async def test_the_work_beside_the_conversation_fits_every_screen(at_desk: Desk) -> None:
    for name, viewport, language, theme in LOOKS:
        page = await at_desk.sign_in(viewport=viewport, language=language, theme=theme)
        await page.get_by_test_id("tab-mine").click()
        await page.get_by_test_id("ticket-row").filter(has_text="John Miller").click()
        await page.get_by_test_id("brief").get_by_role("button", name="C2026900002").click()
        await expect(page.get_by_test_id("claim-title")).to_contain_text("C2026900002")
        await picture(page, f"beside-{name}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
