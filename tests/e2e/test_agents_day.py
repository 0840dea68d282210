"""An agent's day, each step in a real browser: from the sign-in to the customer's rating on the report."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Product
from tests.e2e.people import PATIENCE, Console, Phone, WebChat, picture


def proves_who_they_are(chat: WebChat, phone: Phone) -> None:
    """赵敏 answers the bot's questions."""
    chat.hears("手机号")
    chat.say("14200000105")
    chat.hears("后四位|后4位|末四位")
    chat.say("4629")
    chat.hears("验证码")
    chat.say(phone.code())


def test_from_sign_in_to_the_report(product: Product, browser: Browser, page: Page) -> None:
    console = Console(browser, product.base_url, "he.jie")
    expect(console.page.get_by_role("status").filter(has_text="实时")).to_be_visible(timeout=PATIENCE)
    picture(console.page, "day-1-signed-in")

    # A customer, whom nobody knows yet, asks for a person; the agent takes the ticket and reads.
    chat = WebChat(page, product.base_url)
    chat.say("帮我转人工客服")
    number = re.findall(r"T\d{10}", chat.hears(r"T\d{10}"))[0]
    console.page.get_by_test_id("search").fill(number)
    waiting = console.page.locator(f'[data-number="{number}"]')
    expect(waiting).to_be_visible(timeout=PATIENCE)
    waiting.click()
    expect(console.page.get_by_test_id("customer-name")).to_have_text("还不知道是谁", timeout=PATIENCE)
    console.accept()
    console.page.get_by_test_id("search").fill("")
    console.sees("帮我转人工客服")
    console.reply("您好，我是何洁，请问有什么可以帮您？")
    chat.hears("我是何洁")
    chat.say("我想改一下受益人")
    console.sees("我想改一下受益人")
    picture(console.page, "day-2-replied")

    # Who it is, the bot finds out; the conversation stays the agent's.
    console.page.get_by_test_id("more").click()
    console.page.get_by_test_id("menu-verify_identity").click()
    console.page.get_by_test_id("move-confirm").click()
    expect(console.page.get_by_test_id("bot-step")).to_be_visible(timeout=PATIENCE)
    picture(console.page, "day-3-step-of-the-bot")
    proves_who_they_are(chat, Phone(browser, product.base_url, "赵敏", "sms"))
    talk = console.page.get_by_test_id("conversation")
    expect(talk).to_contain_text("请机器人核验身份：身份已核验", timeout=PATIENCE)
    expect(console.page.get_by_test_id("customer-name")).to_have_text("赵敏", timeout=PATIENCE)
    expect(console.page.get_by_test_id("identity-level")).to_have_text("已核验身份")

    # The masked number is shown on a click.
    shown = console.page.get_by_test_id("shown-phone")
    expect(shown).to_contain_text("*")
    console.page.get_by_test_id("reveal-phone").click()
    expect(shown).to_have_text(re.compile(r"142\s*0000\s*0105"), timeout=PATIENCE)
    picture(console.page, "day-4-revealed")

    # Resolved; the customer's answer comes back to the ticket, and the report has it.
    console.reply("受益人变更需要您填写申请，我已发起，稍后会有同事联系您。")
    chat.hears("我已发起")
    console.resolve()
    chat.hears("满意")
    page.get_by_test_id("quick-reply").get_by_text("非常满意", exact=True).click()
    chat.hears("谢谢您的评价")
    page.get_by_test_id("quick-reply").get_by_text("写一句", exact=True).click()
    chat.hears("请直接写下来")
    chat.say("何洁很耐心")
    chat.hears("您的意见已经记下")
    picture(page, "day-5-rated")
    rating = console.page.get_by_test_id("rating")
    expect(rating).to_contain_text("5 分", timeout=PATIENCE)
    expect(rating).to_contain_text("何洁很耐心", timeout=PATIENCE)
    picture(console.page, "day-6-rating-on-the-ticket")
    console.page.get_by_test_id("section-reports").click()
    console.page.get_by_test_id("figure-satisfaction").click()
    behind = console.page.get_by_test_id("report-row").filter(has_text=number)
    expect(behind).to_contain_text("5", timeout=PATIENCE)
    picture(console.page, "day-7-on-the-report")
