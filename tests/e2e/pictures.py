"""`python -m tests.e2e.pictures`: takes the README's pictures from a running `make up` with a fresh demo."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsing import FLAGS, chromium
from tests.e2e.people import Console, Phone, WebChat

FOLDER = Path("docs/pictures")


def take_pictures(browser: Browser, base_url: str) -> None:
    """Play the story of 陈梅 on the web and of 李娜 at the console, and keep what they see."""
    context = browser.new_context(
        viewport={"width": 900, "height": 860}, locale="zh-CN", device_scale_factor=2
    )
    chat = WebChat(context.new_page(), base_url)
    chat.say("我的理赔还缺什么材料？")
    chat.hears("手机号")
    chat.say("14200000103")
    chat.hears("后四位")
    chat.say("2462")
    chat.hears("验证码")
    chat.say(Phone(browser, base_url, "陈梅", "sms").code())
    chat.hears("C2026000301")
    chat.say("医疗险的等待期是多久？")
    chat.hears("等待期")
    chat.page.wait_for_timeout(500)
    chat.page.screenshot(path=FOLDER / "web-chat.png")
    chat.say("转人工")
    chat.hears(r"T\d{10}")
    console = Console(browser, base_url, "li.na")
    console.open("陈梅")
    console.accept()
    console.reply("陈女士您好，我是李娜。发票和出院小结拍照发来就可以，收到后当天为您核对。")
    chat.hears("我是李娜")
    chat.say("好的，我今晚拍给您，谢谢！")
    console.sees("我今晚拍给您")
    console.page.wait_for_timeout(1500)
    console.page.screenshot(path=FOLDER / "console.png")


def main() -> None:
    """Take them from the address given, or from the default one."""
    base_url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        take_pictures(browser, base_url)
        browser.close()


if __name__ == "__main__":
    main()
