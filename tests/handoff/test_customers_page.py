"""Customers and change requests in a real browser: find, see, reveal, tag, log a call; confirm a change."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.changes.asking import Asker, ask
from backend.changes.models import ChangeKind
from backend.changes.schemas import AskContact, ContactDetails
from backend.core.audit import AuditEntry
from backend.core.crypto import Vault
from backend.customers.models import Customer
from tests.handoff import desk
from tests.handoff.test_page import Desk, at_desk, browser  # noqa: F401 - fixtures
from tests.handoff.test_page import picture as screenshot


async def open_section(at_desk: Desk, section: str, username: str = "zhang.wei") -> Page:  # noqa: F811
    page = await at_desk.open()
    await page.get_by_test_id("username").fill(username)
    await page.get_by_test_id("password").fill(desk.PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id(f"section-{section}").click()
    return page


async def test_a_person_from_the_search_to_a_logged_call(
    at_desk: Desk,  # noqa: F811
    session: AsyncSession,
    vault: Vault,
) -> None:
    page = await open_section(at_desk, "customers", "li.na")
    await page.get_by_test_id("customer-search").fill("wang fang")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("customer-row")).to_have_count(1)
    await page.get_by_test_id("customer-row").click()
    await expect(page.get_by_test_id("customer-title")).to_contain_text("王芳")
    await screenshot(page, "customer")

    wang = (await session.scalars(select(Customer).where(Customer.name == "王芳"))).one()
    number = wang.id_number(vault) or ""
    await expect(page.get_by_test_id("person")).not_to_contain_text(number)
    await page.get_by_test_id("reveal-id_number").click()
    await expect(page.get_by_test_id("person")).to_contain_text(number)

    await page.get_by_test_id("tag-input").fill("关注")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("tags")).to_contain_text("关注")
    await page.get_by_test_id("log").click()
    await page.get_by_test_id("log-text").fill("回电说明等待期")
    await page.get_by_test_id("log-save").click()
    await expect(page.get_by_test_id("record")).to_contain_text("回电说明等待期")
    await page.get_by_test_id("edit").click()
    # What only the service refuses stands at its field, and the rest stays as it was typed.
    await page.get_by_test_id("person-form").evaluate("form => (form.noValidate = true)")
    await page.locator("input[name=occupation]").fill("教师")
    await page.locator("input[name=email]").fill("wang.fang")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_test_id("wrong")).to_have_text("格式不对")
    await expect(page.locator("input[name=email]")).to_be_focused()
    await expect(page.locator("input[name=email]")).to_have_attribute("aria-invalid", "true")
    await screenshot(page, "customer-wrong")
    await page.locator("input[name=email]").fill("wang.fang@example.com")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_test_id("person")).to_contain_text("教师")
    acts = set(await session.scalars(select(AuditEntry.action)))
    assert acts >= {"customer.revealed", "customer.tagged", "interaction.logged", "customer.changed"}


async def test_a_supervisor_confirms_a_new_phone(
    at_desk: Desk,  # noqa: F811
    session: AsyncSession,
    vault: Vault,
) -> None:
    wang = (await session.scalars(select(Customer).where(Customer.name == "王芳"))).one()
    details = ContactDetails(field="phone", value="142 0000 0199")
    wish = AskContact(kind=ChangeKind.CONTACT, details=details)
    await ask(session, vault, ZoneInfo("Asia/Shanghai"), wang.id, wish, Asker())
    await session.commit()
    agent = await open_section(at_desk, "changes", "li.na")
    await agent.get_by_test_id("change-row").click()
    await expect(agent.get_by_text("此变更须由主管确认")).to_be_visible()
    await expect(agent.get_by_test_id("approve")).to_have_count(0)

    page = await open_section(at_desk, "changes")
    await page.get_by_test_id("change-row").click()
    await expect(page.get_by_test_id("change-title")).to_have_text("将联系手机改为 +86142****0199")
    await screenshot(page, "change")
    await page.get_by_test_id("approve").click()
    await screenshot(page, "change-approve")
    await page.get_by_test_id("approve-confirm").click()
    await expect(page.get_by_test_id("change-state")).to_have_text("已生效")
    await session.refresh(wang)
    assert wang.phone == "+8614200000199"
