"""Writing customers: once, never over somebody else's change; searching and revealing what is sealed."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.audit import AuditEntry
from backend.core.crypto import Vault
from backend.customers.models import Customer, CustomerTag
from tests.callers import once, signed_in
from tests.factories import ID_NUMBER, make_customer
from tests.insurance import make_claim, make_policy

LI_ID = "310000197511083173"


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    return await make_customer(session, vault, latin_name="Wang Fang", phone="+8614200000101")


@pytest.fixture
async def desk(app: FastAPI, session: AsyncSession) -> httpx.AsyncClient:
    return (await signed_in(app, session))[0]


async def actions(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


async def test_the_same_key_adds_one_customer(desk: httpx.AsyncClient, session: AsyncSession) -> None:
    body = {"name": "李强", "phone": "142 0000 0104", "id_number": LI_ID, "occupation": f"司机 {LI_ID}"}
    answers = await asyncio.gather(
        *(desk.post("/api/v1/customers", json=body, headers=once("k")) for _ in range(3))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert answers[0].json()["phone"] == "+86142****0104"
    assert answers[0].json()["occupation"] == "司机 **************3173", "what people type is masked"
    assert await session.scalar(select(func.count()).select_from(Customer)) == 1
    kept = await session.scalar(text("SELECT string_agg(response::text, '') FROM idempotency_keys"))
    assert "李" not in kept, "the key keeps the id only"


async def test_one_identity_document_is_one_customer_also_in_a_race(desk: httpx.AsyncClient) -> None:
    people = [{"name": name, "id_number": LI_ID} for name in ("李强", "李刚", "李勇")]
    answers = await asyncio.gather(
        *(desk.post("/api/v1/customers", json=person, headers=once()) for person in people)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"conflict"}


async def test_two_agents_never_overwrite_each_other(
    desk: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    path = f"/api/v1/customers/{wang.id}"
    version = (await desk.get(path)).json()["version"]
    bodies = [{"version": version, "occupation": word} for word in ("教师", "医生", "司机", "律师")]
    answers = await asyncio.gather(*(desk.patch(path, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"version_conflict"}
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert (await desk.get(path)).json()["occupation"] == won["occupation"]
    assert won["version"] == version + 1
    entry = (await session.scalars(select(AuditEntry))).one()
    assert (entry.action, entry.details) == ("customer.changed", {"fields": ["occupation"]})


async def test_only_what_is_sent_changes(desk: httpx.AsyncClient, wang: Customer) -> None:
    path = f"/api/v1/customers/{wang.id}"
    changed = await desk.patch(path, json={"version": 1, "email": "w@example.com", "latin_name": None})
    assert (changed.json()["email"], changed.json()["latin_name"]) == ("w@example.com", None)
    assert changed.json()["name"] == "王芳"
    for body in ({"name": None}, {"email": "no address"}, {"phone": "14200000109"}, {"language": "de"}):
        assert (await desk.patch(path, json={"version": 2} | body)).status_code == 422, body


@pytest.mark.parametrize(
    "typed", ["王芳", "wang f", "142-0000-0101", ID_NUMBER, "p2024000123", "C2026000101", "王"]
)
async def test_a_person_is_found_by_what_is_at_hand(
    desk: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer, typed: str
) -> None:
    await make_customer(session, vault, name="李强", phone="+8614200000104", id_number=LI_ID)
    await make_claim(session, await make_policy(session, wang))
    found = await desk.post("/api/v1/customers/search", json={"q": typed})
    assert [item["name"] for item in found.json()["items"]] == ["王芳"]
    assert (await actions(session) == ["customer.found_by_id_number"]) == (typed == ID_NUMBER)


async def test_nobody_is_found_by_part_of_an_identity_number(desk: httpx.AsyncClient, wang: Customer) -> None:
    for typed in (ID_NUMBER[:-1], ID_NUMBER[-4:], "%", "X9999999"):
        assert (await desk.post("/api/v1/customers/search", json={"q": typed})).json()["items"] == [], typed


async def test_an_agent_sees_masks_and_reveals_on_the_record(
    app: FastAPI, desk: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    path = f"/api/v1/customers/{wang.id}"
    seen = await desk.get(path)
    assert seen.json()["phone"] == "+86142****0101"
    assert ID_NUMBER not in seen.text
    revealed = await desk.post(f"{path}/reveal", json={"field": "id_number"})
    assert revealed.json() == {"field": "id_number", "value": ID_NUMBER}
    assert (await desk.post(f"{path}/reveal", json={"field": "phone"})).json()["value"] == wang.phone
    assert (await desk.post(f"{path}/reveal", json={"field": "payment_account"})).status_code == 422
    entries = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    assert [(entry.target, entry.details) for entry in entries] == [
        (f"customer:{wang.id}", {"field": "id_number"}),
        (f"customer:{wang.id}", {"field": "phone"}),
    ]
    auditor, _ = await signed_in(app, session, "auditor")
    assert (await auditor.post(f"{path}/reveal", json={"field": "id_number"})).status_code == 403


async def test_tags_by_hand_are_given_once_and_those_of_rules_stay(
    desk: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    path = f"/api/v1/customers/{wang.id}/tags"
    session.add(CustomerTag(customer_id=wang.id, tag="理赔中", is_by_rule=True))
    await session.commit()
    answers = await asyncio.gather(*(desk.put(f"{path}/VIP") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert [one["tag"] for one in (await desk.get(path)).json()["items"]] == ["VIP", "理赔中"]
    assert (await actions(session)).count("customer.tagged") == 1
    refused = await desk.delete(f"{path}/理赔中")
    assert (refused.status_code, refused.json()["code"]) == (409, "tag_of_rule")
    assert [one["tag"] for one in (await desk.delete(f"{path}/VIP")).json()["items"]] == ["理赔中"]
    counts = (await desk.get("/api/v1/tags")).json()["items"]
    assert counts == [{"tag": "理赔中", "customers": 1}]
    listed = await desk.get("/api/v1/customers", params={"tag": "理赔中"})
    assert [item["tags"] for item in listed.json()["items"]] == [["理赔中"]]


async def test_a_family_is_seen_from_both_sides(
    desk: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    son = await make_customer(session, vault, name="张小明", gender="m", phone=None, id_number=LI_ID)
    path = f"/api/v1/customers/{wang.id}/family"
    pair = [
        desk.post(path, json={"relation": "son", "customer_id": son.id}, headers=once()),
        desk.post(
            f"/api/v1/customers/{son.id}/family",
            json={"relation": "mother", "customer_id": wang.id},
            headers=once(),
        ),
    ]
    answers = await asyncio.gather(*pair)
    assert sorted(answer.status_code for answer in answers) == [201, 409], "entered from both sides at once"
    named = {"relation": "spouse", "name": "张磊", "birth_date": "1986-05-01"}
    await desk.post(path, json=named, headers=once())
    seen = (await desk.get(path)).json()["items"]
    assert {(one["relation"], one["name"], one["customer_id"]) for one in seen} == {
        ("son", "张小明", son.id),
        ("spouse", "张磊", None),
    }
    other = (await desk.get(f"/api/v1/customers/{son.id}/family")).json()["items"]
    assert [(one["relation"], one["name"]) for one in other] == [("mother", "王芳")]
    assert (await desk.post(path, json={"relation": "son"}, headers=once())).status_code == 422
    gone = await desk.delete(f"/api/v1/customers/{son.id}/family/{other[0]['id']}")
    assert gone.json()["items"] == []
    assert [one["name"] for one in (await desk.get(path)).json()["items"]] == ["张磊"]


async def test_a_call_is_logged_once_and_without_numbers(
    desk: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    path = f"/api/v1/customers/{wang.id}/interactions"
    body = {"kind": "call", "direction": "outbound", "text": f"核对证件 {ID_NUMBER}，客户已了解"}
    answers = await asyncio.gather(*(desk.post(path, json=body, headers=once("c")) for _ in range(2)))
    assert {answer.status_code for answer in answers} == {201}
    (entry,) = (await desk.get(path)).json()["items"]
    assert (entry["kind"], entry["channel"], entry["speaker"]) == ("call", "phone", "agent")
    assert entry["conversation_id"] is None
    assert entry["text"] == "核对证件 **************1235，客户已了解"
    early = body | {"occurred_at": "2999-01-01T00:00:00Z"}
    assert (await desk.post(path, json=early, headers=once())).status_code == 422


@pytest.mark.parametrize("sort", ["name", "-name", "updated_at", "-created_at", "-id"])
async def test_every_order_pages_without_gaps(
    desk: httpx.AsyncClient, session: AsyncSession, vault: Vault, sort: str
) -> None:
    for number in range(7):
        await make_customer(session, vault, name=f"客户{number % 3}", id_number=f"99999919900101{number:04d}")
    whole = (await desk.get("/api/v1/customers", params={"sort": sort})).json()["items"]
    paged, cursor = [], None
    while True:
        query = {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await desk.get("/api/v1/customers", params=query)).json()
        paged += page["items"]
        if (cursor := page["next"]) is None:
            break
        other = await desk.get("/api/v1/customers", params={"sort": "id", "cursor": cursor})
        assert other.status_code == 422, "a cursor belongs to its order"
    assert [one["id"] for one in paged] == [one["id"] for one in whole]
    assert len(paged) == 7
