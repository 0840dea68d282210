"""The console in a real browser: sign in, accept, reply, note, resolve; pictures go to ANDA_SCREENSHOTS when set."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.intake import IncomingMessage, receive
from backend.conversations.models import OutboundMessage
from backend.core import live
from backend.core.access import Agent
from backend.core.crypto import Vault
from handoff import passwords
from tests.handoff import desk
from tests.handoff.conftest import Running
from tests.handoff.talk import channel_account

CHROMIUM = shutil.which("chromium") or ""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
DESKTOP, TABLET = {"width": 1440, "height": 900}, {"width": 1024, "height": 768}

LOOKS = [
    ("desktop-dark-zh", DESKTOP, "zh-CN", "dark"),
    ("desktop-light-en", DESKTOP, "en-GB", "light"),
    ("tablet-light-zh", {"width": 1180, "height": 820}, "zh-CN", "light"),
    ("upright-dark-en", {"width": 820, "height": 1180}, "en-GB", "dark"),
    ("phone-light-zh", {"width": 420, "height": 820}, "zh-CN", "light"),
]

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
expect.set_options(timeout=20_000)  # for all that import from here: the machine may be busy


@dataclass
class Desk:
    """The running api and a browser."""

    url: str
    state: Any
    browser: Browser
    problems: list[str]

    async def open(
        self,
        viewport: dict[str, int] = DESKTOP,
        language: str = "zh-CN",
        theme: str = "light",
        zone: str = "Asia/Shanghai",
    ) -> Page:
        context: BrowserContext = await self.browser.new_context(
            viewport=viewport, locale=language, color_scheme=theme, timezone_id=zone
        )
        page = await context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on(
            "console",
            lambda said: self.problems.append(said.text) if "Content Security" in said.text else None,
        )
        await page.goto(f"{self.url}/console")
        return page

    async def sign_in(self, username: str = "li.na", **how: Any) -> Page:
        page = await self.open(**how)
        await page.get_by_test_id("username").fill(username)
        await page.get_by_test_id("password").fill(desk.PASSWORD)
        await page.get_by_test_id("sign-in").click()
        await page.get_by_test_id("ticket-row").first.wait_for()
        return page


async def picture(page: Page, name: str) -> None:
    folder = os.environ.get("ANDA_SCREENSHOTS")
    if folder:
        await page.wait_for_timeout(400)
        await page.screenshot(path=Path(folder) / f"console-{name}.png")


def row(page: Page, text: str) -> Any:
    return page.get_by_test_id("ticket-row").filter(has_text=text)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def at_desk(
    running: Running, browser: Browser, session: AsyncSession, vault: Vault
) -> AsyncIterator[Desk]:
    await desk.fill(session, vault)
    problems: list[str] = []
    yield Desk(running.url, running.state, browser, problems)
    for context in browser.contexts:
        await context.close()
    assert problems == []


async def says(at_desk: Desk, session: AsyncSession, vault: Vault, text: str) -> None:
    """王芳 writes, as a connector stores it."""
    message = IncomingMessage(
        channel="wechat",
        account=channel_account("wechat"),
        sender=desk.WANG,
        external_id=text,
        text=text,
    )
    receipt = await receive(session, vault, message)
    await session.commit()
    await live.announce(at_desk.state.redis, "interaction", receipt.conversation_id)


async def test_an_agents_morning(at_desk: Desk, session: AsyncSession, vault: Vault) -> None:
    page = await at_desk.open()
    await picture(page, "sign-in")
    await page.get_by_test_id("username").fill("li.na")
    await page.get_by_test_id("password").fill("wrong")
    await page.get_by_test_id("sign-in").click()
    await expect(page.get_by_role("alert")).to_contain_text("不正确")
    await page.get_by_test_id("password").fill(desk.PASSWORD)
    await page.get_by_test_id("sign-in").click()

    # The urgent case stands first; the stranger is shown as one.
    await expect(page.get_by_test_id("queue")).to_be_visible()
    await expect(page.get_by_test_id("ticket-row").first).to_contain_text("赵国强")
    await expect(page.get_by_test_id("presence")).to_contain_text("李娜")
    await expect(page.get_by_role("status").filter(has_text="实时")).to_be_visible()

    # Reading, and who it is.
    await row(page, "王芳").click()
    await expect(page.get_by_test_id("customer-name")).to_have_text("王芳")
    await expect(page.get_by_test_id("identity-level")).to_have_text("已核验身份")
    await expect(page.get_by_test_id("conversation")).to_contain_text("银行卡号已隐藏")
    await expect(page.locator(".person")).to_contain_text("医疗费发票原件")
    await expect(page.locator(".person")).to_contain_text("应缴 ¥6,800")
    await expect(page.locator(".person")).not_to_contain_text("999999199001")
    await picture(page, "queue")

    # Accepting, replying, and hearing the customer without a reload.
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("tab-mine")).to_have_attribute("aria-selected", "true")
    await page.get_by_test_id("reply").fill("您好，我是李娜。复印件加单位盖章的分割单可以代替原件。")
    await page.get_by_test_id("reply").press("Enter")
    sent = page.get_by_test_id("bubble").filter(has_text="分割单可以代替")
    await expect(sent).to_have_count(1)
    await expect(sent).to_contain_text("待发送")
    await says(at_desk, session, vault, "太好了，我明天去盖章")
    await expect(page.get_by_test_id("bubble").filter(has_text="明天去盖章")).to_be_visible()
    stored = list(
        await session.scalars(select(OutboundMessage.text).where(OutboundMessage.agent_id.is_not(None)))
    )
    assert stored.count("您好，我是李娜。复印件加单位盖章的分割单可以代替原件。") == 1
    await picture(page, "talking")

    # A note is for colleagues; resolving asks once and gives back to the bot.
    await page.get_by_test_id("note-toggle").click()
    await page.get_by_test_id("reply").fill("客户明天补交分割单")
    await page.get_by_test_id("send-reply").click()
    await expect(page.get_by_test_id("note")).to_contain_text("客户明天补交分割单")
    await page.get_by_test_id("resolve").click()
    await picture(page, "resolve")
    await page.get_by_test_id("resolve-confirm").click()
    await expect(page.locator(".talk-head")).to_contain_text("已解决")
    await expect(page.get_by_test_id("reply")).to_have_count(0)


async def test_the_keyboard_is_enough(at_desk: Desk) -> None:
    page = await at_desk.sign_in()
    await page.keyboard.press("j")
    await expect(page.get_by_test_id("ticket-row").first).to_have_attribute("aria-current", "true")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await expect(page.get_by_test_id("accept")).to_be_visible()
    await page.keyboard.press("a")
    await expect(page.get_by_test_id("resolve")).to_be_visible()
    await page.keyboard.press("r")
    await page.keyboard.type("j k a 1")
    await expect(page.get_by_test_id("reply")).to_have_value("j k a 1")
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("键盘快捷键")
    await picture(page, "help")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_drafts_stay_with_their_ticket_and_input_methods_do_not_send(at_desk: Desk) -> None:
    page = await at_desk.sign_in()
    await page.get_by_test_id("tab-mine").click()
    await row(page, "John Miller").click()
    reply = page.get_by_test_id("reply")
    await reply.fill("draft for John")
    await reply.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(reply).to_have_value("draft for John")
    await page.get_by_test_id("tab-queue").click()
    await row(page, "陈美").click()
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("reply")).to_have_value("")
    await row(page, "John Miller").click()
    await expect(page.get_by_test_id("reply")).to_have_value("draft for John")


async def test_a_reply_survives_a_failing_network_and_arrives_once(
    at_desk: Desk, session: AsyncSession
) -> None:
    page = await at_desk.sign_in()
    await page.get_by_test_id("tab-mine").click()
    await row(page, "John Miller").click()
    tries = 0

    async def fail_after_the_server_had_it(route: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/reply", fail_after_the_server_had_it)
    await page.get_by_test_id("reply").fill("Only once, please.")
    async with page.expect_response("**/reply"):  # of the second try: the first has none
        await page.get_by_test_id("send-reply").click()
        bubble = page.get_by_test_id("bubble").filter(has_text="Only once, please.")
        await expect(bubble).to_have_count(1)
    await expect(bubble).to_contain_text("待发送")
    await expect(bubble).to_have_count(1)
    stored = await session.scalars(
        select(OutboundMessage).where(OutboundMessage.text == "Only once, please.")
    )
    assert len(list(stored)) == 1
    assert tries == 2


async def test_two_agents_at_once_one_wins_and_the_other_is_told(at_desk: Desk) -> None:
    first, second = await at_desk.sign_in(), await at_desk.sign_in("zhang.wei")
    for page in (first, second):
        await row(page, "陈美").click()
        await page.get_by_test_id("accept").wait_for()
    is_cut_off = True

    async def learn_nothing_before_accepting(route: Any) -> None:
        nonlocal is_cut_off
        is_cut_off = is_cut_off and route.request.method == "GET"
        await (route.abort() if is_cut_off else route.continue_())

    await second.route(re.compile("/api/v1/tickets"), learn_nothing_before_accepting)
    await first.get_by_test_id("accept").click()
    await expect(first.get_by_test_id("resolve")).to_be_visible()
    await second.get_by_test_id("accept").click()
    await expect(second.get_by_test_id("toast")).to_contain_text("已被其他坐席接手")
    await expect(second.locator(".talk-foot")).to_contain_text("李娜")


async def test_the_page_goes_on_without_live_updates(
    at_desk: Desk, session: AsyncSession, vault: Vault
) -> None:
    page = await at_desk.open()
    await page.route("**/socket.io/**", lambda route: route.abort())
    await page.get_by_test_id("username").fill("li.na")
    await page.get_by_test_id("password").fill(desk.PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await row(page, "王芳").click()
    await expect(page.get_by_role("status").filter(has_text="重连中")).to_be_visible()
    await says(at_desk, session, vault, "没有实时连接也看得到")
    await expect(page.get_by_test_id("bubble").filter(has_text="没有实时连接也看得到")).to_be_visible()


async def test_an_auditor_reads_and_cannot_act(at_desk: Desk) -> None:
    page = await at_desk.sign_in("auditor")
    await row(page, "王芳").click()
    await expect(page.locator(".talk-foot")).to_contain_text("查看权限")
    await expect(page.get_by_test_id("accept")).to_have_count(0)
    await expect(page.get_by_test_id("reply")).to_have_count(0)


async def test_signing_out_leaves_nothing_behind(at_desk: Desk) -> None:
    page = await at_desk.sign_in()
    await row(page, "王芳").click()
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.get_by_test_id("username")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_an_authenticator_code_is_asked_for(at_desk: Desk, session: AsyncSession, vault: Vault) -> None:
    totp = pyotp.TOTP(pyotp.random_base32())
    sealed = vault.seal(totp.secret, passwords.TOTP_SECRET)
    await session.execute(update(Agent).where(Agent.username == "li.na").values(totp_sealed=sealed))
    await session.commit()
    page = await at_desk.open()
    await page.get_by_test_id("username").fill("li.na")
    await page.get_by_test_id("password").fill(desk.PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await expect(page.get_by_test_id("otp")).to_be_focused()
    await picture(page, "otp")
    await page.get_by_test_id("otp").fill(totp.now())
    await page.get_by_test_id("sign-in").click()
    await expect(page.get_by_test_id("ticket-row").first).to_be_visible()


async def test_nothing_overflows(at_desk: Desk) -> None:
    for name, viewport, language, theme in LOOKS:
        page = await at_desk.sign_in(viewport=viewport, language=language, theme=theme)
        await picture(page, f"{name}-list")
        await page.get_by_test_id("tab-mine").click()
        await row(page, "John Miller").click()
        await page.get_by_test_id("reply").fill(
            "I will send you the statement by post; it shows the deductible."
        )
        await expect(page.get_by_test_id("customer-name")).to_have_count(1)
        await picture(page, name)
        if viewport["width"] <= 1180:
            await page.locator(".customer-toggle").click()
            await expect(page.get_by_test_id("customer-name")).to_be_visible()
            await picture(page, f"{name}-customer")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
