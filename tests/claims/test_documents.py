"""Documents: what is taken, where it goes, what it ticks off, and who may see it."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import ClaimFile, Stage
from backend.core import clock
from backend.core.audit import AuditEntry
from backend.core.crypto import Vault
from backend.core.files import path_of
from backend.core.settings import Settings
from backend.customers.models import Customer
from tests.claims.reporting import Reporter, key, picture, signed_in, upload
from tests.factories import ID_NUMBER, make_customer
from tests.insurance import make_claim, make_policy

CLAIM = "/api/v1/claims/C2026000101"
WAITING = {"stage": Stage.AWAITING_DOCUMENTS, "review_since": None}
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    """Wang Fang, with a claim that waits for its repair invoice."""
    customer = await make_customer(session, vault)
    await make_claim(session, await make_policy(session, customer), **WAITING)
    return customer


@pytest.fixture
async def bot(service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer) -> Reporter:
    bot = Reporter(service, session, vault, channel="wechat", account="wx", sender="openid-1")
    await bot.verify_as(wang)
    return bot


async def test_an_upload_ticks_off_its_document_and_the_claim_moves_on(
    app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    async with signed_in(app, session, "agent") as agent:
        plain = (await agent.post(f"{CLAIM}/files", **upload(PDF, "发票.pdf"))).json()
        assert (plain["stage"], [one["code"] for one in plain["missing_documents"]]) == (
            "awaiting_documents",
            ["repair_invoice"],
        )
        (file,) = plain["files"]
        assert (file["name"], file["content_type"], file["code"]) == ("发票.pdf", "application/pdf", None)
        named = await agent.patch(f"{CLAIM}/files/{file['id']}", json={"code": "repair_invoice"})
        assert (named.json()["stage"], named.json()["missing_documents"]) == ("under_review", [])
        again = (await agent.post(f"{CLAIM}/files", **upload(PDF, "copy.pdf"))).json()
        assert len(again["files"]) == 1
        gone = (await agent.delete(f"{CLAIM}/files/{file['id']}")).json()
        assert (gone["files"], [one["code"] for one in gone["missing_documents"]]) == ([], ["repair_invoice"])


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"<html><script>alert(1)</script></html>", 415, "unsupported_file"),
        (b"MZ" + b"\0" * 200, 415, "unsupported_file"),
        (b"", 415, "unsupported_file"),
        (picture() + b"\0" * (10 * 1024 * 1024), 413, "too_large"),
        (b"0" * (11 * 1024 * 1024), 413, "too_large"),
    ],
)
async def test_only_pictures_and_pdf_within_the_limit(
    app: FastAPI, session: AsyncSession, wang: Customer, data: bytes, status: int, code: str
) -> None:
    async with signed_in(app, session, "agent") as agent:
        refused = await agent.post(f"{CLAIM}/files", **upload(data))
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await session.scalar(select(ClaimFile)) is None


async def test_numbers_in_a_file_name_are_not_kept(
    app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    async with signed_in(app, session, "agent") as agent:
        body = (await agent.post(f"{CLAIM}/files", **upload(picture(), f"../{ID_NUMBER}.png"))).json()
    assert ID_NUMBER not in str(body)
    assert body["files"][0]["name"].endswith("1235.png")


async def test_a_file_is_served_to_those_who_may_and_each_reading_is_audited(
    app: FastAPI, client: httpx.AsyncClient, session: AsyncSession, wang: Customer, settings: Settings
) -> None:
    async with signed_in(app, session, "agent") as agent:
        url = (await agent.post(f"{CLAIM}/files", **upload(picture()))).json()["files"][0]["url"]
        served = await agent.get(url)
        pdf = (await agent.post(f"{CLAIM}/files", **upload(PDF))).json()["files"][1]["url"]
        downloaded = await agent.get(pdf)
    assert (served.status_code, served.headers["content-type"]) == (200, "image/png")
    assert served.headers["content-disposition"].startswith("inline")
    assert downloaded.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in served.headers["content-security-policy"]
    assert served.headers["x-content-type-options"] == "nosniff"
    assert (await client.get(url)).status_code == 401
    assert (await client.get("/api/v1/files/..%2F..%2Fetc")).status_code in (401, 404)
    reads = await session.scalars(select(AuditEntry.target).where(AuditEntry.action == "file.read"))
    assert len(list(reads)) == 2
    stored = url.rsplit("/", 1)[1]
    assert path_of(settings.data_dir, stored).parent.name == stored[:2]


async def test_a_picture_in_the_chat_goes_to_the_one_claim_that_waits(
    bot: Reporter, settings: Settings
) -> None:
    document = await bot.send_picture(settings.data_dir)
    state = (await bot.ask(f"documents/{document}")).json()
    assert state["attached_to"] == {"kind": "claim", "number": "C2026000101"}
    assert (state["code"], [one["code"] for one in state["still_missing"]]) == (None, ["repair_invoice"])
    named = (await bot.write("POST", f"documents/{document}/attach", {"code": "repair_invoice"})).json()
    assert (named["code"], named["still_missing"]) == ("repair_invoice", [])
    assert (await bot.ask("claims/C2026000101")).json()["stage"] == "under_review"


async def test_with_two_claims_waiting_the_customer_says_which(
    bot: Reporter, session: AsyncSession, wang: Customer, settings: Settings
) -> None:
    policy = await make_policy(session, wang, "P2024000124", "home")
    await make_claim(
        session, policy, "C2026000102", type="home_damage", documents=(("loss_list", False),), **WAITING
    )
    document = await bot.send_picture(settings.data_dir)
    state = (await bot.ask(f"documents/{document}")).json()
    assert state["attached_to"] is None
    assert [one["number"] for one in state["candidates"]] == ["C2026000102", "C2026000101"]
    unclear = await bot.write("POST", f"documents/{document}/attach", {"code": "loss_list"})
    assert (unclear.status_code, unclear.json()["code"]) == (409, "which_claim")
    body = {"claim_number": "c2026000102", "code": "loss_list"}
    placed = (await bot.write("POST", f"documents/{document}/attach", body)).json()
    assert (placed["attached_to"]["number"], placed["still_missing"]) == ("C2026000102", [])


async def test_what_a_stranger_sends_stays_loose_until_an_agent_takes_it(
    app: FastAPI,
    service: httpx.AsyncClient,
    session: AsyncSession,
    vault: Vault,
    wang: Customer,
    settings: Settings,
) -> None:
    web = Reporter(service, session, vault, channel="web", account="web", sender="visitor-1")
    document = await web.send_picture(settings.data_dir)
    state = (await web.ask(f"documents/{document}")).json()
    assert (state["state"], state["attached_to"], state["candidates"]) == ("stored", None, [])
    async with signed_in(app, session, "agent") as agent:
        body = {"media_id": document, "code": "repair_invoice"}
        assert (await agent.post(f"{CLAIM}/files/from-message", json=body)).status_code == 404
        await web.verify_as(wang)  # what was said on the way here joins the record
        taken = await agent.post(f"{CLAIM}/files/from-message", json=body)
        assert [one["code"] for one in taken.json()["files"]] == ["repair_invoice"]


async def test_files_of_one_day_are_counted_so_that_a_question_can_name_its_own(
    bot: Reporter, settings: Settings
) -> None:
    sent = []
    for colour in ("red", "blue"):
        document = await bot.send_picture(settings.data_dir, colour)
        state = (await bot.ask(f"documents/{document}")).json()
        sent.append((document, state["number_today"], state["sent_today"]))
    (first, *of_first), (_, *of_second) = sent
    assert (of_first, of_second) == ([1, 1], [2, 2])
    state = (await bot.ask(f"documents/{first}")).json()
    assert (state["number_today"], state["sent_today"]) == (1, 2)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        document = await bot.send_picture(settings.data_dir, "green")
        assert (await bot.ask(f"documents/{document}")).json()["number_today"] == 1


async def test_a_document_of_another_conversation_does_not_exist(
    bot: Reporter, session: AsyncSession, vault: Vault, settings: Settings
) -> None:
    document = await bot.send_picture(settings.data_dir)
    other = Reporter(bot.service, session, vault, channel="web", account="web", sender="visitor-2")
    assert (await other.ask(f"documents/{document}")).status_code == 404


async def test_a_document_can_be_waived_or_arrive_on_paper(
    app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    async with signed_in(app, session, "agent") as agent:
        early = {"stage": "under_review", "version": 1}
        refused = await agent.post(f"{CLAIM}/transitions", json=early, headers=key())
        assert (refused.status_code, refused.json()["code"]) == (409, "documents_missing")
        waived = await agent.patch(f"{CLAIM}/documents/repair_invoice", json={"is_required": False})
    assert (waived.json()["stage"], waived.json()["missing_documents"]) == ("under_review", [])


async def test_an_auditor_reads_but_uploads_nothing(
    app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    async with signed_in(app, session, "auditor") as auditor:
        assert (await auditor.get(CLAIM)).status_code == 200
        assert (await auditor.post(f"{CLAIM}/files", **upload(picture()))).status_code == 403
