"""What people do in their browsers: a phone in the simulator, the web chat, the agents' console."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

# A turn on a busy machine of two cores; how fast it is, the bench tells.
PATIENCE = 60_000


class Phone:
    """A demo person's phone in the simulator, in one of its apps."""

    def __init__(self, browser: Browser, base_url: str, person: str, app: str) -> None:
        self.page = browser.new_context(viewport={"width": 1200, "height": 900}, locale="zh-CN").new_page()
        self.page.goto(f"{base_url}/simulator")
        self.page.get_by_test_id("person-search").fill(person)
        self.page.get_by_test_id("person").first.click()
        self.page.get_by_test_id(f"app-{app}").click()

    def say(self, text: str) -> None:
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("send").click()
        expect(self.page.get_by_test_id("bubble-out").last).to_contain_text(text, timeout=PATIENCE)

    def hears(self, pattern: str) -> str:
        """Wait for a message that matches, and give its text."""
        return _text_of(self.page, "bubble-in", pattern)

    def code(self) -> str:
        """The newest one-time code that arrived on this phone by SMS."""
        text = self.hears(r"验证码 \d{6}|code is \d{6}")
        return re.findall(r"\d{6}", text)[0]


class WebChat:
    """A visitor at the insurer's web page."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        page.goto(base_url)
        expect(page.get_by_test_id("composer")).to_be_visible(timeout=PATIENCE)

    def say(self, text: str) -> None:
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("send").click()

    def hears(self, pattern: str) -> str:
        return _text_of(self.page, "message-in", pattern)


class Console:
    """An agent's browser, signed in."""

    def __init__(self, browser: Browser, base_url: str, username: str) -> None:
        self.page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        self.page.goto(f"{base_url}/console")
        self.page.get_by_test_id("username").fill(username)
        self.page.get_by_test_id("password").fill("anda-demo-2026")
        self.page.get_by_test_id("sign-in").click()
        expect(self.page.get_by_test_id("queue")).to_be_visible(timeout=PATIENCE)

    def open(self, text: str) -> None:
        """Choose the ticket whose row shows `text`."""
        row = self.page.get_by_test_id("ticket-row").filter(has_text=text).first
        expect(row).to_be_visible(timeout=PATIENCE)
        row.click()

    def accept(self) -> None:
        self.page.get_by_test_id("accept").click()
        expect(self.page.get_by_test_id("reply")).to_be_visible(timeout=PATIENCE)

    def sees(self, pattern: str) -> None:
        expect(self.page.get_by_test_id("bubble").filter(has_text=re.compile(pattern)).last).to_be_visible(
            timeout=PATIENCE
        )

    def reply(self, text: str) -> None:
        self.page.get_by_test_id("reply").fill(text)
        self.page.get_by_test_id("send-reply").click()
        self.sees(re.escape(text))

    def resolve(self) -> None:
        self.page.get_by_test_id("resolve").click()
        self.page.get_by_test_id("resolve-confirm").click()
        expect(self.page.get_by_test_id("resolve-confirm")).to_be_hidden(timeout=PATIENCE)


def _text_of(page: Page, testid: str, pattern: str) -> str:
    bubble = page.get_by_test_id(testid).filter(has_text=re.compile(pattern, re.IGNORECASE)).last
    expect(bubble).to_be_visible(timeout=PATIENCE)
    return bubble.inner_text()


def picture(page: Page, name: str) -> None:
    """Keep a screenshot beside the tests' other artefacts, to be looked at."""
    folder = Path(os.environ.get("ANDA_SCREENSHOTS") or "var/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")
