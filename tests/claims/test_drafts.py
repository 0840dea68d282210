"""Reporting a claim: one draft a customer, on any channel and in the console, that becomes a claim exactly once."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, ClaimDraft, ClaimEvent
from backend.core import clock
from backend.core.crypto import Vault
from backend.core.settings import Settings
from backend.customers.models import Customer
from tests.claims.reporting import Reporter, key, signed_in
from tests.factories import make_customer
from tests.insurance import make_policy

YESTERDAY = str(date.today() - timedelta(days=1))
STORY = {"type": "auto_damage", "incident_date": YESTERDAY, "description": "倒车剐蹭"}


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    customer = await make_customer(session, vault)
    await make_policy(session, customer)
    return customer


@pytest.fixture
async def bot(service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer) -> Reporter:
    """Wang Fang, verified on WeChat."""
    bot = Reporter(service, session, vault, channel="wechat", account="wx", sender="openid-1")
    await bot.verify_as(wang)
    return bot


async def test_a_draft_grows_and_tells_what_is_missing(bot: Reporter) -> None:
    assert (await bot.ask("claims/draft")).json() == {"draft": None}
    begun = (await bot.write("PATCH", "claims/draft", {"policy_number": "p2024 000123"})).json()
    assert (begun["started_on"], begun["policy_number"], begun["product_type"]) == (
        "wechat",
        "P2024000123",
        "auto",
    )
    assert begun["missing"] == ["type", "incident_date", "description"]
    told = {
        **STORY,
        "claimed_amount": {"amount": "3200.00", "currency": "CNY"},
        "contact_phone": "13800138000",
    }
    whole = (await bot.write("PATCH", "claims/draft", told)).json()
    assert (whole["missing"], whole["version"] > begun["version"]) == ([], True)
    assert (whole["claimed_amount"]["amount"], whole["contact_phone"]) == ("3200.00", "+86138****8000")
    assert [one["code"] for one in whole["documents_needed"]][:2] == ["claim_form", "driving_licence"]
    cleared = (await bot.write("PATCH", "claims/draft", {"description": None})).json()
    assert cleared["missing"] == ["description"]
    assert (await bot.ask("claims/draft")).json()["draft"]["id"] == begun["id"]


async def test_another_channel_and_an_agent_go_on_with_it(
    bot: Reporter, app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    await bot.write("PATCH", "claims/draft", {"type": "auto_damage"})
    web = Reporter(bot.service, session, bot.vault, channel="web", account="web", sender="visitor-1")
    await web.verify_as(wang)
    on_web = (await web.write("PATCH", "claims/draft", {"incident_date": YESTERDAY})).json()
    assert (on_web["started_on"], on_web["type"]) == ("wechat", "auto_damage")
    async with signed_in(app, session, "agent") as agent:
        path = f"/api/v1/customers/{wang.id}/claim-draft"
        seen = (await agent.get(path)).json()["draft"]
        assert seen["incident_date"] == YESTERDAY
        body = {"policy_number": "P2024000123", "description": "电话补充", "version": seen["version"]}
        assert (await agent.patch(path, json=body, headers=key())).status_code == 200
        assert (await agent.patch(path, json=body, headers=key())).json()["code"] == "version_conflict"
        reported = await agent.post(f"{path}/confirm", json={}, headers=key())
    assert (reported.status_code, reported.json()["stage"]) == (201, "awaiting_documents")
    assert (await bot.ask("claims/draft")).json() == {"draft": None}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"incident_date": str(date.today() + timedelta(days=3))}, "incident_date"),
        ({"type": "earthquake"}, "type"),
        ({"policy_number": "P2024000123", "type": "death"}, "type"),
        ({"claimed_amount": {"amount": "-1.00", "currency": "CNY"}}, "claimed_amount"),
        ({"claimed_amount": {"amount": "10.00", "currency": "USD"}}, "claimed_amount"),
        ({"contact_phone": "12"}, "contact_phone"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_field(
    bot: Reporter, change: dict[str, Any], field: str
) -> None:
    refused = await bot.write("PATCH", "claims/draft", change)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "invalid", field)


async def test_an_unknown_field_is_refused(bot: Reporter) -> None:
    assert (await bot.write("PATCH", "claims/draft", {"colour": "red"})).status_code == 422


async def test_nobody_elses_policy_can_be_named(bot: Reporter, session: AsyncSession, vault: Vault) -> None:
    other = await make_customer(session, vault, phone="+8614000000009", id_number="110000199001011230")
    await make_policy(session, other, "P2024000777")
    theirs = await bot.write("PATCH", "claims/draft", {"policy_number": "P2024000777"})
    nobodys = await bot.write("PATCH", "claims/draft", {"policy_number": "P2024000778"})
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()


async def test_a_draft_needs_a_proved_identity(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    stranger = Reporter(service, session, vault, channel="web", account="web", sender="visitor-9")
    for method, path in [
        ("PATCH", "claims/draft"),
        ("POST", "claims/draft/confirm"),
        ("DELETE", "claims/draft"),
    ]:
        assert (await stranger.write(method, path, {})).status_code == 403
    assert (await stranger.ask("claims/draft")).status_code == 403
    materials = (await stranger.ask("claims/materials", product_type="accident")).json()["types"]
    assert [one["type"] for one in materials] == ["accident_medical", "disability"]


async def test_an_incomplete_report_names_what_is_missing(bot: Reporter) -> None:
    await bot.write("PATCH", "claims/draft", {"type": "auto_damage"})
    refused = await bot.write("POST", "claims/draft/confirm", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "incomplete")
    assert refused.json()["missing"] == ["policy_number", "incident_date", "description"]


async def test_the_report_becomes_a_claim_with_its_documents(bot: Reporter, session: AsyncSession) -> None:
    await bot.write("PATCH", "claims/draft", {"policy_number": "P2024000123", **STORY})
    answer = (await bot.write("POST", "claims/draft/confirm", {})).json()
    assert answer["claim"]["number"].startswith("C20")
    assert (answer["claim"]["stage"], answer["approved_by_rule"]) == ("awaiting_documents", False)
    assert [one["code"] for one in answer["documents_needed"]][-1] == "bank_account"
    assert len(answer["claim"]["missing_documents"]) == len(answer["documents_needed"])
    stages = await session.scalars(select(ClaimEvent.stage).order_by(ClaimEvent.id))
    assert list(stages) == ["reported", "awaiting_documents"]


async def test_racing_retries_make_one_claim(bot: Reporter, session: AsyncSession) -> None:
    await bot.write("PATCH", "claims/draft", {"policy_number": "P2024000123", **STORY})
    answers = await asyncio.gather(
        *(_confirm(bot, number, "same") for number in await _messages(bot, 3)),
        *(_confirm(bot, number, f"other-{number}") for number in await _messages(bot, 2)),
    )
    done = [answer for answer in answers if answer.status_code == 200]
    refused = [answer.json() for answer in answers if answer.status_code != 200]
    numbers = {answer.json()["claim"]["number"] for answer in done}
    assert len(numbers) == 1
    assert await session.scalar(select(func.count()).select_from(Claim)) == 1
    assert {one["code"] for one in refused} == {"already_confirmed"}
    assert {one["claim_number"] for one in refused} == numbers


async def _messages(bot: Reporter, count: int) -> list[int]:
    from tests.factories import customer_says

    return [
        (await customer_says(bot.session, bot.vault, "提交", **bot.contact)).inbound_id for _ in range(count)
    ]


async def _confirm(bot: Reporter, message: int, idempotency_key: str) -> httpx.Response:
    headers = {"X-Anda-Message": str(message), "Idempotency-Key": idempotency_key}
    return await bot.service.post("/api/v1/bot/claims/draft/confirm", json={}, headers=headers)


async def test_drafts_that_race_are_one(bot: Reporter, session: AsyncSession) -> None:
    headers = [
        {"X-Anda-Message": str(number), "Idempotency-Key": f"k{number}"} for number in await _messages(bot, 4)
    ]
    answers = await asyncio.gather(
        *(
            bot.service.patch("/api/v1/bot/claims/draft", json={"type": "auto_damage"}, headers=one)
            for one in headers
        )
    )
    assert [answer.status_code for answer in answers] == [200] * 4
    assert await session.scalar(select(func.count()).select_from(ClaimDraft)) == 1


async def test_a_forgotten_draft_expires(bot: Reporter, session: AsyncSession) -> None:
    first = (await bot.write("PATCH", "claims/draft", {"description": "很久以前"})).json()
    await session.execute(update(ClaimDraft).values(expires_at=clock.now() - timedelta(days=1)))
    await session.commit()
    assert (await bot.ask("claims/draft")).json() == {"draft": None}
    second = (await bot.write("PATCH", "claims/draft", {"type": "auto_damage"})).json()
    assert (second["id"] != first["id"], second["description"]) == (True, None)
    states = await session.scalars(select(ClaimDraft.state).order_by(ClaimDraft.id))
    assert list(states) == ["expired", "open"]


async def test_a_discarded_draft_reports_nothing(bot: Reporter, session: AsyncSession) -> None:
    await bot.write("PATCH", "claims/draft", {"policy_number": "P2024000123", **STORY})
    assert (await bot.write("DELETE", "claims/draft")).status_code == 204
    assert (await bot.ask("claims/draft")).json() == {"draft": None}
    assert (await bot.write("POST", "claims/draft/confirm", {})).status_code == 404


async def test_what_is_handed_in_with_the_draft_goes_on_to_the_claim(
    bot: Reporter, settings: Settings
) -> None:
    await bot.write("PATCH", "claims/draft", {"policy_number": "P2024000123", **STORY})
    document = await bot.send_picture(settings.data_dir)
    state = (await bot.ask(f"documents/{document}")).json()
    assert state["attached_to"] == {"kind": "draft", "number": None}
    named = (await bot.write("POST", f"documents/{document}/attach", {"code": "damage_photos"})).json()
    assert "damage_photos" not in [one["code"] for one in named["still_missing"]]
    draft = (await bot.ask("claims/draft")).json()["draft"]
    assert [(one["id"], one["code"]) for one in draft["documents"]] == [(str(document), "damage_photos")]
    claim = (await bot.write("POST", "claims/draft/confirm", {})).json()["claim"]
    assert "damage_photos" not in [one["code"] for one in claim["missing_documents"]]
    state = (await bot.ask(f"documents/{document}")).json()
    assert state["attached_to"] == {"kind": "claim", "number": claim["number"]}
