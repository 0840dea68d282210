"""Policies for agents and other systems."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.policies.models import PolicyStatus
from tests.factories import make_customer
from tests.insurance import make_policy


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T02:00:00Z")


async def test_a_policy_with_all_that_belongs_to_it(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    wang = await make_customer(session, vault)
    await make_policy(session, wang, dues=(("2027-03-01", None),), beneficiaries=(("张磊", "spouse", "100"),))
    body = (await service.get("/api/v1/policies/p2024000123")).json()
    assert body["holder_id"] == wang.id
    assert body["holder_name"] == "王芳"
    assert body["next_premium"]["due_date"] == "2027-03-01"
    assert body["beneficiaries"] == [
        {"name": "张磊", "relationship": {"zh": "配偶", "en": "spouse"}, "share_percent": 100}
    ]
    assert len(body["coverages"]) == 1


async def test_an_unknown_policy_is_not_found(service: httpx.AsyncClient) -> None:
    answer = await service.get("/api/v1/policies/P2024000123")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_lists_filter_and_page(service: httpx.AsyncClient, session: AsyncSession, vault: Vault) -> None:
    wang = await make_customer(session, vault)
    for order in range(3):
        await make_policy(session, wang, f"P202400000{order}", dues=((f"2027-03-0{order + 1}", None),))
    await make_policy(session, wang, "P2024000009", "home", status=PolicyStatus.EXPIRED)
    first = (await service.get("/api/v1/policies", params={"product_type": "auto", "limit": 2})).json()
    second = (
        await service.get(
            "/api/v1/policies", params={"product_type": "auto", "limit": 2, "cursor": first["next"]}
        )
    ).json()
    numbers = [item["number"] for item in first["items"] + second["items"]]
    assert numbers == ["P2024000000", "P2024000001", "P2024000002"]
    assert second["next"] is None
    assert [item["next_premium"]["due_date"] for item in first["items"]] == ["2027-03-01", "2027-03-02"]
    expired = (await service.get(f"/api/v1/customers/{wang.id}/policies")).json()["items"]
    assert [item["status"] for item in expired] == ["active"] * 3 + ["expired"]
    assert (await service.get("/api/v1/customers/999999/policies")).status_code == 404


async def test_a_foreign_cursor_is_refused(service: httpx.AsyncClient) -> None:
    for cursor in ("x", "WyJhIl0", "W251bGxd", "é"):
        assert (await service.get("/api/v1/policies", params={"cursor": cursor})).status_code == 422


async def test_strangers_learn_nothing(client: httpx.AsyncClient) -> None:
    for path in ("policies", "policies/P2024000123", "customers/1/policies"):
        assert (await client.get(f"/api/v1/{path}")).status_code == 401
