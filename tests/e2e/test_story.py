"""The README's story on each channel: ask, prove who you are, get the answer, a person, and the agent's reply."""

from __future__ import annotations

import httpx
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Product
from tests.e2e.people import Console, Phone, WebChat, picture


def record_of(product: Product, name: str) -> list[dict[str, object]]:
    """The interactions on the record of the customer with this name, oldest first."""
    headers = {"Authorization": f"Bearer {product.environment['ANDA_SERVICE_TOKEN']}"}
    with httpx.Client(base_url=product.base_url, headers=headers, trust_env=False, timeout=30) as api:
        customer = api.get("/api/v1/customers", params={"name": name}).json()["items"][0]
        record = api.get(f"/api/v1/customers/{customer['id']}/interactions", params={"limit": 200}).json()
    return list(reversed(record["items"]))


def test_wechat_in_chinese(product: Product, browser: Browser) -> None:
    phone = Phone(browser, product.base_url, "王芳", "wechat")
    phone.say("你好")
    phone.hears("您好|你好")
    phone.say("我的理赔到哪一步了")
    phone.hears("手机号")
    phone.say("14200000101")
    phone.hears("后四位|后4位|末四位")
    phone.say("1280")
    phone.hears("验证码")
    phone.page.get_by_test_id("app-sms").click()
    code = phone.code()
    phone.page.get_by_test_id("app-wechat").click()
    phone.say(code)
    phone.hears("C2026000101")
    phone.say("犹豫期是多久")
    phone.hears("犹豫期")
    phone.say("转人工")
    ticket = phone.hears(r"T\d{10}")
    picture(phone.page, "wechat")
    console = Console(browser, product.base_url, "li.na")
    console.open("王芳")
    console.accept()
    console.sees("C2026000101")
    phone.say("我想问一下发票")
    console.sees("我想问一下发票")
    console.reply("王女士您好，我是李娜。维修发票拍照发来就可以。")
    phone.hears("我是李娜")
    picture(console.page, "console")
    console.resolve()
    phone.say("我有哪些保单")
    phone.hears("P2024000123")
    record = record_of(product, "王芳")
    said = [(entry["channel"], entry["speaker"]) for entry in record]
    assert ("wechat", "customer") in said
    assert ("wechat", "agent") in said
    assert any(entry["intent"] == "query_claim" for entry in record)
    assert any(entry["kind"] == "handoff" and str(entry["text"]) in ticket for entry in record)
    assert not any(code in str(entry["text"]) for entry in record)


def test_sms_in_english(product: Product, browser: Browser) -> None:
    phone = Phone(browser, product.base_url, "John Miller", "sms")
    phone.say("Where is my claim C2026000202?")
    phone.hears("paid")
    phone.say("what policies do I have")
    phone.hears("phone number|mobile")
    phone.say("212 555 0142")
    phone.hears("last four|last 4")
    phone.say("7788")
    phone.hears("code")
    phone.say(phone.code())
    phone.hears("P2025000231")
    phone.say("I want to talk to a person")
    phone.hears(r"T\d{10}")
    picture(phone.page, "sms")
    console = Console(browser, product.base_url, "zhao.lin")
    console.open("John Miller")
    console.accept()
    console.reply("Hello Mr Miller, this is Zhao Lin. How can I help?")
    phone.hears("this is Zhao Lin")
    console.resolve()


def test_web_in_chinese(product: Product, browser: Browser, page: Page) -> None:
    chat = WebChat(page, product.base_url)
    chat.say("我名下有哪些保单")
    chat.hears("手机号")
    chat.say("14200000103")
    chat.hears("后四位|后4位|末四位")
    chat.say("2462")
    chat.hears("验证码")
    phone = Phone(browser, product.base_url, "陈梅", "sms")
    chat.say(phone.code())
    chat.hears("P2025000312|安心百万医疗")
    page.reload()
    chat.hears("P2025000312|安心百万医疗")
    chat.say("帮我转人工客服")
    chat.hears(r"T\d{10}")
    picture(page, "web")
    console = Console(browser, product.base_url, "wang.lei")
    console.open("陈梅")
    console.accept()
    console.reply("陈女士您好，我是王磊，请问有什么可以帮您？")
    chat.hears("我是王磊")
    picture(page, "web-agent")
    console.resolve()
