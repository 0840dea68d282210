"""Payments pay premiums once; beneficiaries change as a whole; products tell their terms."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.customers.models import Customer
from backend.policies.models import Payment, PolicyStatus
from tests.callers import once
from tests.factories import make_customer
from tests.insurance import make_policy

PATH = "/api/v1/policies/P2024000123"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T02:00:00Z")


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    return await make_customer(session, vault)


def paying(amount: str, external_id: str | None = None) -> dict[str, Any]:
    return {"amount": amount, "paid_on": "2026-11-20", "method": "bank", "external_id": external_id}


async def schedule(service: httpx.AsyncClient) -> list[tuple[str, str, str | None]]:
    items = (await service.get(f"{PATH}/instalments")).json()["items"]
    return [(one["due_date"], one["paid"]["amount"], one["paid_date"]) for one in items]


async def test_a_payment_pays_the_oldest_premiums_and_keeps_the_rest(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    dues = (("2026-10-10", None), ("2026-11-10", None), ("2026-12-10", None))
    await make_policy(session, wang, dues=dues, premium=Decimal(500), status=PolicyStatus.GRACE)
    first = (await service.post(f"{PATH}/payments", json=paying("700.00"), headers=once())).json()
    assert (first["pays"], first["unused"]["amount"]) == (["2026-10-10", "2026-11-10"], "0.00")
    assert await schedule(service) == [
        ("2026-10-10", "500.00", "2026-11-20"), ("2026-11-10", "200.00", None), ("2026-12-10", "0.00", None),
    ]  # fmt: skip
    assert (await service.get(PATH)).json()["status"] == "grace", "one is still overdue"
    await service.post(f"{PATH}/payments", json=paying("300.00"), headers=once())
    assert (await service.get(PATH)).json()["status"] == "active"
    last = (await service.post(f"{PATH}/payments", json=paying("900.00"), headers=once())).json()
    assert (last["pays"], last["unused"]["amount"]) == (["2026-12-10"], "400.00")
    page = (await service.get(f"{PATH}/payments", params={"limit": 2})).json()
    assert [one["amount"]["amount"] for one in page["items"]] == ["900.00", "300.00"]
    assert page["next"]


async def test_racing_retries_of_one_payment_pay_once(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang, dues=(("2026-11-10", None), ("2026-12-10", None)), premium=Decimal(500))
    same_key = [service.post(f"{PATH}/payments", json=paying("500.00"), headers=once("k")) for _ in range(3)]
    same_id = [
        service.post(f"{PATH}/payments", json=paying("500.00", "PAY-1"), headers=once()) for _ in range(3)
    ]
    answers = await asyncio.gather(*same_key, *same_id)
    assert {answer.status_code for answer in answers} == {201}
    assert await session.scalar(select(func.count()).select_from(Payment)) == 2
    assert {paid for _, paid, _ in await schedule(service)} == {"500.00"}
    other = await service.post(f"{PATH}/payments", json=paying("600.00", "PAY-1"), headers=once())
    assert (other.status_code, other.json()["code"]) == (409, "payment_differs")
    differs = await service.post(f"{PATH}/payments", json=paying("1.00"), headers=once("k"))
    assert differs.status_code == 409


async def test_different_payments_at_once_lose_nothing(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang, dues=(("2026-11-10", None), ("2026-12-10", None)), premium=Decimal(500))
    await asyncio.gather(
        *(service.post(f"{PATH}/payments", json=paying("200.00"), headers=once()) for _ in range(5))
    )
    assert [paid for _, paid, _ in await schedule(service)] == ["500.00", "500.00"]


@pytest.mark.parametrize(
    ("amount", "status"), [("0.00", 422), ("-5.00", 422), ("1.001", 422), ("99999999999.00", 422)]
)
async def test_impossible_amounts_are_refused(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer, amount: str, status: int
) -> None:
    await make_policy(session, wang)
    answer = await service.post(f"{PATH}/payments", json=paying(amount), headers=once())
    assert answer.status_code == status


def share(name: str, percent: str, relationship: str = "spouse") -> dict[str, str]:
    return {"name": name, "relationship": relationship, "share_percent": percent}


async def test_shares_add_to_a_hundred_and_races_have_one_winner(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang, beneficiaries=(("张磊", "spouse", "100"),))
    version = (await service.get(PATH)).json()["version"]
    wrong = {"version": version, "beneficiaries": [share("张磊", "60"), share("张子涵", "30", "daughter")]}
    refused = await service.put(f"{PATH}/beneficiaries", json=wrong)
    assert (refused.status_code, refused.json()["field"]) == (422, "beneficiaries")
    bodies = [{"version": version, "beneficiaries": [share(name, "100")]} for name in ("甲", "乙", "丙")]
    answers = await asyncio.gather(*(service.put(f"{PATH}/beneficiaries", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    seen = (await service.get(PATH)).json()
    assert seen["beneficiaries"] == won["beneficiaries"]
    assert seen["version"] > version


async def test_policies_sort_and_filter_by_the_end_of_their_period(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    ends = {
        "P2024000001": date(2026, 12, 1),
        "P2024000002": date(2026, 12, 20),
        "P2024000003": date(2027, 5, 1),
    }
    for number, end in ends.items():
        await make_policy(session, wang, number, end_date=end)
    query = {"ends_from": "2026-12-01", "ends_until": "2026-12-31", "sort": "-end_date", "limit": 1}
    first = (await service.get("/api/v1/policies", params=query)).json()
    second = (await service.get("/api/v1/policies", params=query | {"cursor": first["next"]})).json()
    numbers = [page["items"][0]["number"] for page in (first, second)]
    assert (numbers, second["next"]) == (["P2024000002", "P2024000001"], None)


async def test_products_tell_their_terms(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang)
    products = {one["code"]: one for one in (await service.get("/api/v1/products")).json()["items"]}
    assert products["critical_illness"]["cooling_off_days"] == 15
    assert (await service.get("/api/v1/products/auto")).json() == products["auto"]
    assert (await service.get("/api/v1/products/none")).status_code == 404
