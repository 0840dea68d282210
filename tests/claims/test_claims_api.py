"""Claims for agents and other systems."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.catalogue import catalogue, reason
from backend.claims.models import Stage
from backend.core.crypto import Vault
from backend.policies.models import ProductType
from tests.factories import make_customer
from tests.insurance import make_claim, make_policy


async def test_a_claim_with_its_documents(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    wang = await make_customer(session, vault)
    await make_claim(session, await make_policy(session, wang))
    body = (await service.get("/api/v1/claims/c2026000101")).json()
    assert (body["customer_id"], body["type_name"]["en"]) == (wang.id, "Vehicle damage")
    assert [(row["code"], row["received_at"] is not None) for row in body["documents"]] == [
        ("claim_form", True),
        ("repair_invoice", False),
    ]
    assert [row["code"] for row in body["missing_documents"]] == ["repair_invoice"]


async def test_lists_filter_and_page_newest_first(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    wang = await make_customer(session, vault)
    car, home = await make_policy(session, wang), await make_policy(session, wang, "P2024000124", "home")
    for order in range(3):
        await make_claim(session, car, f"C202600000{order}")
    await make_claim(session, home, "C2026000009", type="home_damage", stage=Stage.PAID)

    async def numbers(path: str = "claims", **query: str | int) -> list[str]:
        items = (await service.get(f"/api/v1/{path}", params=query)).json()["items"]
        return [item["number"] for item in items]

    assert await numbers(policy_number="p2024000123") == ["C2026000002", "C2026000001", "C2026000000"]
    assert await numbers(stage="paid") == ["C2026000009"]
    assert await numbers(product_type="home") == ["C2026000009"]
    assert len(await numbers(f"customers/{wang.id}/claims")) == 4
    first = (await service.get("/api/v1/claims", params={"limit": 3})).json()
    assert await numbers(cursor=first["next"], limit=3) == ["C2026000000"]


@pytest.mark.parametrize("path", ["claims/C2026000999", "claims/%00", "customers/999999/claims"])
async def test_what_does_not_exist_is_not_found(service: httpx.AsyncClient, path: str) -> None:
    assert (await service.get(f"/api/v1/{path}")).status_code == 404


def test_the_catalogue_is_whole() -> None:
    """Every document has a name, and every product a kind of claim."""
    types = catalogue().types.values()
    assert {code for kind in types for code in kind.documents} == set(catalogue().documents)
    assert {product for kind in types for product in kind.products} == set(ProductType)


def test_a_humans_own_reason_stands_as_it_is() -> None:
    assert reason("经复核，按协议赔付") is not None
    own = reason("经复核，按协议赔付")
    assert own is not None
    assert own.en == own.zh == "经复核，按协议赔付"
    assert reason(None) is None
