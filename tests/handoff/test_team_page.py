"""The team and the settings in a real browser: a colleague is added and secures the sign-in, an administrator changes
what the business rests on."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pyotp
from argon2 import PasswordHasher
from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Agent
from backend.core.audit import AuditEntry
from backend.core.business import setting
from tests.handoff import desk
from tests.handoff.test_customers_page import open_section
from tests.handoff.test_page import Desk, at_desk, browser, picture  # noqa: F401 - fixtures


async def add_a_colleague(admin: Page) -> str:
    await admin.get_by_test_id("member-new").click()
    await admin.get_by_test_id("member-username").fill("xu.jing")
    await admin.get_by_test_id("member-name").fill("徐静")
    await admin.get_by_test_id("member-save").click()
    password = await admin.get_by_test_id("member-password").inner_text()
    await admin.get_by_test_id("password-noted").click()
    await expect(admin.get_by_test_id("member-row").filter(has_text="徐静")).to_contain_text("未启用")
    await picture(admin, "team")
    return password


async def secure_the_sign_in(page: Page, password: str) -> tuple[pyotp.TOTP, list[str]]:
    await page.get_by_test_id("username").fill("xu.jing")
    await page.get_by_test_id("password").fill(password)
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id("section-settings").click()
    await expect(page.get_by_test_id("sessions")).to_contain_text("本机")
    await page.get_by_test_id("totp-begin").click()
    await expect(page.get_by_test_id("totp-picture")).to_be_visible()
    assert await page.get_by_test_id("totp-picture").evaluate(
        "image => image.decode().then(() => image.naturalWidth > 50)"
    )
    await picture(page, "second-factor")
    secret = await page.get_by_test_id("totp-secret").evaluate("code => code.textContent")
    totp = pyotp.TOTP(secret)
    await page.get_by_test_id("totp-code").fill(totp.now())
    await page.get_by_test_id("totp-confirm").click()
    await expect(page.get_by_test_id("totp-state")).to_have_text("已启用")
    await expect(page.get_by_test_id("recovery-code")).to_have_count(10)
    await picture(page, "recovery-codes")
    async with page.expect_download() as saving:
        await page.get_by_test_id("recovery-download").click()
    kept = await asyncio.to_thread(Path(await (await saving.value).path()).read_text)
    await page.get_by_test_id("recovery-noted").click()
    await expect(page.get_by_test_id("recovery-left")).to_have_text("还剩 10 个恢复码")
    await picture(page, "second-factor-on")
    return totp, kept.split()


async def sign_in_without_the_phone(page: Page, password: str, code: str) -> None:
    await page.get_by_label("退出登录").click()
    await page.get_by_test_id("username").fill("xu.jing")
    await page.get_by_test_id("password").fill(password)
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id("otp-other").click()
    await page.get_by_test_id("otp").fill(code)
    await picture(page, "sign-in-recovery")
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id("section-settings").click()
    await expect(page.get_by_test_id("recovery-left")).to_have_text("还剩 9 个恢复码")


async def make_new_recovery_codes(page: Page, totp: pyotp.TOTP) -> None:
    await page.get_by_test_id("recovery-new").click()
    await picture(page, "recovery-renew")
    await page.get_by_test_id("recovery-otp").fill("000000")
    await page.get_by_test_id("recovery-renew").click()
    await expect(page.get_by_test_id("toast").filter(has_text="数字不对")).to_be_visible()
    await page.get_by_test_id("recovery-otp").fill(totp.at(time.time() + totp.interval))
    await page.get_by_test_id("recovery-renew").click()
    await expect(page.get_by_test_id("recovery-code")).to_have_count(10)
    await page.get_by_test_id("recovery-noted").click()
    await expect(page.get_by_test_id("recovery-left")).to_have_text("还剩 10 个恢复码")


async def sign_the_colleague_out(admin: Page, colleague: Page) -> None:
    await admin.reload()
    row = admin.get_by_test_id("member-row").filter(has_text="徐静")
    await expect(row).to_contain_text("已启用")
    await row.get_by_test_id("member-edit").click()
    await expect(admin.get_by_test_id("member-sessions").get_by_role("listitem")).to_have_count(1)
    await admin.get_by_test_id("member-end").click()
    await expect(admin.get_by_test_id("member-sessions").get_by_role("listitem")).to_have_count(0)
    await admin.keyboard.press("Escape")
    await colleague.get_by_test_id("section-tasks").click()
    await expect(colleague.get_by_test_id("username")).to_be_visible()


async def change_a_setting(admin: Page) -> None:
    await admin.get_by_test_id("section-settings").click()
    await admin.get_by_test_id("settings-business").click()
    await expect(admin.get_by_test_id("setting-ticket_clocks")).to_be_visible()
    await picture(admin, "settings")
    await admin.get_by_test_id("setting-routing").click()
    await admin.get_by_test_id("setting-capacity").fill("0")
    await admin.get_by_test_id("setting-save").click()
    await expect(admin.get_by_test_id("setting-wrong")).to_have_text("不能小于 1")
    await expect(admin.get_by_test_id("setting-capacity")).to_have_attribute("aria-invalid", "true")
    await picture(admin, "setting-wrong")
    await admin.get_by_test_id("setting-capacity").fill("4")
    await admin.get_by_test_id("setting-save").click()
    await expect(admin.get_by_test_id("setting-history")).to_contain_text("郑凯")
    await picture(admin, "setting")


async def nothing_closes_what_is_typed(admin: Page) -> None:
    """Neither a selection drawn out of the dialog nor the × of a message above it."""
    name = admin.get_by_test_id("token-name")
    await name.hover()
    await admin.mouse.down()
    await admin.mouse.move(5, 5)
    await admin.mouse.up()
    await admin.mouse.click(5, 5)
    await admin.get_by_test_id("token-make").click()
    message = admin.get_by_test_id("toast").filter(has_text="至少选一项权限")
    await picture(admin, "token-toast")
    await message.get_by_role("button").click()
    await expect(message).to_have_count(0)
    await expect(name).to_have_value("core")


async def make_and_revoke_a_token(admin: Page) -> None:
    await admin.get_by_test_id("settings-tokens").click()
    await admin.get_by_test_id("token-new").click()
    await admin.get_by_test_id("token-name").fill("core")
    await nothing_closes_what_is_typed(admin)
    await admin.get_by_test_id("scope-customers:read").check()
    await admin.get_by_test_id("token-make").click()
    await expect(admin.get_by_test_id("token")).to_contain_text("anda_")
    await admin.keyboard.press("Escape")
    await admin.keyboard.press("Escape")
    await picture(admin, "token-once")
    await admin.get_by_test_id("token-make").click()
    await admin.get_by_test_id("token-revoke").click()
    await expect(admin.get_by_test_id("token-row")).to_contain_text("吊销")
    await expect(admin.get_by_test_id("token-revoke")).to_have_count(0)


async def try_a_webhook(admin: Page) -> None:
    await admin.get_by_test_id("settings-webhooks").click()
    await admin.get_by_test_id("webhook-new").click()
    await admin.get_by_test_id("webhook-url").fill("https://93.184.215.14/anda")
    await admin.get_by_test_id("webhook-save").click()
    await expect(admin.get_by_test_id("webhook-secret")).to_contain_text("whsec_")
    await admin.get_by_test_id("webhook-save").click()
    await admin.get_by_test_id("webhook-deliveries").click()
    await admin.get_by_test_id("webhook-test").click()
    await expect(admin.get_by_test_id("delivery-row")).to_contain_text("webhook.test")
    await picture(admin, "webhooks")


async def test_an_administrator_and_a_new_colleague(at_desk: Desk, session: AsyncSession) -> None:  # noqa: F811
    password_hash = PasswordHasher(time_cost=1, memory_cost=64).hash(desk.PASSWORD)
    session.add(Agent(username="admin", name="郑凯", role="admin", password_hash=password_hash))
    await session.commit()
    admin, colleague = await open_section(at_desk, "team", "admin"), await at_desk.open()
    admin.on("dialog", lambda dialog: dialog.accept())
    password = await add_a_colleague(admin)
    totp, codes = await secure_the_sign_in(colleague, password)
    await sign_in_without_the_phone(colleague, password, codes[4])
    await make_new_recovery_codes(colleague, totp)
    await sign_the_colleague_out(admin, colleague)
    await change_a_setting(admin)
    assert (await setting(session, "routing"))["capacity"] == 4
    await make_and_revoke_a_token(admin)
    await try_a_webhook(admin)
    acts = set(await session.scalars(select(AuditEntry.action)))
    assert acts >= {
        "agent.added",
        "agent.second_factor",
        "agent.recovery_code_used",
        "setting.changed",
        "token.revoked",
        "webhook.tested",
    }
