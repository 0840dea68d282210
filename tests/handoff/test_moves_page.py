"""What an agent does with a ticket beside answering it, in a real browser; by keyboard where that is quicker."""

from __future__ import annotations

from playwright.async_api import expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock, live
from backend.core.crypto import Vault
from backend.tickets import opening
from backend.tickets.models import Satisfaction, Ticket, TicketKind
from tests.handoff.talk import ZONE
from tests.handoff.test_page import Desk, at_desk, browser, picture, pytestmark, row

__all__ = ["at_desk", "browser", "pytestmark"]


async def ticket_of(session: AsyncSession, kind: str) -> Ticket:
    return (await session.scalars(select(Ticket).where(Ticket.kind == kind))).one()


async def test_a_ticket_waits_gets_a_step_of_the_bot_and_changes_hands(at_desk: Desk) -> None:
    page = await at_desk.sign_in()
    await page.get_by_test_id("tab-mine").click()
    await row(page, "John Miller").click()
    await expect(page.get_by_test_id("brief")).to_contain_text("C2026900002")

    # The clocks stand still, and run again.
    await page.get_by_test_id("wait").wait_for()
    await page.keyboard.press("w")
    await expect(page.get_by_test_id("waiting")).to_contain_text("已停止计时")
    await expect(row(page, "John Miller")).to_contain_text("暂停计时")
    await picture(page, "waiting")
    await page.get_by_test_id("continue").click()
    await expect(page.get_by_test_id("waiting")).to_have_count(0)

    # The menu is reached and left without a mouse.
    await page.keyboard.press("m")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.get_by_test_id("menu-history")).to_be_focused()
    await picture(page, "more")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    await expect(page.get_by_test_id("more")).to_be_focused()

    # A step for the bot, called off.
    await page.keyboard.press("v")
    await picture(page, "step")
    await page.get_by_test_id("move-confirm").click()
    await expect(page.get_by_test_id("bot-step")).to_contain_text("请机器人核验身份")
    await picture(page, "bot-step")
    await page.get_by_test_id("cancel-step").click()
    await expect(page.get_by_test_id("bot-step")).to_have_count(0)
    await expect(page.get_by_test_id("conversation")).to_contain_text("请机器人核验身份：已叫停")

    # To another group, with a note; the ticket waits in the queue again.
    await page.keyboard.press("t")
    await page.get_by_role("dialog").get_by_text("保单服务组").click()
    await page.get_by_role("dialog").locator("textarea").fill("客户问的是保单条款")
    await picture(page, "transfer")
    await page.get_by_test_id("move-confirm").click()
    await expect(page.get_by_test_id("accept")).to_be_visible()
    await expect(page.get_by_test_id("conversation")).to_contain_text("李娜 转给保单服务组")

    # A supervisor hands it to whom they choose.
    boss = await at_desk.sign_in("zhang.wei")
    await row(boss, "John Miller").click()
    await boss.get_by_test_id("accept").wait_for()
    await boss.keyboard.press("o")
    await boss.get_by_role("dialog").get_by_text("李娜").click()
    await picture(boss, "assign")
    await boss.get_by_test_id("move-confirm").click()
    await expect(page.get_by_test_id("resolve")).to_be_visible()
    await expect(page.get_by_test_id("conversation")).to_contain_text("张伟 交给 李娜")
    await page.keyboard.press("h")
    await expect(page.get_by_test_id("history")).to_contain_text("客户问的是保单条款")
    await picture(page, "history")


async def test_two_tickets_of_one_person_become_one(
    at_desk: Desk, session: AsyncSession, vault: Vault
) -> None:
    dispute = await ticket_of(session, "dispute")
    other, _ = await opening.open_ticket(
        session, ZONE, dispute.conversation_id, TicketKind.CALLBACK, "Call back about the deductible"
    )
    await session.commit()
    page = await at_desk.sign_in()
    await row(page, "Call back").click()
    await page.get_by_test_id("more").click()
    await page.get_by_test_id("menu-merge").click()
    await page.get_by_role("dialog").get_by_text(dispute.number).click()
    await picture(page, "merge")
    await page.get_by_test_id("move-confirm").click()
    await expect(page.locator(".talk-head")).to_contain_text(dispute.number)
    await expect(page.get_by_test_id("conversation")).to_contain_text(f"并入 {other.number}")
    await page.get_by_test_id("tab-resolved").click()
    await row(page, "Call back").click()
    await page.get_by_test_id("merged-into").click()
    await expect(page.locator(".talk-head")).to_contain_text(dispute.number)


async def test_a_resolved_ticket_shows_the_rating_and_opens_again(
    at_desk: Desk, session: AsyncSession
) -> None:
    complaint = await ticket_of(session, "complaint")
    page = await at_desk.sign_in("zhang.wei")
    await row(page, "陈美").click()
    await expect(page.get_by_test_id("complaint")).to_contain_text("服务类 · 一般")
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("resolve").click()
    await page.get_by_test_id("resolve-confirm").click()
    await expect(page.locator(".talk-head")).to_contain_text("已解决")
    session.add(
        Satisfaction(
            ticket_id=complaint.id, asked_at=clock.now(), rating=2, rated_at=clock.now(), comment="等太久"
        )
    )
    await session.commit()
    await live.announce(at_desk.state.redis, "ticket", complaint.conversation_id, complaint.number)
    await expect(page.get_by_test_id("rating")).to_contain_text("2 分")
    await expect(page.get_by_test_id("rating")).to_contain_text("等太久")
    await picture(page, "rated")
    await page.get_by_test_id("more").click()
    await page.get_by_test_id("menu-reopen").click()
    await page.get_by_test_id("move-confirm").click()
    await expect(page.get_by_test_id("accept")).to_be_visible()
    await expect(page.locator(".talk-head")).to_contain_text("重开 1 次")
