"""The page in a real browser: what a customer sees and does."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from limits import parse_many
from playwright.async_api import Browser, Page, expect

from backend.conversations.delivery import read_by_agent
from channels.web import limits
from tests.channels.web.browsing import needs_chromium, open_chat, picture, say
from tests.channels.web.visits import Chat, until

STORED = "SELECT text FROM inbound_messages ORDER BY seq"
pytestmark = needs_chromium


async def test_a_question_is_sent_answered_and_kept_over_a_reload(page: Page, chat: Chat) -> None:
    await say(page, "我的理赔到哪一步了")
    await expect(page.get_by_test_id("message-out")).to_have_text("我的理赔到哪一步了")
    await expect(page.locator("[data-state=sent]")).to_be_visible()
    await expect(page.get_by_test_id("typing")).to_be_visible()
    await chat.answer("正在审核，<b>预计</b>11月24日前有结果。")
    await expect(page.get_by_test_id("message-in")).to_have_text("正在审核，<b>预计</b>11月24日前有结果。")
    await expect(page.get_by_test_id("typing")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_test_id("message-out")).to_have_count(1)
    await expect(page.get_by_test_id("message-in")).to_have_count(1)
    states = await chat.rows("SELECT state FROM outbound_messages")
    assert states in ([("delivered",)], [("read",)])


async def test_a_quick_reply_is_used_once(page: Page, chat: Chat) -> None:
    await say(page, "你好")
    await until(lambda: _is_stored(chat, ["你好"]))
    await chat.answer("您想查什么？", buttons=[("查保单", "/query_policies"), ("查理赔", "/query_claim")])
    await page.get_by_test_id("quick-reply").filter(has_text="查保单").click()
    await expect(page.get_by_test_id("message-out").last).to_have_text("查保单")
    await expect(page.get_by_test_id("quick-reply")).to_have_count(0)
    await until(lambda: _is_stored(chat, ["你好", "查保单"]))


async def _is_stored(chat: Chat, texts: list[str]) -> bool:
    return [row.text for row in await chat.rows(STORED)] == texts


async def test_enter_that_ends_a_composition_does_not_send(page: Page, chat: Chat) -> None:
    composer = page.get_by_test_id("composer")
    await composer.fill("bao dan")
    await composer.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "keyCode": 229})
    await expect(page.get_by_test_id("message-out")).to_have_count(0)
    await composer.press("Shift+Enter")
    await expect(composer).to_have_value("bao dan\n")


async def test_what_is_written_offline_leaves_in_order_once_back(page: Page, chat: Chat) -> None:
    await say(page, "一")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    await page.context.set_offline(True)
    await page.evaluate("dispatchEvent(new Event('offline'))")
    await expect(page.get_by_test_id("status")).to_have_attribute("data-status", "offline", timeout=60_000)
    await say(page, "二")
    await say(page, "三")
    await page.context.set_offline(False)
    await until(lambda: _is_stored(chat, ["一", "二", "三"]), 30)
    await expect(page.get_by_test_id("message-out")).to_have_text(["一", "二", "三"])


async def test_an_identity_number_leaves_the_screen_once_it_is_stored(page: Page, chat: Chat) -> None:
    await say(page, "我的身份证号是 11010519491231002X")
    await expect(page.get_by_test_id("message-out")).to_have_text("我的身份证号是 [身份证号已加密]")


async def test_two_tabs_show_the_same(page: Page, chat: Chat) -> None:
    other = await page.context.new_page()
    await open_chat(other, chat)
    await say(page, "两个窗口")
    await expect(other.get_by_test_id("message-out")).to_have_text("两个窗口")
    await chat.answer("都看得到")
    for tab in (page, other):
        await expect(tab.get_by_test_id("message-in")).to_have_text("都看得到")


async def test_ending_the_session_empties_every_tab(page: Page, chat: Chat) -> None:
    other = await page.context.new_page()
    await open_chat(other, chat)
    await say(page, "秘密")
    await expect(other.get_by_test_id("message-out")).to_have_count(1)
    await page.get_by_test_id("composer").fill("not sent yet")
    await page.get_by_test_id("end-session").click()
    await page.get_by_test_id("end-session-confirm").click()
    for tab in (page, other):
        await expect(tab.get_by_test_id("message-out")).to_have_count(0)
        await expect(tab.get_by_test_id("composer")).to_have_value("")
    await page.reload()
    await expect(page.get_by_test_id("composer")).to_have_value("")
    await expect(page.get_by_test_id("suggestion")).to_have_count(4)


async def test_the_language_is_chosen_and_remembered(page: Page) -> None:
    await page.get_by_test_id("language-en").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Anda Insurance")
    await page.reload()
    await expect(page.get_by_test_id("composer")).to_have_attribute("placeholder", "Write your question")
    await page.get_by_test_id("language-zh").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("安答保险")


async def test_a_person_of_ours_types_and_reads(page: Page, chat: Chat) -> None:
    await say(page, "转人工")
    await expect(page.locator("[data-state=sent]")).to_be_visible()
    (row,) = await chat.rows("SELECT id FROM conversations")
    async with chat.app.state.database.session.begin() as session:
        await read_by_agent(session, row.id)
    notice = '{"type": "%s", "conversation": %d, "speaker": "agent", "seq": 1}'
    await chat.app.state.redis.publish("anda:live", notice % ("typing", row.id))
    await expect(page.locator("[data-testid=typing][data-speaker=agent]")).to_contain_text("客服正在输入")
    await chat.app.state.redis.publish("anda:live", notice % ("read", row.id))
    await expect(page.locator("[data-state=read]")).to_have_text("✓✓ 客服已读")
    await page.reload()
    await expect(page.locator("[data-state=read]")).to_be_visible()


async def test_what_is_out_of_view_is_not_read(page: Page, chat: Chat) -> None:
    await say(page, "你好")
    await expect(page.locator("[data-state=sent]")).to_be_visible()
    await chat.answer("长\n" * 60)

    async def states() -> list[str]:
        return [row.state for row in await chat.rows("SELECT state FROM outbound_messages ORDER BY id")]

    await until(lambda: _holds(states, ["read"]))
    await page.locator(".conversation").evaluate("list => list.scrollTo(0, 0)")
    await expect(page.get_by_test_id("message-in").first).to_be_in_viewport()
    await chat.answer("新的")
    await page.get_by_role("button", name="有新消息").wait_for()
    await until(lambda: _holds(states, ["read", "delivered"]))
    await page.get_by_role("button", name="有新消息").click()
    await until(lambda: _holds(states, ["read", "read"]))


async def _holds(states: Callable[[], Awaitable[list[str]]], expected: list[str]) -> bool:
    return await states() == expected


async def test_a_page_left_open_is_cleared_and_says_why(page: Page, chat: Chat) -> None:
    await say(page, "我的秘密")
    await expect(page.locator("[data-state=sent]")).to_be_visible()
    await chat.bind()
    await chat.web._visitors.expire()
    await chat.unbind()
    await expect(page.get_by_test_id("message-out")).to_have_count(0)
    await expect(page.get_by_test_id("notice")).to_contain_text("身份验证已到期")
    await page.get_by_role("button", name="知道了").click()
    await expect(page.get_by_test_id("notice")).to_be_hidden()


async def test_who_writes_too_fast_is_told_and_nothing_is_lost(
    page: Page, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MESSAGES", parse_many("2/4 seconds"))
    chat.web._limits = limits.Limits(chat.app.state.redis, is_on=True)
    for text in ("一", "二", "三"):
        await say(page, text)
    await expect(page.get_by_text("消息较多，稍后自动重发")).to_be_visible()
    await picture(page, "web-busy")
    await until(lambda: _is_stored(chat, ["一", "二", "三"]), 30)


async def test_a_card_shows_what_it_is_about_and_its_button_is_pressed(page: Page, chat: Chat) -> None:
    await say(page, "我的理赔")
    await expect(page.locator("[data-state=sent]")).to_be_visible()
    claim = {"title": "C2026000101", "kind": "claim", "badge": "审核中", "buttons": 1}
    link = {"title": "理赔需要哪些材料", "url": "https://insurer.example/claims"}
    bad = {"title": "坏链接", "url": "javascript:alert(1)"}
    await chat.answer(
        "这是您的理赔：", payload={"cards": [claim, bad], "link": link}, buttons=[("看进度", "/query_claim")]
    )
    await expect(page.get_by_test_id("card")).to_have_count(3)
    await expect(page.get_by_role("link", name="理赔需要哪些材料")).to_have_attribute("href", link["url"])
    await expect(page.get_by_role("link", name="坏链接")).to_have_count(0)
    await page.get_by_test_id("card-action").click()
    await until(lambda: _is_stored(chat, ["我的理赔", "看进度"]))


async def test_every_text_exists_in_every_language(page: Page) -> None:
    keys = await page.evaluate(
        "import('/static/web/texts.js').then(({TEXTS}) => Object.values(TEXTS).map(t => Object.keys(t).sort()))"
    )
    assert keys[0] == keys[1] == keys[2]


async def test_merging_history_keeps_order_and_drops_doubles(page: Page) -> None:
    merged: Any = await page.evaluate(
        """import('/static/web/messages.js').then(({merge}) => {
            const out = (id) => ({message_id: id, direction: 'out'});
            const mine = (id) => ({message_id: id, direction: 'in'});
            return merge([out('1'), mine('a'), out('2'), mine('b')], [mine('a'), out('2'), out('3')])
              .map((item) => item.message_id).join('');
        })"""
    )
    assert merged == "1a23b"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("device", "width", "height"), [("desktop", 1440, 900), ("phone", 390, 844)])
async def test_it_fits_the_screen(
    browser: Browser, chat: Chat, scheme: Any, device: str, width: int, height: int
) -> None:
    context = await browser.new_context(
        locale="zh-CN", viewport={"width": width, "height": height}, color_scheme=scheme
    )
    page = await context.new_page()
    await open_chat(page, chat)
    await picture(page, f"web-{device}-{scheme}-welcome")
    await say(page, "你好，我想查一下理赔")
    await expect(page.locator("[data-state=sent]")).to_be_visible()
    await chat.answer("您好，我是安答。为了保护您的信息，请先验证身份。")
    await chat.answer(
        "您的理赔 C2026000101 正在审核：\n• 报案日期：11月2日\n• 预计 11月24日 前有结果",
        payload={"link": {"title": "理赔需要哪些材料", "url": "https://insurer.example/claims"}},
    )
    await say(page, "转人工")
    await until(lambda: _are_stored(chat, 2))
    await chat.answer("您好，我是林晓，工单 T2026000012 由我跟进。", speaker="agent")
    await say(page, "Thank you! 身份证号是 11010519491231002X")
    await until(lambda: _are_stored(chat, 3))  # what is stored after a question would answer it
    await chat.answer("还需要什么帮助？", buttons=[("查保单", "/a"), ("下期保费", "/b"), ("没有了", "/c")])
    await expect(page.get_by_test_id("quick-reply")).to_have_count(3)
    await picture(page, f"web-{device}-{scheme}")
    overflow = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow == 0
    await context.close()


async def _are_stored(chat: Chat, count: int) -> bool:
    return bool((await chat.rows("SELECT count(*) FROM inbound_messages"))[0][0] == count)


async def test_the_policy_forbids_inline_script_and_style(page: Page, chat: Chat) -> None:
    response = await page.request.get(chat.url)
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    body = await response.text()
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", body)
