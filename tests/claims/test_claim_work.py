"""The work on a claim: reporting by agents and the core, moving, deciding, paying, disputes."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, Stage
from backend.core import clock
from backend.core.calendar import add_working_days
from backend.core.crypto import Vault
from backend.customers.models import Customer
from backend.tickets.models import Ticket
from tests.claims.reporting import Reporter, key, signed_in
from tests.factories import ID_NUMBER, make_customer
from tests.insurance import make_claim, make_policy

CLAIM = "/api/v1/claims/C2026000101"
COMPLETE = (("claim_form", True), ("repair_invoice", True))
YUAN = {"currency": "CNY"}
LOSS = {
    "policy_number": "P2024000123",
    "type": "auto_damage",
    "incident_date": str(date.today() - timedelta(days=2)),
    "description": f"证件 {ID_NUMBER}",
}


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    """Wang Fang, with a complete claim of CNY 3,200 under review."""
    customer = await make_customer(session, vault)
    await make_claim(session, await make_policy(session, customer), documents=COMPLETE)
    return customer


async def test_the_core_reports_a_claim_once(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    told = LOSS | {"source": "core", "external_id": "K-1"}
    answers = await asyncio.gather(
        *(service.post("/api/v1/claims", json=told, headers=key()) for _ in range(3)),
    )
    assert {answer.status_code for answer in answers} == {201}
    (number,) = {answer.json()["number"] for answer in answers}
    claim = (await service.get(f"/api/v1/claims/{number}")).json()
    assert (claim["stage"], claim["external_id"]) == ("awaiting_documents", "K-1")
    assert len(claim["missing_documents"]) == 6
    assert ID_NUMBER not in str(claim)
    assert await session.scalar(select(func.count()).select_from(Claim)) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"policy_number": "P2020000000"}, "policy_number"),
        ({"type": "death"}, "type"),
        ({"incident_date": str(date.today() + timedelta(days=2))}, "incident_date"),
        ({"reported_date": "2020-01-01"}, "reported_date"),
    ],
)
async def test_a_report_that_cannot_be_is_refused(
    service: httpx.AsyncClient, wang: Customer, wrong: dict[str, str], field: str
) -> None:
    refused = await service.post("/api/v1/claims", json=LOSS | wrong, headers=key())
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_a_correction_meets_the_version_it_has_seen(
    app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    async with signed_in(app, session, "agent") as agent:
        version = (await agent.get(CLAIM)).json()["version"]
        body = {"version": version, "claimed_amount": {"amount": "2800.00", **YUAN}, "is_flagged": True}
        corrected = (await agent.patch(CLAIM, json=body, headers=key())).json()
        assert (corrected["claimed_amount"]["amount"], corrected["is_flagged"]) == ("2800.00", True)
        late = await agent.patch(CLAIM, json=body, headers=key())
        assert (late.status_code, late.json()["code"]) == (409, "version_conflict")


async def test_two_agents_moving_a_claim_move_it_once(
    app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    async with signed_in(app, session, "agent") as one, signed_in(app, session, "agent") as two:
        version = (await one.get(CLAIM)).json()["version"]
        answers = await asyncio.gather(
            one.post(
                f"{CLAIM}/transitions", json={"stage": "investigating", "version": version}, headers=key()
            ),
            two.post(f"{CLAIM}/transitions", json={"stage": "withdrawn", "version": version}, headers=key()),
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_transition_that_is_not_allowed_names_those_that_are(
    app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    async with signed_in(app, session, "agent") as agent:
        claim = (await agent.get(CLAIM)).json()
        body = {"stage": "paid", "version": claim["version"]}
        refused = (await agent.post(f"{CLAIM}/transitions", json=body, headers=key())).json()
    assert (refused["code"], refused["allowed"]) == ("transition_not_allowed", claim["allowed_stages"])


async def _decide(agent: httpx.AsyncClient, decision: str, amount: str | None, **more: Any) -> httpx.Response:
    version = (await agent.get(CLAIM)).json()["version"]
    body = {"decision": decision, "reason": "covered", "version": version} | more
    if amount:
        body["approved_amount"] = {"amount": amount, **YUAN}
    return await agent.post(f"{CLAIM}/decision", json=body, headers=key())


async def test_deciding_and_paying_need_rights_of_their_own(
    app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    async with signed_in(app, session, "agent") as agent, signed_in(app, session) as supervisor:
        assert (await _decide(agent, "approved", "3200.00")).status_code == 403
        decided = (await _decide(supervisor, "approved", "3200.00")).json()
        assert (decided["stage"], decided["decision"], decided["decision_reason"]["en"]) == (
            "approved",
            "approved",
            "The loss is covered and the documents are complete",
        )
        assert decided["decisions"][0]["decided_by"].startswith("agent:")
        body = {"amount": {"amount": "3200.00", **YUAN}, "version": decided["version"]}
        assert (await agent.post(f"{CLAIM}/payment", json=body, headers=key())).status_code == 403
        wrong = body | {"amount": {"amount": "3000.00", **YUAN}}
        assert (await supervisor.post(f"{CLAIM}/payment", json=wrong, headers=key())).status_code == 422
        same = key()
        paid = (await supervisor.post(f"{CLAIM}/payment", json=body, headers=same)).json()
        again = (await supervisor.post(f"{CLAIM}/payment", json=body, headers=same)).json()
    assert (paid["stage"], paid["paid_amount"]["amount"]) == ("paid", "3200.00")
    assert again["events"] == paid["events"]


@pytest.mark.parametrize(
    ("decision", "amount", "field"),
    [
        ("approved", None, "approved_amount"),
        ("approved", "3300.00", "approved_amount"),
        ("approved", "3000.00", "decision"),
        ("partly_approved", "3200.00", "decision"),
        ("declined", "10.00", "approved_amount"),
    ],
)
async def test_a_decision_must_fit_its_amount(
    app: FastAPI, session: AsyncSession, wang: Customer, decision: str, amount: str | None, field: str
) -> None:
    async with signed_in(app, session) as supervisor:
        refused = await _decide(supervisor, decision, amount)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_a_dispute_has_a_clock_a_ticket_and_an_outcome(
    app: FastAPI, service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    bot = Reporter(service, session, vault, channel="wechat", account="wx", sender="openid-1")
    await bot.verify_as(wang)
    early = await bot.write("POST", "claims/C2026000101/disputes", {"reason": "太慢"})
    assert (early.status_code, early.json()["code"]) == (409, "not_decided")
    async with signed_in(app, session) as supervisor:
        await _decide(supervisor, "declined", None, reason="not_covered")
        raised = (await bot.write("POST", "claims/C2026000101/disputes", {"reason": "我不同意"})).json()
        assert raised["due_on"] == str(add_working_days(clock.today(app.state.settings.zone), 5))
        ticket = (await session.scalars(select(Ticket).where(Ticket.number == raised["ticket_number"]))).one()
        assert (ticket.kind, ticket.customer_id) == ("dispute", wang.id)
        twice = await supervisor.post(f"{CLAIM}/disputes", json={"reason": "再次"}, headers=key())
        assert (twice.status_code, twice.json()["code"]) == (409, "dispute_open")
        listed = (await supervisor.get("/api/v1/claims", params={"is_disputed": "true"})).json()["items"]
        assert [one["number"] for one in listed] == ["C2026000101"]
        close = f"{CLAIM}/disputes/{raised['id']}/close"
        closed = (
            await supervisor.post(close, json={"outcome": "changed", "note": "重新审核"}, headers=key())
        ).json()
        assert (closed["stage"], closed["decision"], closed["disputes"][0]["outcome"]) == (
            "under_review",
            None,
            "changed",
        )
        assert (await supervisor.post(close, json={"outcome": "upheld"}, headers=key())).status_code == 404
        second = (await _decide(supervisor, "approved", "3200.00")).json()
    assert [one["decision"] for one in second["decisions"]] == ["declined", "approved"]


async def test_the_list_sorts_by_how_long_a_claim_is_in_its_stage(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    policy = await make_policy(session, wang, "P2024000124", "home")
    for order in range(3):
        await make_claim(session, policy, f"C202600020{order}", type="home_damage", stage=Stage.INVESTIGATING)
    query: dict[str, Any] = {"order": "longest_in_stage", "limit": 3, "q": "王"}
    first = (await service.get("/api/v1/claims", params=query)).json()
    rest = (await service.get("/api/v1/claims", params=query | {"cursor": first["next"]})).json()
    assert len(first["items"]) == 3
    assert len(rest["items"]) == 1
    both = {"stage": ["investigating", "under_review"], "type": "home_damage"}
    assert len((await service.get("/api/v1/claims", params=both)).json()["items"]) == 3
