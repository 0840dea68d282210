"""The composer's tools and the customer's column in a real browser: what an agent writes with, and works from."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import OutboundFile, OutboundMessage
from backend.core.audit import AuditEntry
from backend.core.crypto import Vault
from backend.customers.models import Customer
from backend.tasks.models import Task
from tests.channels.web.uploading import PDF, a_picture
from tests.handoff.test_page import LOOKS, Desk, at_desk, browser, picture, row, says  # noqa: F401 - fixtures

PASSAGE = "发票原件被单位收走的，可以用复印件加单位盖章的分割单代替。"
ARTICLE = {"article": "invoice-copy", "language": "zh", "title": "发票分割单"}
HIT = ARTICLE | {"score": 0.91, "passage": PASSAGE, "evidence": {}}
JPEG, SHEET = ("发票.jpg", "image/jpeg", a_picture(900, 640)), ("分割单.pdf", "application/pdf", PDF)


def file(name: str, kind: str, data: bytes) -> Any:
    return {"name": name, "mimeType": kind, "buffer": data}


@pytest.fixture
async def asked(at_desk: Desk) -> AsyncIterator[list[str]]:  # noqa: F811
    """A knowledge service that knows of invoices alone; gives what it was asked."""
    questions: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        query = json.loads(request.content)["query"]
        questions.append(query)
        fits = "发票" in query
        found = {"fits": fits, "threshold": 0.6, "index": "1", "hits": [HIT] if fits else []}
        return httpx.Response(200, json=found)

    real = at_desk.state.http
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as at_desk.state.http:
        yield questions
    at_desk.state.http = real


async def with_wang(at_desk: Desk, **how: Any) -> Page:  # noqa: F811
    """A supervisor who has 王芳's ticket."""
    page = await at_desk.sign_in("zhang.wei", **how)
    await row(page, "王芳").click()
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("reply")).to_be_visible()
    return page


async def test_a_canned_reply_is_written_found_filled_and_sent(
    at_desk: Desk,  # noqa: F811
    asked: list[str],
    session: AsyncSession,
) -> None:
    page = await with_wang(at_desk)
    reply = page.get_by_test_id("reply")
    await reply.press("/")
    await expect(page.get_by_test_id("picker")).to_contain_text("还没有常用回复")
    await page.get_by_test_id("manage-canned").click()
    await page.get_by_test_id("add-canned").click()
    form = page.get_by_test_id("canned-form")
    for name, words in {
        "shortcut": "split",
        "title_zh": "分割单说明",
        "title_en": "Split invoice",
        "text_zh": "{surname}女士您好，理赔 {claim} 请补交分割单，保单 {policy}。",
        "text_en": "Dear {surname}, claim {claim} still needs the statement for {policy}.",
    }.items():
        await form.locator(f"[name={name}]").fill(words)
    await picture(page, "canned-form")
    await page.get_by_test_id("save-canned").click()
    await expect(page.get_by_test_id("canned-row")).to_contain_text("分割单说明")
    await picture(page, "canned-list")
    await page.keyboard.press("Escape")

    # A slash opens the list; the keyboard of an input method does not choose.
    await reply.fill("")
    await reply.press("/")
    query = page.get_by_test_id("picker-query")
    await query.fill("分割")
    await expect(page.get_by_test_id("pick")).to_have_count(1)
    await query.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(page.get_by_test_id("picker")).to_be_visible()
    await picture(page, "canned-picker")
    await query.press("Enter")
    await expect(reply).to_have_value("王女士您好，理赔 C2026900001 请补交分割单，保单 {policy}。")

    # What nothing is known for is marked, and nothing leaves before it is filled.
    await expect(page.get_by_test_id("unfilled")).to_contain_text("保单号")
    await expect(page.get_by_test_id("send-reply")).to_be_disabled()
    await reply.press("Enter")
    await picture(page, "canned-unfilled")
    await page.get_by_test_id("unfilled").get_by_role("button").click()
    await page.keyboard.type("P2026900001")
    await expect(page.get_by_test_id("unfilled")).to_have_count(0)
    await reply.press("Enter")
    await expect(page.get_by_test_id("bubble").filter(has_text="保单 P2026900001")).to_contain_text("待发送")

    # The other language, by the mouse.
    await page.get_by_test_id("tool-canned").click()
    await page.get_by_test_id("pick-other").click()
    await expect(reply).to_have_value("Dear 王, claim C2026900001 still needs the statement for {policy}.")
    sent = await session.scalars(select(OutboundMessage.text).where(OutboundMessage.agent_id.is_not(None)))
    assert [text for text in sent if "分割单，保单" in text] == [
        "王女士您好，理赔 C2026900001 请补交分割单，保单 P2026900001。"
    ]


async def test_the_articles_answer_by_search_and_by_suggestion(
    at_desk: Desk,  # noqa: F811
    asked: list[str],
    session: AsyncSession,
    vault: Vault,
) -> None:
    page = await with_wang(at_desk)
    reply = page.get_by_test_id("reply")
    suggestion = page.get_by_test_id("suggestion")
    await expect(suggestion).to_contain_text(
        "分割单代替"
    )  # the bot did not know, and the customer wrote last
    assert not any("6222" in question for question in asked)
    await picture(page, "suggestion")
    await page.get_by_test_id("take-suggestion").click()
    await expect(reply).to_have_value(f"{PASSAGE}\n（来源：《发票分割单》）")
    await expect(suggestion).to_have_count(0)
    await reply.press("Enter")
    await expect(page.get_by_test_id("bubble").filter(has_text="来源：《发票分割单》")).to_be_visible()

    await reply.fill("您好，")
    await reply.press("Control+k")
    query = page.get_by_test_id("picker-query")
    await query.fill("犹豫期")
    await query.press("Enter")
    await expect(page.get_by_test_id("picker")).to_contain_text("没有能回答的内容")
    await query.fill("发票复印件行吗")
    await query.press("Enter")
    await expect(page.get_by_test_id("pick")).to_contain_text("可直接回答")
    await picture(page, "knowledge")
    await query.press("Enter")
    await expect(reply).to_have_value(f"您好，\n{PASSAGE}\n（来源：《发票分割单》）")

    # Asked for when there is nothing, and when the service is away.
    await says(at_desk, session, vault, "好的，明白了谢谢")
    await expect(page.get_by_test_id("bubble").filter(has_text="明白了")).to_be_visible()
    await page.get_by_test_id("suggest").click()
    await expect(page.get_by_test_id("toast").filter(has_text="没有适合")).to_be_visible()
    down = httpx.MockTransport(lambda request: httpx.Response(502))
    async with httpx.AsyncClient(transport=down) as at_desk.state.http:
        await page.get_by_test_id("suggest").click()
        await expect(page.get_by_test_id("toast").filter(has_text="知识服务没有响应")).to_be_visible()


async def test_files_leave_with_the_reply_and_stay_in_the_conversation(
    at_desk: Desk,  # noqa: F811
    asked: list[str],
    session: AsyncSession,
) -> None:
    page = await with_wang(at_desk)
    choose = page.get_by_test_id("attach-input")
    await choose.set_input_files([file("病历.docx", "application/msword", b"x")])
    await expect(page.get_by_test_id("toast").filter(has_text="不能发送")).to_be_visible()
    await choose.set_input_files([file(*JPEG), file(*SHEET)])
    await expect(page.get_by_test_id("attached").get_by_role("listitem")).to_have_count(2)
    await page.get_by_test_id("reply").fill("这是分割单的样本。")
    await picture(page, "attached")
    tries = 0

    async def fail_after_the_server_had_it(route: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/files", fail_after_the_server_had_it)
    await page.get_by_test_id("send-reply").click()
    await expect(page.get_by_test_id("attached")).to_have_count(0)
    shown = page.get_by_test_id("picture")
    await expect(shown).to_have_count(1)
    await expect(page.get_by_test_id("conversation").get_by_role("link", name="分割单.pdf")).to_be_visible()
    assert tries == 3
    names = await session.scalars(select(OutboundFile.file_name).order_by(OutboundFile.outbound_id))
    assert list(names) == ["发票.jpg", "分割单.pdf"]

    # A screenshot that is pasted, what the server finds wrong, and another tab after a reload.
    await page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["no picture at all"], "shot.png", { type: "image/png" }));
            document.getElementById("compose").dispatchEvent(
              new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
        }"""
    )
    await expect(page.get_by_test_id("attached")).to_contain_text("shot.png")
    await page.get_by_test_id("send-reply").click()
    await expect(page.get_by_test_id("toast").filter(has_text="shot.png")).to_be_visible()
    await expect(page.get_by_test_id("conversation")).to_contain_text("未发出")
    await picture(page, "files")
    other = await page.context.new_page()
    await other.goto(page.url)
    await other.get_by_test_id("tab-mine").click()
    await row(other, "王芳").click()
    await expect(other.get_by_test_id("picture")).to_have_count(1)
    assert await other.get_by_test_id("picture").evaluate("one => one.complete || one.decode()") is not False
    await other.get_by_test_id("picture").click()
    await expect(other.get_by_role("dialog").get_by_role("img")).to_be_visible()


async def test_the_customers_column_is_worked_from(
    at_desk: Desk,  # noqa: F811
    asked: list[str],
    session: AsyncSession,
    vault: Vault,
) -> None:
    page = await with_wang(at_desk)
    column = page.locator(".person")
    await expect(page.get_by_test_id("part-policies")).to_contain_text("应缴 ¥6,800")
    await expect(page.get_by_test_id("open-claim")).to_contain_text("等客户补材料")
    await expect(column).to_contain_text("同意")
    wang = (await session.scalars(select(Customer).where(Customer.name == "王芳"))).one()
    number = wang.id_number(vault) or ""
    await expect(column).not_to_contain_text(number)
    await page.clock.install()
    await page.get_by_test_id("reveal-id_number").click()
    await expect(page.get_by_test_id("shown-id_number")).to_have_text(number)
    await page.clock.run_for(62_000)
    await expect(column).not_to_contain_text(number)
    actions = await session.scalars(
        select(AuditEntry.action).where(AuditEntry.target == f"customer:{wang.id}")
    )
    assert list(actions).count("customer.revealed") == 1

    await page.get_by_test_id("new-task").click()
    await page.get_by_test_id("task-summary").fill("回电说明分割单")
    await picture(page, "panel-task")
    await page.get_by_test_id("task-save").click()
    await expect(page.get_by_test_id("task")).to_contain_text("回电说明分割单")
    task = (await session.scalars(select(Task))).one()
    assert (task.kind, task.customer_id, task.ticket_id is not None) == ("callback", wang.id, True)
    await page.get_by_test_id("close-task").click()
    await page.get_by_test_id("task-outcome").fill("已回电")
    await page.get_by_test_id("task-done").click()
    await expect(page.get_by_test_id("task")).to_have_count(0)


async def test_the_tools_fit_every_screen(at_desk: Desk, asked: list[str]) -> None:  # noqa: F811
    for name, viewport, language, theme in (LOOKS[0], LOOKS[3], LOOKS[4]):
        page = await at_desk.sign_in(viewport=viewport, language=language, theme=theme)
        await page.get_by_test_id("tab-mine").click()
        await row(page, "John Miller").click()
        await page.get_by_test_id("attach-input").set_input_files([file(*JPEG), file(*SHEET)])
        await page.get_by_test_id("reply").fill("Claim {claim}")
        await page.get_by_test_id("tool-knowledge").click()
        await page.get_by_test_id("picker-query").fill("发票")
        await page.get_by_test_id("knowledge-search").click()
        await expect(page.get_by_test_id("pick")).to_have_count(1)
        await picture(page, f"tools-{name}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
