"""A ticket that rings, and what calls an agent back to the page; tones and notifications are recorded, not played."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock, live
from backend.core.access import Agent
from backend.core.crypto import Vault
from backend.tickets.models import Ticket
from tests.handoff import desk
from tests.handoff.test_page import Desk, at_desk, browser, picture, pytestmark, row, says

__all__ = ["at_desk", "browser", "pytestmark"]

RECORDER = """
  window.tones = 0;
  window.away = false;
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.tones++; return make.call(this); };
  window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (this.permission = "granted"); }
    constructor(title, options) {
      const shown = Object.assign(document.createElement("output"), { textContent: title + JSON.stringify(options) });
      shown.dataset.testid = "notified";
      document.documentElement.append(shown);
    }
  };
  Object.defineProperty(document, "hidden", { get: () => window.away });
"""


async def sign_in(at_desk: Desk) -> Page:
    page = await at_desk.open()
    await page.add_init_script(RECORDER)
    await page.reload()
    await page.get_by_test_id("username").fill("li.na")
    await page.get_by_test_id("password").fill(desk.PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id("ticket-row").first.wait_for()
    return page


async def rings(at_desk: Desk, session: AsyncSession, kind: str) -> None:
    """The ticket of this kind rings at 李娜, as the worker lets it."""
    li_na = await session.scalar(select(Agent.id).where(Agent.username == "li.na"))
    changed = update(Ticket).where(Ticket.kind == kind).values(offered_to=li_na, offered_at=clock.now())
    ticket = (await session.execute(changed.returning(Ticket.conversation_id, Ticket.number))).one()
    await session.commit()
    await live.announce(at_desk.state.redis, "ticket", *ticket)


async def tones(page: Page) -> Any:
    return await page.evaluate("window.tones")


async def test_a_ticket_rings_until_it_is_taken_or_put_off(at_desk: Desk, session: AsyncSession) -> None:
    page = await sign_in(at_desk)
    await rings(at_desk, session, "complaint")
    ring = page.get_by_test_id("ringing")
    await expect(ring).to_contain_text("陈美")
    assert await tones(page) in (2, 4)  # two notes; again after a while, if the machine is slow
    await picture(page, "ringing")

    # An urgent case goes before it, and louder; put off, the other one is there again.
    await rings(at_desk, session, "urgent")
    await expect(ring).to_contain_text("赵国强")
    assert await tones(page) >= 5
    await picture(page, "ringing-urgent")
    await page.get_by_test_id("ring-later").click()
    await expect(ring).to_contain_text("陈美")

    # Without a sound from now on, also after a reload.
    await page.get_by_test_id("alerts").click()
    await page.get_by_test_id("menu-sound").click()
    await page.reload()
    await expect(ring).to_contain_text("赵国强")
    assert await tones(page) == 0

    # Taken by one key, from another page of the console too.
    await page.get_by_test_id("section-customers").click()
    await expect(ring).to_be_visible()
    await page.get_by_test_id("ring-accept").click()
    await expect(page.locator(".talk-head")).to_contain_text("赵国强")
    await expect(page.get_by_test_id("resolve")).to_be_visible()
    await expect(ring).to_contain_text("陈美")
    await page.keyboard.press("g")
    await expect(page.locator(".talk-head")).to_contain_text("陈美")
    await expect(ring).to_have_count(0)


async def test_a_notification_names_nobody(at_desk: Desk, session: AsyncSession, vault: Vault) -> None:
    page = await sign_in(at_desk)
    await row(page, "王芳").click()
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("resolve").wait_for()
    assert await page.evaluate("Notification.permission") == "default"  # nobody asked at load
    await page.get_by_test_id("alerts").click()
    await picture(page, "alerts")
    await page.get_by_test_id("menu-desktop").click()
    await page.evaluate("window.away = true")
    await says(at_desk, session, vault, "发票在王芳手里")
    notified = page.get_by_test_id("notified")
    await expect(notified).to_have_text([re.compile("^客户有新消息：咨询 · 微信{")])
    await page.evaluate("window.away = false")
    await row(page, "John Miller").click()
    await expect(page.locator(".talk-head")).to_contain_text("John Miller")
    await page.evaluate("window.away = true")
    await says(at_desk, session, vault, "发票还在王芳手里")
    await expect(notified).to_have_count(2)
    await rings(at_desk, session, "complaint")
    await expect(notified).to_have_count(3)
    await expect(notified.last).to_have_text(re.compile("^新工单：投诉 · 网页{"))
    for text in await notified.all_text_contents():
        assert not any(word in text for word in ("王芳", "陈美", "发票", "理赔员"))
    assert await tones(page) >= 1
