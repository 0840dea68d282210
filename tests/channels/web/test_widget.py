"""The chat in other people's pages: a site on an origin of its own, with a strict policy of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.channels.web.browsing import DESKTOP, PHONE, needs_chromium, picture, visiting
from tests.channels.web.sites import Site, inside, launcher, open_widget
from tests.channels.web.visits import Chat, until

pytestmark = needs_chromium


@pytest_asyncio.fixture
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    async with visiting(browser, viewport=DESKTOP) as context:
        page = await context.new_page()
        await site.open(page)
        yield page


async def test_it_opens_in_another_sites_page_with_the_focus_where_one_writes(page: Page, chat: Chat) -> None:
    assert page.frames[1].url == "about:blank"  # nothing is loaded before the first use
    frame = await open_widget(page)
    await expect(frame.get_by_test_id("composer")).to_be_focused()
    await expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    await page.keyboard.type("我的理赔到哪一步了")
    await page.keyboard.press("Enter")
    await expect(frame.get_by_test_id("message-out")).to_have_text("我的理赔到哪一步了")
    await chat.answer("正在审核")
    await expect(frame.get_by_test_id("message-in")).to_have_text("正在审核")
    await picture(page, "web-widget")


async def test_escape_and_the_cross_close_it_and_give_the_focus_back(page: Page) -> None:
    frame = await open_widget(page)
    await expect(frame.get_by_test_id("composer")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("anda-chat section")).to_be_hidden()
    assert await page.evaluate("document.activeElement.shadowRoot.activeElement.tagName") == "BUTTON"
    await page.keyboard.press("Enter")
    await frame.get_by_test_id("close").click()
    await expect(page.locator("anda-chat section")).to_be_hidden()
    await expect(launcher(page)).to_have_attribute("aria-expanded", "false")


async def test_what_comes_while_it_is_closed_is_counted_and_read_once_open(page: Page, chat: Chat) -> None:
    frame = await open_widget(page)
    await page.keyboard.type("你好")
    await page.keyboard.press("Enter")
    await expect(frame.locator("[data-state=sent]")).to_be_visible()
    await page.keyboard.press("Escape")
    await chat.answer("第一条")
    await chat.answer("第二条")
    await expect(page.locator("anda-chat b")).to_have_text("2")
    await expect(page.locator("anda-chat [role=status]")).to_have_text("2 条新消息")
    await picture(page, "web-widget-unread")
    assert {row.state for row in await chat.rows("SELECT state FROM outbound_messages")} == {"delivered"}
    await launcher(page).click()
    await expect(page.locator("anda-chat b")).to_be_hidden()

    async def are_read() -> bool:
        return {row.state for row in await chat.rows("SELECT state FROM outbound_messages")} == {"read"}

    await until(are_read)


async def test_it_stays_open_on_the_sites_next_page(page: Page) -> None:
    frame = await open_widget(page)
    await page.keyboard.type("继续")
    await page.keyboard.press("Enter")
    await expect(frame.locator("[data-state=sent]")).to_be_visible()
    await page.get_by_role("link", name="Next page").click()
    await expect(inside(page).get_by_test_id("message-out")).to_have_text("继续")
    assert await page.evaluate("document.activeElement.tagName") == "BODY"  # it takes no focus by itself


async def test_on_a_phone_it_fills_the_screen(browser: Browser, site: Site) -> None:
    async with visiting(browser, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        page = await context.new_page()
        await site.open(page)
        await picture(page, "web-widget-phone-closed")
        frame = await open_widget(page)
        box = await page.locator("anda-chat section").bounding_box()
        assert box is not None
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
        await expect(launcher(page)).to_be_hidden()
        assert await page.evaluate("getComputedStyle(document.documentElement).overflowY") == "hidden"
        await picture(page, "web-widget-phone")
        await frame.get_by_test_id("close").click()
        await expect(launcher(page)).to_be_visible()
        assert await page.evaluate("getComputedStyle(document.documentElement).overflowY") != "hidden"


async def test_the_tag_names_language_side_and_label(page: Page, site: Site) -> None:
    site.language, site.options = "en", 'data-side="left" data-label="Ask us"'
    await site.open(page)
    await expect(launcher(page)).to_have_text("Ask us")
    box = await launcher(page).bounding_box()
    assert box is not None
    assert box["x"] == 20
    frame = await open_widget(page)
    await expect(frame.get_by_role("heading", level=1)).to_have_text("Anda Insurance")
    await picture(page, "web-widget-english")


async def test_the_site_can_open_it_and_hears_of_it(page: Page) -> None:
    await page.evaluate(
        """() => {
            window.told = [];
            for (const name of ["anda:open", "anda:close"])
              document.querySelector("anda-chat").addEventListener(name, () => told.push(name));
            AndaChat.open();
        }"""
    )
    await expect(inside(page).get_by_test_id("status")).to_have_attribute("data-status", "online")
    await page.evaluate("AndaChat.toggle()")
    assert await page.evaluate("told") == ["anda:open", "anda:close"]


async def test_a_site_that_is_not_listed_is_shown_the_way_to_the_chat(
    browser: Browser, site: Site, chat: Chat
) -> None:
    chat.app.state.settings = chat.app.state.settings.model_copy(update={"widget_origins": ""})
    context = await browser.new_context(locale="zh-CN")  # the browser reports the refused frame as an error
    page = await context.new_page()
    await page.clock.install()
    await site.open(page)
    await launcher(page).click()
    await page.clock.run_for(16_000)
    link = page.get_by_role("link", name="在新窗口打开")
    await expect(link).to_have_attribute("href", f"{chat.url}/")
    await context.close()


async def test_only_listed_sites_may_frame_the_chat(site: Site, chat: Chat, page: Page) -> None:
    policies = [
        (await page.request.get(f"{chat.url}/{query}")).headers["content-security-policy"]
        for query in ("?embed=1", "")
    ]
    assert f"frame-ancestors 'self' {site.url}" in policies[0]
    assert "frame-ancestors 'none'" in policies[1]
