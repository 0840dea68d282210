"""Tier, lapse risk and tags by rule: what they are made of, and that they follow what happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import business
from backend.core.business import DEFAULTS, BusinessSetting
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.customers import standing, worth
from backend.customers.facts import NAMES, Facts
from backend.customers.models import Customer, CustomerTag, Tier
from backend.policies.models import PolicyStatus
from tests.callers import once
from tests.factories import make_customer
from tests.insurance import make_policy

TODAY = date(2026, 11, 22)
NOBODY = Facts(1, 0.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
VALUE, RISK = DEFAULTS["value_model"], DEFAULTS["lapse_risk_model"]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T02:00:00Z")


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    return await make_customer(session, vault)


def points(parts: list[worth.Part]) -> dict[str, int]:
    return {part.code: part.points for part in parts}


def test_value_counts_each_factor_up_to_its_limit() -> None:
    facts = replace(NOBODY, annual_premium=12400, years=3, premiums_due=10, paid_on_time=9, product_types=3)
    assert points(worth.value_parts(facts, VALUE)) == {
        "premium": 25, "years": 6, "persistence": 18, "cross_holding": 14,
    }  # fmt: skip
    rich = replace(facts, annual_premium=900000, years=60, product_types=6)
    assert points(worth.value_parts(rich, VALUE)) == {
        "premium": 40, "years": 20, "persistence": 18, "cross_holding": 20,
    }  # fmt: skip
    assert [worth.tier_for(n, VALUE) for n in (0, 29, 30, 54, 55)] == [
        Tier.STANDARD, Tier.STANDARD, Tier.SILVER, Tier.SILVER, Tier.GOLD,
    ]  # fmt: skip


def test_risk_names_its_reasons_and_needs_something_to_lapse() -> None:
    facts = replace(
        NOBODY,
        policies_in_force=1,
        overdue_days=31,
        lapsed_policies=1,
        paid_late=9,
        contacts=1,
        contacts_before=6,
    )
    assert points(worth.risk_reasons(facts, RISK)) == {
        "overdue": 35, "long_overdue": 20, "past_lapse": 20, "paid_late": 15, "declining_contact": 15,
    }  # fmt: skip
    assert worth.risk_reasons(replace(facts, policies_in_force=0), RISK) == []
    assert worth.risk_reasons(replace(NOBODY, policies_in_force=2, contacts_before=3), RISK) == []


def test_rules_ask_for_facts_that_exist() -> None:
    for rule in DEFAULTS["tag_rules"]:
        assert {condition["fact"] for condition in rule["all"]} <= NAMES
    facts = replace(NOBODY, annual_premium=20000)
    assert worth.tags_by_rule(facts, DEFAULTS["tag_rules"]) == {"高保费"}


async def test_the_standing_says_which_points_came_from_what(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(
        session, wang, dues=(("2025-03-01", "2025-03-01"), ("2026-03-01", "2026-03-09"), ("2026-11-10", None)),
        status=PolicyStatus.GRACE,
    )  # fmt: skip
    path = f"/api/v1/customers/{wang.id}/standing"
    assert (await service.get(path)).json()["computed_at"] is None
    told = (await service.post(path)).json()
    parts = {part["code"]: (part["fact"], part["points"]) for part in told["value_parts"]}
    assert parts == {
        "premium": (4200.0, 8), "years": (2.0, 4), "persistence": (0.33, 7), "cross_holding": (0.0, 0),
    }  # fmt: skip
    reasons = {part["code"]: part["fact"] for part in told["risk_reasons"]}
    assert reasons == {"overdue": 12.0, "paid_late": 1.0}
    assert (told["value_points"], told["risk_points"], told["tier"]) == (19, 40, "standard")
    assert (await service.get(path)).json()["value_points"] == 19
    listed = (await service.get("/api/v1/lapse-risks")).json()["items"]
    assert [(row["name"], row["risk_points"]) for row in listed] == [("王芳", 40)]
    tags = (await service.get(f"/api/v1/customers/{wang.id}/tags")).json()["items"]
    assert [(tag["tag"], tag["is_by_rule"]) for tag in tags] == [("保费逾期", True)]


async def test_a_payment_takes_the_tag_and_the_risk_away(
    service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang, dues=(("2026-11-10", None),), status=PolicyStatus.GRACE)
    await standing.refresh(session, [wang.id], TODAY)
    await session.commit()
    body = {"amount": "4200.00", "paid_on": "2026-11-22", "method": "wechat"}
    await service.post("/api/v1/policies/P2024000123/payments", json=body, headers=once())
    assert (await service.get("/api/v1/lapse-risks")).json()["items"] == []
    assert (await service.get(f"/api/v1/customers/{wang.id}/tags")).json()["items"] == []


async def test_the_insurers_own_model_decides(
    database: Database, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    await make_policy(session, wang)
    await make_customer(session, vault, name="李强", id_number="310000197511083173")
    session.add(CustomerTag(customer_id=wang.id, tag="VIP"))
    model = VALUE | {"premium": {"per": 100, "points": 2, "most": 90}}
    rules = [{"tag": "VIP", "all": [{"fact": "policies_in_force", "at_least": 1}]}]
    session.add(BusinessSetting(key="value_model", value={"value": model}))
    session.add(BusinessSetting(key="tag_rules", value={"value": rules}))
    await session.commit()
    assert await business.setting(session, "value_model") == model
    assert await standing.refresh_all(database, ZoneInfo("Asia/Shanghai")) == 2
    rows = await session.execute(select(Customer.name, Customer.tier, Customer.version))
    assert sorted(tuple(row) for row in rows) == [("李强", "standard", 1), ("王芳", "gold", 1)]
    tag = (await session.scalars(select(CustomerTag).execution_options(populate_existing=True))).one()
    assert not tag.is_by_rule, "what was given by hand stays so"
