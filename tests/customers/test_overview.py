"""The 360° view: everything in one answer, and no more than the caller may see."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Stage
from backend.core.crypto import Vault
from backend.customers import standing
from backend.customers.models import Customer, FamilyMember
from backend.customers.overview import RIGHTS
from backend.notices.models import Consent
from tests.callers import once, signed_in, with_token
from tests.factories import make_customer
from tests.insurance import Asker, make_claim, make_policy

WECHAT = {"channel": "wechat", "account": "wx0123456789abcdef", "sender": "o1"}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T02:00:00Z")


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    return await make_customer(session, vault, phone="+8614200000101")


async def test_one_call_tells_everything(
    app: FastAPI, service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    policy = await make_policy(session, wang, dues=(("2025-11-29", "2025-11-29"), ("2026-11-29", None)))
    await make_claim(session, policy, stage=Stage.AWAITING_DOCUMENTS, description="剐蹭")
    await make_claim(session, policy, "C2026000102", documents=(), stage=Stage.PAID)
    session.add(FamilyMember(customer_id=wang.id, name="张磊", relation="spouse"))
    session.add(
        Consent(
            customer_id=wang.id,
            purpose="marketing",
            given=False,
            source="chat",
            recorded_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
    )
    asker = Asker(service, session, vault, **WECHAT)
    await asker.verify_as(wang)
    message = (await asker.ask("me", "我要退保")).request.headers["X-Anda-Message"]
    ask = {"kind": "contact", "details": {"field": "address", "value": "北京市朝阳区演示路 9 号"}}
    headers = {"X-Anda-Message": message} | once()
    assert (await service.post("/api/v1/bot/changes", json=ask, headers=headers)).status_code == 200
    desk, _ = await signed_in(app, session)
    task = {"kind": "callback", "summary": "回电", "due_at": "2026-11-21T02:00:00Z", "customer_id": wang.id}
    await desk.post("/api/v1/tasks", json=task, headers=once())
    await desk.put(f"/api/v1/customers/{wang.id}/tags/VIP")
    call = {"kind": "call", "direction": "outbound", "text": "已回电"}
    await desk.post(f"/api/v1/customers/{wang.id}/interactions", json=call, headers=once())
    await standing.refresh(session, [wang.id], datetime(2026, 11, 22, tzinfo=UTC).date())
    await session.commit()

    answer = await desk.get(f"/api/v1/customers/{wang.id}/overview")
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    assert (seen["customer"]["name"], seen["customer"]["phone"]) == ("王芳", "+86142****0101")
    assert seen["customer"]["tags"] == ["VIP", "理赔中"]
    assert (seen["standing"]["tier"], seen["standing"]["computed_at"] is not None) == ("silver", True)
    assert [one["name"] for one in seen["family"]] == ["张磊"]
    assert [one["channel"] for one in seen["channels"]] == ["wechat"]
    assert seen["policies"][0]["due"] == {
        "due_date": "2026-11-29",
        "amount": {"amount": "4200.00", "currency": "CNY"},
        "status": "due",
        "grace_until": None,
    }
    (claim,) = seen["claims"]
    assert (claim["number"], claim["waits_for"]) == ("C2026000101", "customer")
    assert [one["code"] for one in claim["missing_documents"]] == ["repair_invoice"]
    assert [one["kind"] for one in seen["tickets"]] == ["change_request"]
    assert [(one["summary"], one["is_overdue"]) for one in seen["tasks"]] == [("回电", True)]
    assert [(one["kind"], one["state"]) for one in seen["changes"]] == [("contact", "asked")]
    assert {one["kind"] for one in seen["interactions"]} >= {"message", "call", "action"}
    said = {one["purpose"]: (one["given"], one["recorded_at"] is not None) for one in seen["consents"]}
    assert said["marketing"] == (False, True)
    assert said["reminders"] == (True, False)


async def test_parts_without_the_right_are_missing(
    app: FastAPI, session: AsyncSession, wang: Customer
) -> None:
    await make_claim(session, await make_policy(session, wang))
    token = await with_token(app, session, "customers:read", "policies:read")
    seen = (await token.get(f"/api/v1/customers/{wang.id}/overview")).json()
    assert len(seen["policies"]) == 1
    assert {part for part in RIGHTS if seen[part] is not None} == {"policies"}


async def test_a_partly_paid_premium_shows_the_rest(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang, dues=(("2026-11-10", None),), premium=Decimal(300))
    body = {"amount": "100.00", "paid_on": "2026-11-20", "method": "bank"}
    await service.post("/api/v1/policies/P2024000123/payments", json=body, headers=once())
    seen = (await service.get(f"/api/v1/customers/{wang.id}/overview")).json()
    due = seen["policies"][0]["due"]
    assert (due["amount"]["amount"], due["status"]) == ("200.00", "overdue")


async def test_an_unknown_customer_is_not_found(service: httpx.AsyncClient) -> None:
    assert (await service.get("/api/v1/customers/999/overview")).status_code == 404
