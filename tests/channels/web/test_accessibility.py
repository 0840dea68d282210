"""WCAG 2.2 AA: axe-core over the page in every state, language, theme and size; and what it cannot see."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, expect

from tests.channels.web.browsing import DESKTOP, PHONE, needs_chromium, open_chat, picture, say, visiting
from tests.channels.web.sites import Site, open_widget
from tests.channels.web.uploading import choose, file
from tests.channels.web.visits import Chat

pytestmark = needs_chromium
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
CARDS = [
    {
        "kind": "claim", "title": "C2026000101", "subtitle": "安行家用车险", "badge": "审核中", "buttons": 1,
        "facts": [{"label": "报案日期", "value": "2026-11-02"}, {"label": "报案金额", "value": "¥3,200.00"}],
    },
    {"kind": "article", "title": "理赔需要哪些材料", "subtitle": "医疗险、意外险", "url": "https://insurer.example/a"},
]  # fmt: skip
LANGUAGES = {"zh-CN": "zh-Hans", "zh-TW": "zh-Hant", "en-GB": "en"}
LOOKS = [
    ("zh-CN", "light", "desktop"), ("zh-CN", "dark", "phone"), ("zh-TW", "light", "phone"),
    ("en-GB", "dark", "desktop"), ("en-GB", "light", "phone"),
]  # fmt: skip


def device(name: str) -> dict[str, Any]:
    return (
        {"viewport": PHONE, "has_touch": True, "is_mobile": True}
        if name == "phone"
        else {"viewport": DESKTOP}
    )


async def audit(page: Page, where: str) -> None:
    """No rule of WCAG 2.2 AA is broken, nor any best practice that axe knows."""
    await page.wait_for_timeout(300)  # colours in transition are nobody's colours
    results = await Axe().run(page, options=RULES)
    assert results.violations_count == 0, f"{where}: {results.generate_report()}"


async def a_conversation(page: Page, chat: Chat) -> None:
    """A bit of everything that a conversation may hold."""
    await say(page, "我的理赔到哪一步了")
    await expect(page.locator("[data-state=sent]")).to_be_visible()
    await chat.answer("正在审核，预计 11月24日 前有结果。")
    await chat.answer("详情：", payload={"cards": CARDS}, buttons=[("看进度", "/query_claim")])
    await choose(page, file())
    await expect(page.get_by_test_id("delivery")).to_have_count(2)
    await chat.answer("收到。", speaker="agent")
    await chat.answer("系统消息", speaker="system")
    await page.route("**/channels/web/uploads", lambda route: route.fulfill(status=415, body="{}"))
    await choose(page, file("发票扫描件.pdf", b"%PDF-", "application/pdf"))
    await expect(page.get_by_test_id("upload-failed")).to_be_visible()
    await chat.answer("还需要什么帮助？", buttons=[("查保单", "/a"), ("下期保费", "/b"), ("没有了", "/c")])
    await expect(page.get_by_test_id("quick-reply")).to_have_count(3)


@pytest.mark.parametrize(("locale", "scheme", "size"), LOOKS)
async def test_the_page_breaks_no_rule(
    browser: Browser, chat: Chat, locale: str, scheme: Any, size: str
) -> None:
    name = f"{size}-{scheme}-{LANGUAGES[locale]}"
    async with visiting(browser, locale=locale, color_scheme=scheme, **device(size)) as context:
        page = await context.new_page()
        await open_chat(page, chat)
        await picture(page, f"web-{name}-welcome")
        await audit(page, "welcome")
        await a_conversation(page, chat)
        await picture(page, f"web-{name}-end")
        await audit(page, "conversation")
        await page.get_by_test_id("card").first.scroll_into_view_if_needed()
        await picture(page, f"web-{name}-cards")
        await page.get_by_test_id("end-session").click()
        await picture(page, f"web-{name}-dialog")
        await audit(page, "dialog")


@pytest.mark.parametrize(("locale", "scheme", "size"), [LOOKS[0], LOOKS[1], LOOKS[3]])
async def test_the_widget_breaks_no_rule(
    browser: Browser,
    chat: Chat,
    site: Site,
    locale: str,
    scheme: Any,
    size: str,
) -> None:
    async with visiting(browser, locale=locale, color_scheme=scheme, **device(size)) as context:
        page = await context.new_page()
        site.language = locale
        await site.open(page)
        await audit(page, "closed")
        frame = await open_widget(page)
        await audit(page, "open")
        content = page.frames[1]
        await content.evaluate("1")
        await frame.get_by_test_id("composer").fill("你好")
        results = await Axe().run(content, options=RULES)
        assert results.violations_count == 0, results.generate_report()


async def test_uploads_on_their_way_and_notices_break_no_rule(browser: Browser, chat: Chat) -> None:
    async with visiting(browser, color_scheme="dark") as context:
        page = await context.new_page()
        await open_chat(page, chat)

        async def never(_: Route) -> None:
            return

        await page.route("**/channels/web/uploads", never)
        await choose(page, file(), file("2.pdf", b"%PDF-", "application/pdf"))
        await expect(page.get_by_test_id("upload")).to_have_count(2)
        await page.evaluate("import('/static/web/state.js').then(({notice}) => { notice.value = 'expired' })")
        await picture(page, "web-notice-dark")
        await audit(page, "uploading")
        await page.unroute("**/channels/web/uploads")


@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_everything_that_is_pressed_is_large_enough(browser: Browser, chat: Chat, size: str) -> None:
    """WCAG asks for 24 × 24 pixels; a finger gets 40 at least, but for words within a line."""
    async with visiting(browser, **device(size)) as context:
        page = await context.new_page()
        await open_chat(page, chat)
        await a_conversation(page, chat)
        boxes = await page.evaluate(
            """() => [...document.querySelectorAll("button, a:not(.skip), textarea")]
                .filter((it) => it.checkVisibility() && !it.closest("dialog:not([open])"))
                .map((it) => [it.className, it.getBoundingClientRect().width, it.getBoundingClientRect().height])"""
        )
        least = 40 if size == "phone" else 24
        small = [box for box in boxes if min(box[1:]) < (24 if "link" in box[0] else least) - 0.5]
        assert len(boxes) > 10
        assert [box for box in small if "languages" not in box[0] and box[0]] == []
        assert [box for box in small if min(box[1:]) < 24] == []


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page, chat: Chat) -> None:
    await a_conversation(page, chat)
    await page.locator(".skip").focus()
    reached = ["skip"]
    for _ in range(40):
        await page.keyboard.press("Tab")
        name, has_ring = await page.evaluate(
            """() => {
                const it = document.activeElement, ring = getComputedStyle(it).outlineStyle;
                const form = getComputedStyle(it.closest("form") ?? it).boxShadow;
                const name = it.dataset.testid || it.className || it.tagName;
                return [name, (it.id === "composer" ? form : ring) !== "none"];
            }"""
        )
        assert has_ring, name
        reached.append(name)
        if name == "composer":
            break
    for name in (
        "skip",
        "language-zh",
        "end-session",
        "conversation",
        "thumb",
        "card-action",
        "head",
        "upload-remove",
        "quick-reply",
        "tool ",
        "composer",
    ):
        assert name in reached, reached


async def test_a_choice_made_by_keyboard_leads_on_to_the_composer(page: Page, chat: Chat) -> None:
    await say(page, "你好")
    await expect(page.locator("[data-state=sent]")).to_be_visible()
    await chat.answer("查什么？", buttons=[("查保单", "/a")])
    await page.get_by_test_id("quick-reply").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def test_what_is_said_is_read_aloud_and_old_messages_are_not(page: Page, chat: Chat) -> None:
    log = page.get_by_role("log")
    await say(page, "你好")
    await expect(page.locator("[data-state=sent]")).to_be_visible()
    await chat.answer("您好")
    await expect(log).to_contain_text("您好")
    await expect(log).to_have_attribute("aria-live", "polite")
    frozen = await page.context.new_page()
    await frozen.add_init_script("WebSocket = class { constructor() {} close() {} }")
    await frozen.route("**/socket.io/**", lambda route: route.abort())
    await frozen.goto(chat.url)
    await expect(frozen.get_by_role("log")).to_have_attribute("aria-live", "off")
    await frozen.close()


async def test_nothing_moves_for_who_wants_no_motion(browser: Browser, chat: Chat) -> None:
    async with visiting(browser, reduced_motion="reduce") as context:
        page = await context.new_page()
        await open_chat(page, chat)
        await say(page, "你好")
        await expect(page.get_by_test_id("typing")).to_be_visible()
        moving = await page.evaluate(
            "document.getAnimations().filter((it) => it.playState === 'running').length"
        )
        assert moving == 0


@pytest.mark.parametrize("width", [320, 1280])
async def test_it_reflows_without_scrolling_sideways_at_any_width_and_text_size(
    browser: Browser, chat: Chat, width: int
) -> None:
    async with visiting(browser, viewport={"width": width, "height": 640}) as context:
        page = await context.new_page()
        await open_chat(page, chat)
        await a_conversation(page, chat)
        await page.add_style_tag(url="/static/web/chat.css")
        for size in ("100%", "200%"):
            await page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
            overflow = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow == 0
            assert await page.get_by_test_id("composer").is_visible()
        await picture(page, f"web-{width}-large-text")


async def test_the_audit_finds_what_is_wrong(page: Page) -> None:
    await page.evaluate(
        """() => {
            document.documentElement.style.setProperty("--muted", "#cccccc");
            document.querySelector("[data-testid=end-session]").removeAttribute("aria-label");
            document.querySelector("[data-testid=end-session]").removeAttribute("title");
        }"""
    )
    results = await Axe().run(page, options=RULES)
    assert {"color-contrast", "button-name"} <= {found["id"] for found in results.response["violations"]}
