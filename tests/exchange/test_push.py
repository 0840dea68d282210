"""What the core system pushes: once per version, never backwards, each record on its own."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Binding
from backend.core.crypto import Vault
from backend.customers.models import Customer
from backend.demo.policy_rows import product_rows
from backend.policies.models import Policy
from tests.callers import once, signed_in, with_token
from tests.insurance import Asker

LI_ID = "310000197511083173"
POLICY: dict[str, Any] = {
    "external_id": "P2024000123",
    "version": 1,
    "number": "P2024000123",
    "product_code": "life",
    "holder_external_id": "100001",
    "insured_name": "王芳",
    "status": "active",
    "issued_on": "2024-12-01",
    "start_date": "2025-12-01",
    "end_date": "2026-11-30",
    "sum_insured": "300000.00",
    "premium": "4200.00",
    "payment_frequency": "annual",
}


def person(version: int, **values: Any) -> dict[str, Any]:
    return {"external_id": "100001", "version": version, "name": "王芳", "phone": "14200000101"} | values


@pytest.fixture
async def core(app: FastAPI, session: AsyncSession) -> httpx.AsyncClient:
    session.add_all(product_rows().values())
    await session.commit()
    scopes = ("customers:read", "customers:write", "policies:read", "policies:write")
    return await with_token(app, session, *scopes)


async def push(core: httpx.AsyncClient, *items: dict[str, Any], what: str = "customers") -> list[str]:
    answer = await core.post(f"/api/v1/push/{what}", json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    return [one["outcome"] for one in answer.json()["items"]]


async def test_versions_decide_whatever_the_order(core: httpx.AsyncClient) -> None:
    assert await push(core, person(5, occupation="教师")) == ["created"]
    assert await push(core, person(5, occupation="教师")) == ["unchanged"]
    assert await push(core, person(4, occupation="学生")) == ["out_of_date"]
    assert await push(core, person(7, occupation="校长"), person(6, occupation="主任")) == [
        "updated",
        "updated",
    ]
    (seen,) = (await core.get("/api/v1/customers", params={"source": "core"})).json()["items"]
    read = (await core.get(f"/api/v1/customers/{seen['id']}")).json()
    assert (read["occupation"], read["source_version"], read["external_id"]) == ("校长", 7, "100001")


async def test_a_hundred_racing_pushes_make_one_customer_at_the_newest_version(
    core: httpx.AsyncClient, session: AsyncSession
) -> None:
    versions = [3, 9, 1, 7, 9, 2, 8, 4, 6, 5]
    await asyncio.gather(*(push(core, person(v, occupation=f"{v}")) for v in versions))
    customer = (await session.scalars(select(Customer))).one()
    assert (customer.occupation, customer.source_version) == ("9", 9)


async def test_a_rejected_record_holds_up_no_other(core: httpx.AsyncClient) -> None:
    items = [
        person(1, id_number=LI_ID),
        person(1, external_id="100002", name="李强", id_number=LI_ID),
        person(1, external_id="100003", name="赵敏", phone="12"),
        person(1, external_id="100004", name="钱伟", id_number="310000197511083174"),
        person(1, external_id="100005", name="孙丽"),
    ]
    answer = (await core.post("/api/v1/push/customers", json={"items": items})).json()["items"]
    assert [(one["outcome"], one["code"], one["field"]) for one in answer] == [
        ("created", None, None),
        ("rejected", "conflict", None),
        ("rejected", "invalid", "phone"),
        ("rejected", "invalid", "id_number"),
        ("created", None, None),
    ]
    listed = (await core.get("/api/v1/customers")).json()["items"]
    assert [one["name"] for one in listed] == ["王芳", "孙丽"]


async def test_systems_never_overwrite_each_other(
    app: FastAPI, core: httpx.AsyncClient, session: AsyncSession
) -> None:
    other = await with_token(app, session, "customers:write", name="agency")
    assert await push(core, person(5)) == await push(other, person(1)) == ["created"]
    assert await session.scalar(select(func.count()).select_from(Customer)) == 2
    admin, _ = await signed_in(app, session, "admin")
    assert (await admin.post("/api/v1/push/customers", json={"items": [person(9)]})).status_code == 403


async def test_a_new_phone_ends_every_proof_of_identity(
    core: httpx.AsyncClient, service: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    await push(core, person(1))
    customer = (await session.scalars(select(Customer))).one()
    asker = Asker(service, session, vault, channel="wechat", account="wx0123456789abcdef", sender="o1")
    await asker.verify_as(customer)
    await push(core, person(2, occupation="教师"))
    assert (await asker.ask("me")).json()["level"] == 2
    await push(core, person(3, phone="14200000109"))
    assert (await asker.ask("me")).json()["level"] == 0
    ended = (await session.scalars(select(Binding).execution_options(populate_existing=True))).one()
    assert ended.end_reason == "phone_changed"


async def test_a_policy_comes_with_what_belongs_to_it(core: httpx.AsyncClient, session: AsyncSession) -> None:
    assert await push(core, POLICY, what="policies") == ["rejected"], "the holder is not known yet"
    await push(core, person(1))
    name = {"zh": "身故", "en": "Death benefit"}
    parts = {
        "coverages": [{"code": "death", "name": name, "sum_insured": "300000.00", "waiting_period_days": 90}],
        "riders": [
            {
                "code": "waiver",
                "name": {"zh": "豁免", "en": "Waiver"},
                "sum_insured": "0.00",
                "premium": "40.00",
                "start_date": "2025-12-01",
                "end_date": "2026-11-30",
            }
        ],
        "instalments": [{"due_date": "2025-12-01", "amount": "4200.00"}],
        "beneficiaries": [{"name": "张磊", "relationship": "spouse", "share_percent": "100"}],
    }
    assert await push(core, POLICY | parts, what="policies") == ["created"]
    paying = {"amount": "4000.00", "paid_on": "2025-12-01", "method": "bank"}
    await core.post("/api/v1/policies/P2024000123/payments", json=paying, headers=once())
    newer = {"version": 2, "instalments": [{"due_date": "2026-12-01", "amount": "4300.00"}], "riders": []}
    assert await push(core, POLICY | newer, what="policies") == ["updated"]
    seen = (await core.get("/api/v1/policies/P2024000123")).json()
    assert [one["code"] for one in seen["riders"]] == []
    assert len(seen["coverages"]) == len(seen["beneficiaries"]) == 1, "a list that is left out stays"
    dues = (await core.get("/api/v1/policies/P2024000123/instalments")).json()["items"]
    assert [(one["due_date"], one["paid"]["amount"]) for one in dues] == [
        ("2025-12-01", "4000.00"), ("2026-12-01", "0.00"),
    ], "what has money on it stays"  # fmt: skip
    wrong = POLICY | {
        "version": 3,
        "beneficiaries": [{"name": "甲", "relationship": "son", "share_percent": "90"}],
    }
    assert await push(core, wrong, what="policies") == ["rejected"]
    policy = (await session.scalars(select(Policy))).one()
    assert policy.source_version == 2
    odd = POLICY | {"version": 4, "end_date": "2020-01-01"}
    assert (await core.post("/api/v1/push/policies", json={"items": [odd]})).status_code == 422


async def test_a_claim_comes_moves_and_is_not_moved_back(
    app: FastAPI, core: httpx.AsyncClient, session: AsyncSession
) -> None:
    await push(core, person(1))
    await push(core, POLICY, what="policies")
    claims = await with_token(
        app, session, "claims:read", "claims:write", "customers:read", name="core-claims"
    )
    body: dict[str, Any] = {
        "external_id": "C2026900001", "version": 1, "number": "C2026900001", "policy_number": "P2024000123",
        "type": "death", "incident_date": "2026-11-01", "reported_date": "2026-11-02", "stage": "awaiting_documents",
        "stage_since": "2026-11-03T02:00:00Z", "documents": [{"code": "claim_form"}],
    }  # fmt: skip
    assert await push(claims, body | {"type": "none"}, what="claims") == ["rejected"]
    assert await push(claims, body, what="claims") == ["created"]
    later = {"version": 2, "stage": "under_review", "stage_since": "2026-11-05T02:00:00Z"}
    assert await push(claims, body | later, body | later, what="claims") == ["updated", "unchanged"]
    older = {
        "version": 3,
        "stage": "reported",
        "stage_since": "2026-11-01T02:00:00Z",
        "claimed_amount": "5.00",
    }
    assert await push(claims, body | older, what="claims") == ["updated"]
    seen = (await claims.get("/api/v1/claims/C2026900001")).json()
    assert (seen["stage"], seen["claimed_amount"]["amount"]) == ("under_review", "5.00")
    assert [(one["stage"], one["is_out_of_order"]) for one in seen["events"]] == [
        ("reported", True), ("awaiting_documents", False), ("under_review", False),
    ]  # fmt: skip
    assert [one["code"] for one in seen["documents"]] == ["claim_form"]
