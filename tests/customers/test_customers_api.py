"""Customers for agents and other systems."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.customers.models import Customer, tidy_id_number
from backend.customers.names import surname_of
from backend.customers.service import masked
from tests.factories import make_customer

LI_ID = "310000197511083173"


@pytest.fixture
async def people(session: AsyncSession, vault: Vault) -> list[Customer]:
    wang = await make_customer(session, vault, latin_name="Wang Fang", phone="+8614200000101")
    li = await make_customer(
        session, vault, name="李强", phone="+12125550142", id_number=LI_ID, email="100%@example.com"
    )
    return [wang, li]


async def found(service: httpx.AsyncClient, **query: str) -> list[str]:
    return [item["name"] for item in (await service.get("/api/v1/customers", params=query)).json()["items"]]


async def test_a_customer_shows_the_phone_and_hides_the_identity_number(
    service: httpx.AsyncClient, people: list[Customer]
) -> None:
    answer = await service.get(f"/api/v1/customers/{people[1].id}")
    body = answer.json()
    assert (body["phone"], body["surname"], body["id_type"]) == ("+12125550142", "李", "resident_id")
    assert body["id_number_masked"] == "310***********3173"
    assert LI_ID not in answer.text


async def test_people_are_found_by_phone_and_name(service: httpx.AsyncClient, people: list[Customer]) -> None:
    assert await found(service, phone="142 0000 0101") == ["王芳"]
    assert await found(service, phone="no phone") == []
    assert await found(service, name="李强") == ["李强"]
    assert await found(service, name="wang fang") == ["王芳"]
    assert await found(service, name="王") == []
    assert await found(service, q="fang") == ["王芳"]
    assert await found(service, q="5550142") == ["李强"]
    assert await found(service, q="%") == ["李强"], "a percent sign is itself, not anything"


async def test_nobody_is_found_by_identity_number(service: httpx.AsyncClient, people: list[Customer]) -> None:
    assert await found(service, q="3173") == await found(service, q=LI_ID) == []


async def test_lists_page(service: httpx.AsyncClient, people: list[Customer]) -> None:
    first = (await service.get("/api/v1/customers", params={"limit": 1})).json()
    second = (await service.get("/api/v1/customers", params={"limit": 1, "cursor": first["next"]})).json()
    assert [page["items"][0]["name"] for page in (first, second)] == ["王芳", "李强"]
    assert second["next"] is None


async def test_the_number_is_nowhere_in_clear(session: AsyncSession, people: list[Customer]) -> None:
    row = (
        await session.execute(text("SELECT row_to_json(c)::text FROM customers c WHERE name = '李强'"))
    ).scalar_one()
    assert "李强" in row
    assert LI_ID not in row


async def test_one_identity_document_is_one_customer(
    session: AsyncSession, vault: Vault, people: list[Customer]
) -> None:
    with pytest.raises(Exception, match="uq_customers_id_type_id_number_index"):
        await make_customer(session, vault, name="同一人", id_number=" 310000 19751108 3173")


@pytest.mark.parametrize("path", ["customers/999999", "customers/999999/policies"])
async def test_an_unknown_customer_is_not_found(service: httpx.AsyncClient, path: str) -> None:
    assert (await service.get(f"/api/v1/{path}")).status_code == 404


async def test_an_impossible_id_is_refused(service: httpx.AsyncClient) -> None:
    assert (await service.get("/api/v1/customers/99999999999")).status_code == 422
    assert (await service.get("/api/v1/customers", params={"q": "a\0b"})).status_code == 422


async def test_strangers_learn_nothing(client: httpx.AsyncClient, people: list[Customer]) -> None:
    assert (await client.get("/api/v1/customers")).status_code == 401


def test_surnames() -> None:
    names = {"王芳": "王", "欧阳娜": "欧阳", "欧阳": "欧", "John Miller": "Miller", " 李强 ": "李", "": ""}
    assert {name: surname_of(name) for name in names} == names


def test_masks_keep_the_last_four() -> None:
    assert masked("44000019850405671X") == "440***********671X"
    assert masked("X00007788") == "*****7788"


def test_one_spelling_of_an_identity_number() -> None:
    assert tidy_id_number(" 440000 19850405 ６７１x") == "44000019850405671X"
