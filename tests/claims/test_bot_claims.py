"""The bot's questions about claims: at level 1 the stage of a claim whose number is given, at level 2 everything."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Stage
from backend.core.audit import AuditEntry
from backend.core.crypto import Vault
from backend.customers.models import Customer
from tests.factories import make_customer
from tests.insurance import Asker, make_claim, make_policy

OTHER_ID = "110000199001011230"
PHONE = "+12125550142"
STAGE_ONLY = {
    "number": "C2026000101",
    "product_type": "auto",
    "stage": "under_review",
    "incident_date": "2026-11-01",
    "reported_date": "2026-11-02",
    "stage_since": "2026-11-10",
    "next_step_by": "2026-11-24",
}


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    return await make_customer(session, vault, phone=PHONE)


@pytest.fixture
def by_sms(service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer) -> Asker:
    """Wang Fang writing from the number on her record: level 1."""
    return Asker(service, session, vault, sender=PHONE)


async def test_level_one_learns_the_stage_and_the_dates_only(
    by_sms: Asker, session: AsyncSession, wang: Customer
) -> None:
    await make_claim(session, await make_policy(session, wang))
    answer = await by_sms.ask("claims/c2026 000101")
    assert answer.json() == STAGE_ONLY
    assert (await by_sms.ask("claims")).status_code == 403


async def test_level_two_learns_what_is_missing_and_the_amounts(
    by_sms: Asker, session: AsyncSession, wang: Customer
) -> None:
    await make_claim(session, await make_policy(session, wang))
    await by_sms.verify_as(wang)
    expected = STAGE_ONLY | {
        "policy_number": "P2024000123",
        "missing_documents": [
            {
                "code": "repair_invoice",
                "name": {"zh": "维修发票及清单", "en": "Repair invoice with itemised list"},
            }
        ],
        "claimed_amount": {"amount": "3200.00", "currency": "CNY"},
        "approved_amount": None,
        "paid_date": None,
        "decision_reason": None,
    }
    assert (await by_sms.ask("claims/C2026000101")).json() == expected
    assert (await by_sms.ask("claims")).json() == {"items": [expected]}


async def test_claims_come_newest_first(by_sms: Asker, session: AsyncSession, wang: Customer) -> None:
    policy = await make_policy(session, wang)
    await make_claim(session, policy, "C2026000001", reported_date=date(2026, 11, 9))
    await make_claim(session, policy, "C2026000002", reported_date=date(2026, 5, 1))
    await by_sms.verify_as(wang)
    items = (await by_sms.ask("claims")).json()["items"]
    assert [item["number"] for item in items] == ["C2026000001", "C2026000002"]


async def test_a_decision_is_explained_in_the_customers_language(
    by_sms: Asker, session: AsyncSession, wang: Customer
) -> None:
    decided = {"stage": Stage.DECLINED, "approved_amount": Decimal(0), "decision_reason": "waiting_period"}
    await make_claim(session, await make_policy(session, wang), **decided)
    await by_sms.verify_as(wang)
    chinese = (await by_sms.ask("claims/C2026000101", "为什么拒赔")).json()
    english = (await by_sms.ask("claims/C2026000101", "why was it declined")).json()
    assert chinese["decision_reason"] == "事故发生在等待期内"
    assert english["decision_reason"] == "The event happened within the waiting period"
    assert chinese["missing_documents"] == []
    assert chinese["next_step_by"] is None


@pytest.mark.parametrize("level", [1, 2])
async def test_anothers_claim_answers_like_none_and_is_audited(
    by_sms: Asker, session: AsyncSession, vault: Vault, wang: Customer, level: int
) -> None:
    other = await make_customer(session, vault, name="李强", phone="+8614200000104", id_number=OTHER_ID)
    await make_claim(session, await make_policy(session, other), "C2026000401")
    if level == 2:
        await by_sms.verify_as(wang)
    theirs, nobodys = await by_sms.ask("claims/C2026000401"), await by_sms.ask("claims/C2026000402")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()
    entries = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    assert [(entry.target, entry.details["exists"]) for entry in entries] == [
        ("claim:C2026000401", True),
        ("claim:C2026000402", False),
    ]


async def test_a_stranger_learns_nothing_about_any_claim(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    await make_claim(session, await make_policy(session, wang))
    stranger = Asker(service, session, vault, sender="+12125550199")
    there, nowhere = await stranger.ask("claims/C2026000101"), await stranger.ask("claims/C2026000999")
    assert there.status_code == nowhere.status_code == 403
    assert there.json() == nowhere.json()


async def test_two_people_behind_one_number_are_nobody(
    by_sms: Asker, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    await make_claim(session, await make_policy(session, wang))
    await make_customer(session, vault, name="林静", phone=PHONE, id_number=OTHER_ID)
    assert (await by_sms.ask("claims/C2026000101")).status_code == 403
