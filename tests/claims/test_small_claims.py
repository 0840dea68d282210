"""The small-claim rule: clear small claims are approved by rule, with every condition on record; others are not."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.catalogue import catalogue
from backend.claims.models import Stage
from backend.core.audit import AuditEntry
from backend.core.business import BusinessSetting
from backend.core.crypto import Vault
from backend.policies.models import Coverage, Policy
from tests.factories import make_customer
from tests.insurance import make_claim, make_policy

CLAIM = "/api/v1/claims/C2026000101"
LAST_WEEK = date.today() - timedelta(days=7)
DOCUMENTS = tuple((code, code != "invoice") for code in catalogue().types["accident_medical"].documents)


@pytest.fixture
async def policy(session: AsyncSession, vault: Vault) -> Policy:
    policy = await make_policy(session, await make_customer(session, vault), product="accident")
    session.add(
        Coverage(
            policy_id=policy.id,
            position=1,
            code="accident_medical",
            name_zh="意外医疗",
            name_en="Accident medical expenses",
            sum_insured=Decimal(50000),
            deductible=Decimal(100),
        )
    )
    await session.commit()
    return policy


async def _claim(session: AsyncSession, policy: Policy, number: str = "C2026000101", **values: Any) -> None:
    """A claim of CNY 1,200 that lacks its invoice only."""
    defaults = {
        "type": "accident_medical",
        "stage": Stage.AWAITING_DOCUMENTS,
        "incident_date": LAST_WEEK,
        "reported_date": LAST_WEEK + timedelta(days=1),
        "claimed_amount": Decimal(1200),
        "documents": DOCUMENTS,
        "review_since": None,
    }
    await make_claim(session, policy, number, **(defaults | values))


async def _complete(service: httpx.AsyncClient, path: str = CLAIM) -> dict[str, Any]:
    answer = await service.patch(f"{path}/documents/invoice", json={"is_received": True})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_clear_small_claim_is_approved_and_audited(
    service: httpx.AsyncClient, session: AsyncSession, policy: Policy
) -> None:
    await _claim(session, policy)
    claim = await _complete(service)
    assert (claim["stage"], claim["approved_amount"]["amount"]) == ("approved", "1100.00")
    assert [event["stage"] for event in claim["events"]][-2:] == ["under_review", "approved"]
    (decision,) = claim["decisions"]
    assert (decision["decided_by"], decision["decision"]) == ("rule", "partly_approved")
    assert all(rule["is_met"] for rule in decision["rules"])
    assert len(decision["rules"]) == 12
    acts = list(await session.scalars(select(AuditEntry.action)))
    assert "claim.approved_by_rule" in acts


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"claimed_amount": Decimal(5000)}, "amount_below_limit"),
        ({"claimed_amount": None}, "amount_below_limit"),
        ({"claimed_amount": Decimal(100)}, "above_deductible"),
        ({"incident_date": date(2024, 2, 1), "reported_date": date(2024, 2, 2)}, "policy_in_force"),
        ({"incident_date": LAST_WEEK - timedelta(days=90)}, "reported_in_time"),
        ({"is_flagged": True}, "not_flagged"),
    ],
)
async def test_any_rule_not_met_leaves_it_to_a_human(
    service: httpx.AsyncClient, session: AsyncSession, policy: Policy, values: dict[str, Any], rule: str
) -> None:
    await _claim(session, policy, **values)
    claim = await _complete(service)
    assert (claim["stage"], claim["decision"]) == ("under_review", None)
    unmet = [one["code"] for one in claim["decisions"][0]["rules"] if not one["is_met"]]
    assert rule in unmet


async def test_a_waiting_period_counts_from_the_first_day(
    service: httpx.AsyncClient, session: AsyncSession, policy: Policy
) -> None:
    coverage = (await session.scalars(select(Coverage).where(Coverage.code == "accident_medical"))).one()
    coverage.waiting_period_days = (LAST_WEEK - policy.issued_on).days + 1
    await session.commit()
    await _claim(session, policy)
    rules = (await _complete(service))["decisions"][0]["rules"]
    assert [one["code"] for one in rules if not one["is_met"]] == ["waiting_period_over"]


async def test_not_more_than_three_a_year(
    service: httpx.AsyncClient, session: AsyncSession, policy: Policy
) -> None:
    stages = []
    for order in range(4):
        day = LAST_WEEK - timedelta(days=order)
        await _claim(session, policy, f"C202600010{order}", incident_date=day, reported_date=day)
        stages.append((await _complete(service, f"/api/v1/claims/C202600010{order}"))["stage"])
    assert stages == ["approved", "approved", "approved", "under_review"]


async def test_a_second_claim_of_the_same_day_is_looked_at(
    service: httpx.AsyncClient, session: AsyncSession, policy: Policy
) -> None:
    await _claim(session, policy, "C2026000109", stage=Stage.PAID)
    await _claim(session, policy)
    rules = (await _complete(service))["decisions"][0]["rules"]
    assert [one["code"] for one in rules if not one["is_met"]] == ["no_similar_claim"]


async def test_switched_off_every_decision_is_a_humans(
    service: httpx.AsyncClient, session: AsyncSession, policy: Policy
) -> None:
    rule = {
        "is_on": False,
        "types": ["accident_medical"],
        "limit": "5000.00",
        "per_year": 3,
        "report_days": 30,
    }
    session.add(BusinessSetting(key="small_claims", value={"value": rule}))
    await session.commit()
    await _claim(session, policy)
    claim = await _complete(service)
    assert (claim["stage"], claim["decisions"]) == ("under_review", [])
