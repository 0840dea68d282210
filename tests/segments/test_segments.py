"""A segment is described, counted and looked into before it is used; nothing but the known conditions is understood."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Stage
from backend.core.access import ApiToken, hash_token
from backend.core.crypto import Vault
from backend.customers.models import Customer, CustomerTag
from backend.notices import consents
from backend.notices.models import Purpose
from tests.factories import make_customer
from tests.insurance import Asker, make_claim, make_policy

PEOPLE: list[dict[str, Any]] = [
    {"name": "王芳", "region": "上海", "tier": "gold", "birth_date": date(1990, 12, 1)},
    {"name": "李强", "region": "浙江", "address": "杭州市西湖区", "tier": "silver", "gender": "m"},
    {"name": "John Miller", "region": None, "language": "en", "birth_date": date(1960, 1, 5), "gender": None},
]


@pytest.fixture(autouse=True)
async def people(monkeypatch: pytest.MonkeyPatch, session: AsyncSession, vault: Vault) -> dict[str, Customer]:
    """王芳 has a car policy that ends soon and an open claim; 李强 an overdue life premium; Miller nothing."""
    monkeypatch.setenv("ANDA_NOW", "2026-11-23T02:00:00Z")
    made = {}
    for number, values in enumerate(PEOPLE):
        phone, id_number = f"+1212555010{number}", f"99999919900101120{number}"
        customer = await make_customer(session, vault, phone=phone, id_number=id_number, **values)
        made[values["name"]] = customer
    car = await make_policy(session, made["王芳"], end_date=date(2026, 12, 10), issued_on=date(2023, 12, 11))
    await make_claim(session, car, stage=Stage.UNDER_REVIEW)
    await make_policy(
        session,
        made["李强"],
        "P2024000124",
        product="life",
        dues=(("2026-11-01", None), ("2026-12-05", None)),
    )
    session.add(CustomerTag(customer_id=made["李强"].id, tag="爱喝茶"))
    await consents.record(session, [Purpose.MARKETING], True, "chat", customer_id=made["王芳"].id)
    await session.commit()
    return made


async def names(service: httpx.AsyncClient, **wanted: Any) -> set[str]:
    answer = await service.post("/api/v1/segments/preview", json={"filter": wanted})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["count"], body["of"]) == (len(body["sample"]), 3)
    return {one["name"] for one in body["sample"]}


@pytest.mark.parametrize(
    ("include", "found"),
    [
        ({}, {"王芳", "李强", "John Miller"}),
        ({"tags": ["爱喝茶", "别的"]}, {"李强"}),
        ({"tiers": ["gold", "silver"]}, {"王芳", "李强"}),
        ({"regions": ["上海", "杭州"]}, {"王芳", "李强"}),
        ({"languages": ["en"]}, {"John Miller"}),
        ({"genders": ["m"]}, {"李强"}),
        ({"age_from": 36}, {"John Miller"}),
        ({"age_from": 35, "age_to": 35}, {"王芳"}),
        ({"birthday_in": {"to_days": 8}}, {"王芳"}),
        ({"birthday_in": {"to_days": 7}}, set()),
        ({"customer_since": {"until": "2023-12-31"}}, {"王芳"}),
        ({"holds": [{}]}, {"王芳", "李强"}),
        ({"holds": [{"product_types": ["auto"]}]}, {"王芳"}),
        ({"holds": [{"product_types": ["auto"]}, {"product_types": ["life"]}]}, set()),
        ({"holds": [{"ends_in": {"to_days": 30}}]}, {"王芳"}),
        ({"holds": [{"premium_due_in": {"to_days": 14}}]}, {"李强"}),
        ({"holds": [{"is_overdue": True}]}, {"李强"}),
        ({"holds": [{"product_types": ["auto"], "is_overdue": True}]}, set()),
        ({"has_open_claim": True}, {"王芳"}),
        ({"has_open_claim": False, "tiers": ["standard"]}, {"John Miller"}),
        ({"consent": {"purpose": "marketing"}}, {"王芳"}),
        ({"consent": {"purpose": "reminders"}}, {"王芳", "李强", "John Miller"}),
        ({"last_contact": {"not_within_days": 30}}, {"王芳", "李强", "John Miller"}),
    ],
)
async def test_conditions(service: httpx.AsyncClient, include: dict[str, Any], found: set[str]) -> None:
    assert await names(service, include=include) == found


async def test_those_of_whom_nothing_is_known_are_not_excluded_by_it(service: httpx.AsyncClient) -> None:
    found = await names(service, include={}, exclude={"genders": ["m"]})
    assert found == {"王芳", "John Miller"}
    assert await names(service, include={}, exclude={"regions": ["上海"]}) == {"李强", "John Miller"}
    assert await names(service, include={}, exclude={"age_from": 60}) == {"王芳", "李强"}


async def test_last_contact(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault, people: dict[str, Customer]
) -> None:
    asker = Asker(service, session, vault, channel="web", account="web", sender="w1")
    await asker.verify_as(people["王芳"])
    await asker.ask("me")
    assert await names(service, include={"last_contact": {"within_days": 7}}) == {"王芳"}
    assert await names(service, include={"last_contact": {"within_days": 7, "channels": ["sms"]}}) == set()
    assert await names(service, include={"last_contact": {"not_within_days": 7}}) == {"李强", "John Miller"}


@pytest.mark.parametrize(
    "wanted",
    [
        {"include": {"sql": "1=1"}},
        {"include": {"tiers": ["platinum"]}},
        {"include": {"tiers": []}},
        {"include": {"age_from": -1}},
        {"include": {"holds": [{"ends": {"since": "2026-02-02", "until": "2026-01-01"}}]}},
        {"include": {"holds": [{"ends": {}}]}},
        {"include": {"last_contact": {}}},
        {"include": {"tags": ["a\x00b"]}},
        {"include": {}, "exclude": {}},
        {"where": "x"},
    ],
)
async def test_anything_else_is_refused(service: httpx.AsyncClient, wanted: dict[str, Any]) -> None:
    answer = await service.post("/api/v1/segments/preview", json={"filter": wanted})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_wildcards_and_quotes_are_only_characters(service: httpx.AsyncClient) -> None:
    for area in ("%", "_", "'; drop table customers; --", "\\"):
        assert await names(service, include={"regions": [area]}) == set()


async def supervisor(service: httpx.AsyncClient, session: AsyncSession) -> dict[str, str]:
    scopes = ["segments:read", "segments:write", "customers:read"]
    session.add(ApiToken(name="s", token_hash=hash_token("segments"), scopes=scopes))
    await session.commit()
    return {"Authorization": "Bearer segments"}


async def test_a_segment_is_saved_once_changed_by_version_and_archived(
    service: httpx.AsyncClient, session: AsyncSession
) -> None:
    headers = await supervisor(service, session)
    body = {"name": "上海金牌", "filter": {"include": {"tiers": ["gold"], "regions": ["上海"]}}}
    keyed = headers | {"Idempotency-Key": "k1"}
    first = await service.post("/api/v1/segments", json=body, headers=keyed)
    again = await service.post("/api/v1/segments", json=body, headers=keyed)
    assert (first.status_code, again.json()) == (201, first.json())
    url = f"/api/v1/segments/{first.json()['id']}"
    taken = await service.post("/api/v1/segments", json=body, headers=headers | {"Idempotency-Key": "k2"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    members = (await service.get(f"{url}/customers", headers=headers)).json()
    assert [one["name"] for one in members["items"]] == ["王芳"]
    changed = await service.put(url, json=body | {"name": "金牌", "version": 1}, headers=headers)
    assert (changed.json()["version"], changed.json()["name"]) == (2, "金牌")
    stale = await service.put(url, json=body | {"version": 1}, headers=headers)
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    assert (await service.delete(url, headers=headers)).status_code == 204
    assert (await service.get(url, headers=headers)).status_code == 404
    assert (await service.get("/api/v1/segments", headers=headers)).json()["items"] == []


async def test_pages_of_members_neither_skip_nor_repeat(
    service: httpx.AsyncClient, session: AsyncSession
) -> None:
    headers = await supervisor(service, session)
    body = {"name": "所有人", "filter": {}}
    made = await service.post("/api/v1/segments", json=body, headers=headers | {"Idempotency-Key": "k"})
    url, seen, cursor = f"/api/v1/segments/{made.json()['id']}/customers", [], None
    for _ in range(3):
        page = (await service.get(url, params={"limit": 1, **({"cursor": cursor} if cursor else {})})).json()
        seen += [one["name"] for one in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == (["王芳", "李强", "John Miller"], None)


async def test_the_builder_offers_what_is_on_record(service: httpx.AsyncClient) -> None:
    body = (await service.get("/api/v1/segments/choices")).json()
    assert body["tags"] == ["爱喝茶"]
    assert body["regions"] == ["上海", "浙江"] or set(body["regions"]) == {"上海", "浙江"}
    assert "auto" in {product["type"] for product in body["products"]}
