"""Files in the page: chosen, dropped, pasted or photographed; progress, cancel, retry, and words for what failed."""

from __future__ import annotations

import base64
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from limits import parse_many
from playwright.async_api import Browser, Page, Route, expect

from backend.core.files import LARGEST
from channels.web import limits
from channels.web.limits import Limits
from tests.channels.web.browsing import PHONE, needs_chromium, open_chat, picture, visiting
from tests.channels.web.uploading import PDF, a_picture, choose, file
from tests.channels.web.visits import Chat, until

MEDIA = "SELECT file_name, kind FROM inbound_media ORDER BY id"
pytestmark = needs_chromium


async def give(page: Page, how: str, name: str, kind: str, data: bytes) -> None:
    """Drop a file on the page, or paste it into the composer."""
    script = """([how, name, kind, data]) => {
        const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], name, { type: kind }));
        if (how === "paste") {
          const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
          document.getElementById("composer").dispatchEvent(event);
          return;
        }
        const event = new DragEvent(how, { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
    }"""
    await page.evaluate(script, [how, name, kind, base64.b64encode(data).decode()])


async def stored(chat: Chat, count: int) -> None:
    async def are_there() -> bool:
        return len(await chat.rows(MEDIA)) == count

    await until(are_there, 30)


@pytest_asyncio.fixture
async def slow(page: Page) -> AsyncIterator[Page]:
    """A page on a line of 300 KB a second."""
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 300_000},
    )
    yield page


async def test_a_picture_is_shown_while_it_goes_and_after_a_reload(page: Page, chat: Chat) -> None:
    await choose(page, file())
    await expect(page.get_by_test_id("thumbnail")).to_be_visible()
    await expect(page.locator("[data-testid=delivery][data-state=sent]")).to_be_visible()
    await stored(chat, 1)
    await page.reload()
    thumbnail = page.get_by_test_id("thumbnail")
    await expect(thumbnail).to_be_visible()
    assert await thumbnail.evaluate("img => img.decode().then(() => img.naturalWidth)") == 640
    await page.get_by_role("button", name="放大 发票.jpg").click()
    await expect(page.get_by_role("dialog", name="发票.jpg")).to_be_visible()
    await picture(page, "web-upload-enlarged")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_several_files_go_in_order(page: Page, chat: Chat) -> None:
    await choose(
        page,
        file("1.jpg"),
        file("2.pdf", PDF, "application/pdf"),
        file("3.png", a_picture(kind="PNG"), "image/png"),
    )
    await stored(chat, 3)
    assert [row.file_name for row in await chat.rows(MEDIA)] == ["1.jpg", "2.pdf", "3.png"]
    await expect(page.get_by_test_id("message-out")).to_have_count(3)
    await expect(page.get_by_test_id("upload")).to_have_count(0)
    async with page.expect_download() as download:
        await page.get_by_role("button", name="下载 2.pdf").click()
    assert (await download.value).suggested_filename == "2.pdf"


async def test_progress_is_shown_and_an_upload_can_be_cancelled(slow: Page, chat: Chat) -> None:
    noise = PDF[:-6] + random.Random(1).randbytes(3_000_000) + b"%%EOF\n"
    await choose(slow, file("big.pdf", noise, "application/pdf"), file("next.jpg"))
    bar = slow.get_by_role("progressbar", name="正在上传 big.pdf")
    await expect(bar).to_be_visible()
    await until(lambda: slow.evaluate("document.querySelector('progress').value > 0.2"))
    await picture(slow, "web-upload-progress")
    await slow.get_by_role("button", name="取消 big.pdf").click()
    await stored(chat, 1)
    await expect(slow.get_by_test_id("message-out")).to_have_count(1)
    assert (await chat.rows(MEDIA))[0].file_name == "next.jpg"


async def test_a_file_dropped_on_the_page_is_taken(page: Page, chat: Chat) -> None:
    await give(page, "dragover", "a.png", "image/png", a_picture(kind="PNG"))
    await expect(page.get_by_test_id("drop")).to_be_visible()
    await picture(page, "web-upload-drop")
    await give(page, "drop", "dropped.png", "image/png", a_picture(kind="PNG"))
    await expect(page.get_by_test_id("drop")).to_be_hidden()
    await stored(chat, 1)
    assert (await chat.rows(MEDIA))[0].file_name == "dropped.png"


async def test_a_pasted_picture_is_taken(page: Page, chat: Chat) -> None:
    await give(page, "paste", "image.png", "image/png", a_picture(kind="PNG"))
    await stored(chat, 1)
    await expect(page.get_by_test_id("composer")).to_have_value("")


async def test_a_phone_offers_its_camera(browser: Browser, chat: Chat) -> None:
    async with visiting(browser, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        page = await context.new_page()
        await open_chat(page, chat)
        await expect(page.get_by_role("button", name="拍照")).to_be_visible()
        assert await page.get_by_test_id("camera").get_attribute("capture") == "environment"
        await page.get_by_test_id("camera").set_input_files(file("IMG_0001.jpg"))
        await stored(chat, 1)
        await picture(page, "web-upload-phone")


async def test_what_is_not_taken_is_said_with_what_is(page: Page, chat: Chat) -> None:
    await choose(
        page,
        file("程序.exe", b"MZ", "application/x-msdownload"),
        file("空.jpg", b""),
        file("大.pdf", b"x" * (LARGEST + 1), "application/pdf"),
        file("假.jpg", b"no picture"),
    )
    refused = page.get_by_test_id("upload-failed")
    await expect(refused).to_have_count(4)
    for number, words in enumerate(
        ["JPG、PNG、WebP 图片或 PDF", "空的", "超过 10 MB", "JPG、PNG、WebP 图片或 PDF"]
    ):
        await expect(refused.nth(number)).to_contain_text(words)
    await expect(page.get_by_test_id("upload-retry")).to_have_count(0)
    await picture(page, "web-upload-refused")
    assert await chat.rows(MEDIA) == []
    await page.get_by_role("button", name="移除 假.jpg").click()
    await expect(refused).to_have_count(3)


async def test_a_picture_that_is_too_large_is_made_smaller(page: Page, chat: Chat) -> None:
    huge = a_picture(5000, 100, "PNG") + b"\0" * (LARGEST + 1)
    await choose(page, file("huge.png", huge, "image/png"))
    await stored(chat, 1)
    (row,) = await chat.rows("SELECT file_name, content_type FROM inbound_media")
    assert (row.file_name, row.content_type) == ("huge.jpg", "image/jpeg")


async def test_one_that_is_cancelled_while_it_is_made_smaller_stays_here(page: Page, chat: Chat) -> None:
    # What makes it smaller waits until the cancelling is done.
    await page.evaluate("""() => {
        const real = createImageBitmap;
        window.createImageBitmap = (...given) => new Promise((done) => (window.goOn = () => done(real(...given))));
    }""")
    huge = a_picture(5000, 100, "PNG") + b"\0" * (LARGEST + 1)
    await choose(page, file("huge.png", huge, "image/png"))
    await until(lambda: page.evaluate("() => Boolean(window.goOn)"), 30)
    await page.get_by_test_id("upload-cancel").click()
    await page.evaluate("window.goOn()")
    await choose(page, file("next.jpg"))
    await stored(chat, 1)
    assert [row.file_name for row in await chat.rows(MEDIA)] == ["next.jpg"]


async def test_what_failed_is_tried_again(page: Page, chat: Chat) -> None:
    async def broken(route: Route) -> None:
        await route.fulfill(status=503, content_type="application/problem+json", body="{}")

    await page.clock.install()
    await page.route("**/channels/web/uploads", broken)
    await choose(page, file())
    for _ in range(40):
        await page.clock.run_for(1000)
        if await page.get_by_test_id("upload-retry").count():
            break
    await picture(page, "web-upload-failed")
    await page.unroute("**/channels/web/uploads")
    await page.get_by_test_id("upload-retry").click()
    await stored(chat, 1)


async def test_too_many_files_wait_and_go_on_by_themselves(
    page: Page, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UPLOADS", parse_many("1/4 seconds"))
    chat.web.uploads._limits = Limits(chat.app.state.redis, is_on=True)
    await choose(page, file("1.jpg"), file("2.jpg"))
    await expect(page.get_by_test_id("upload").last).to_contain_text("稍后自动继续")
    await stored(chat, 2)


async def test_what_was_offline_leaves_once_back(page: Page, chat: Chat) -> None:
    await page.context.set_offline(True)
    await expect(page.get_by_test_id("status")).to_have_attribute("data-status", "offline", timeout=60_000)
    await choose(page, file())
    await expect(page.get_by_test_id("upload")).to_contain_text("等待上传")
    await page.context.set_offline(False)
    await stored(chat, 1)
