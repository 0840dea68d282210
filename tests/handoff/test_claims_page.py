"""Claims and imports in a real browser: report, hand in, decide, pay; upload a table and read its result."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.core.settings import Settings
from backend.customers.models import Customer
from backend.imports.models import ImportKind, ImportMode, ImportRun
from backend.imports.run import Importer, Order
from backend.imports.sealed_file import SealedFile
from tests.claims.reporting import picture
from tests.handoff import desk
from tests.handoff.test_page import Desk, at_desk, browser  # noqa: F401 - fixtures
from tests.handoff.test_page import picture as screenshot

SUPERVISOR = "zhang.wei"


async def _sign_in(at_desk: Desk, section: str, **how: object) -> Page:  # noqa: F811
    page = await at_desk.open(**how)  # type: ignore[arg-type]
    await page.get_by_test_id("username").fill(SUPERVISOR)
    await page.get_by_test_id("password").fill(desk.PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id(f"section-{section}").click()
    return page


async def test_a_claim_from_the_report_to_the_payment(
    at_desk: Desk,  # noqa: F811
    session: AsyncSession,
) -> None:
    wang = await session.scalar(select(Customer.id).where(Customer.name == "王芳"))
    page = await _sign_in(at_desk, "claims")
    await expect(page.get_by_test_id("claim-search")).to_be_visible()
    await screenshot(page, "claims")

    # A report for Wang Fang.
    await page.get_by_test_id("claim-new").click()
    await page.get_by_test_id("draft-customer").fill("王芳")
    await page.get_by_test_id(f"choose-{wang}").click()
    policy = page.get_by_test_id("draft-policy_number")
    await policy.locator("option").nth(1).wait_for(state="attached")
    await policy.select_option(label=await policy.locator("option", has_text="车险").first.inner_text())
    await page.get_by_test_id("draft-type").select_option("auto_damage")
    await page.get_by_test_id("draft-incident_date").fill(str(date.today() - timedelta(days=1)))
    await page.get_by_test_id("draft-claimed_amount").fill("3200")
    await page.get_by_test_id("draft-description").fill("地下车库倒车剐蹭石柱")
    await page.get_by_test_id("draft-save").click()
    await expect(page.get_by_text("从坐席台开始")).to_be_visible()
    await screenshot(page, "claim-draft")
    await page.get_by_test_id("draft-report").click()
    await expect(page.get_by_test_id("claim-stage").first).to_have_text("待补材料")

    # Its documents: one as a picture, the others on paper.
    upload = {"name": "发票.png", "mimeType": "image/png", "buffer": picture("teal")}
    await page.get_by_test_id("claim-upload").set_input_files(upload)
    await page.get_by_test_id("file-code").select_option("repair_invoice")
    await expect(page.get_by_text("还缺 5 份")).to_be_visible()
    for code in ("claim_form", "driving_licence", "vehicle_licence", "damage_photos"):
        await page.get_by_test_id(f"tick-{code}").click()
        await expect(page.get_by_test_id(f"tick-{code}")).to_have_text("撤销收到")
    await screenshot(page, "claim-documents")
    await page.get_by_test_id("tick-bank_account").click()
    await expect(page.get_by_test_id("claim-stage").first).to_have_text("审核中")

    # The decision and the payment.
    await page.get_by_test_id("claim-decide").click()
    await page.get_by_test_id("decision-reason").select_option("covered")
    await screenshot(page, "claim-decision")
    await page.get_by_test_id("claim-confirm").click()
    await expect(page.get_by_test_id("claim-stage").first).to_have_text("已核定")
    await page.get_by_test_id("claim-pay").click()
    await page.get_by_test_id("claim-confirm").click()
    await expect(page.get_by_test_id("claim-stage").first).to_have_text("已赔付")
    await screenshot(page, "claim-paid")


async def test_a_table_is_imported_and_its_bad_rows_are_told(
    at_desk: Desk,  # noqa: F811
    session: AsyncSession,
    settings: Settings,
    vault: Vault,
) -> None:
    page = await _sign_in(at_desk, "imports", language="en-GB")
    await page.get_by_test_id("import-mode").select_option("keep_good")
    table = "Customer number,Name,Phone\n300001,Wang Xiaoming,+12125550142\n300002,,12\n"
    upload = {"name": "customers.csv", "mimeType": "text/csv", "buffer": table.encode()}
    await page.get_by_test_id("import-file").set_input_files(upload)
    await expect(page.get_by_test_id("import-state")).to_have_text("Waiting")
    await screenshot(page, "imports-waiting")

    run = (await session.scalars(select(ImportRun))).one()
    assert b"Xiaoming" not in _stored(settings)
    await asyncio.to_thread(_import, settings, vault, run)
    await expect(page.get_by_test_id("import-state")).to_have_text("Done")
    await expect(page.get_by_text("1 rows were not imported")).to_be_visible()
    await screenshot(page, "imports")
    async with page.expect_download() as started:
        await page.get_by_test_id("import-report").click()
    report = await (await started.value).path()
    text = await asyncio.to_thread(Path(report).read_text, encoding="utf-8-sig")
    assert "Name: must be filled in" in text


def _stored(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in (settings.data_dir / "imports").iterdir())


def _import(settings: Settings, vault: Vault, run: ImportRun) -> None:
    """As the worker's process does it."""
    order = Order(run.id, ImportKind(run.kind), ImportMode(run.mode), run.source)
    with SealedFile(settings.data_dir, vault, run.stored_name or "") as file:
        importer = Importer(settings.database_url, vault, settings.timezone, date.today())
        importer.run(order, file, file.size)  # type: ignore[arg-type]
