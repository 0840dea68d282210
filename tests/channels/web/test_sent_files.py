"""Files that agents send in the web chat: shown in every tab and after a reload, to this session's person alone."""

from __future__ import annotations

import httpx
from playwright.async_api import Browser, expect

from backend.conversations.outgoing import Attachment
from backend.core import files
from tests.channels.web.browsing import needs_chromium, open_chat, picture, say, visiting
from tests.channels.web.uploading import PDF, a_picture
from tests.channels.web.visits import Chat, Visit, until


async def send(chat: Chat, data: bytes, name: str) -> int:
    """As an agent sends it; gives the message's id."""
    attachment = Attachment(files.keep(chat.app.state.settings.data_dir, data), name)
    return await chat.answer("", speaker="agent", attachment=attachment)


async def fetch(chat: Chat, token: str | None, outbound_id: int, size: str = "full") -> httpx.Response:
    headers = {"X-Anda-Session": token} if token else {}
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False) as client:
        return await client.get(f"/channels/web/files/{outbound_id}", params={"size": size}, headers=headers)


async def test_every_tab_and_a_reload_show_the_file(chat: Chat) -> None:
    visit = await chat.visit()
    tab = await chat.visit(visit.token)
    await visit.say("请把分割单发给我")
    outbound_id = await send(chat, a_picture(1200, 900), "分割单.jpg")
    await until(lambda: bool(visit.heard and tab.heard))
    assert "media" in tab.heard[0], tab.heard
    (media,) = tab.heard[0]["media"]
    assert (media["name"], media["address"]) == ("分割单.jpg", f"/channels/web/files/{outbound_id}")
    again = await chat.visit(visit.token)
    assert (await again.call("history"))["items"][-1]["media"] == [media]
    shown = await fetch(chat, visit.token, outbound_id)
    assert shown.headers["content-type"] == "image/jpeg"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert len((await fetch(chat, visit.token, outbound_id, "small")).content) < len(shown.content)


async def test_nobody_else_and_nobody_later_gets_it(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("请把分割单发给我")
    await chat.bind()
    outbound_id = await send(chat, PDF, "分割单.pdf")
    stranger: Visit = await chat.visit()
    assert (await fetch(chat, stranger.token, outbound_id)).status_code == 404
    assert (await fetch(chat, None, outbound_id)).status_code == 401
    assert (await fetch(chat, visit.token, outbound_id)).content == PDF
    await chat.unbind()
    assert (await fetch(chat, visit.token, outbound_id)).status_code == 404


async def test_a_widget_gets_a_card_that_leads_to_the_files_page(chat: Chat) -> None:
    widget = await chat.visit(is_ours=False)
    await widget.say("请把分割单发给我")
    await send(chat, PDF, "分割单.pdf")
    await until(lambda: len(widget.heard) >= 1)
    (element,) = widget.heard[0]["attachment"]["payload"]["elements"]
    assert element["title"] == "分割单.pdf"
    assert "/f/" in element["default_action"]["url"]


@needs_chromium
async def test_the_page_shows_a_picture_inline_and_a_pdf_as_a_file(chat: Chat, browser: Browser) -> None:
    async with visiting(browser) as context:
        page = await context.new_page()
        await open_chat(page, chat)
        await say(page, "请把分割单发给我")
        await expect(page.get_by_test_id("delivery")).to_have_attribute("data-state", "sent")  # it is stored
        await send(chat, a_picture(900, 640), "分割单.jpg")
        await send(chat, PDF, "条款.pdf")
        await expect(page.get_by_test_id("thumbnail")).to_be_visible()
        paper = page.get_by_role("button", name="条款.pdf")
        async with page.expect_download() as saving:
            await paper.click()
        assert (await saving.value).suggested_filename == "条款.pdf"
        await picture(page, "sent-files")
        await page.reload()
        await expect(page.get_by_test_id("thumbnail")).to_be_visible()
        assert await page.get_by_test_id("thumbnail").evaluate("one => one.naturalWidth") == 640
