"""The bot's questions about policies, premiums and beneficiaries: only their own, only when verified."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.audit import AuditEntry
from backend.core.crypto import Vault
from backend.customers.models import Customer
from backend.policies.models import PolicyStatus
from tests.factories import make_customer
from tests.insurance import Asker, make_policy

WECHAT = {"channel": "wechat", "account": "wx0123456789abcdef", "sender": "o1"}
OTHER_ID = "110000199001011230"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T02:00:00Z")


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    return await make_customer(session, vault)


@pytest.fixture
async def asker(service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer) -> Asker:
    """Wang Fang on WeChat, verified."""
    asker = Asker(service, session, vault, **WECHAT)
    await asker.verify_as(wang)
    return asker


async def test_policies_in_force_come_first(asker: Asker, session: AsyncSession, wang: Customer) -> None:
    await make_policy(session, wang, "P2022000001", "home", status=PolicyStatus.EXPIRED)
    await make_policy(session, wang, "P2024000123")
    items = (await asker.ask("policies")).json()["items"]
    assert [item["number"] for item in items] == ["P2024000123", "P2022000001"]
    assert items[0] == {
        "number": "P2024000123",
        "product_type": "auto",
        "product_name": {"zh": "安行家用车险", "en": "Safe Journey Auto"},
        "status": "active",
        "insured_name": "王芳",
        "start_date": "2026-03-01",
        "end_date": "2027-02-28",
        "sum_insured": {"amount": "1000000.00", "currency": "CNY"},
        "premium": {"amount": "4200.00", "currency": "CNY"},
        "payment_frequency": "annual",
    }


@pytest.mark.parametrize(
    "typed", ["P2024000123", "p2024000123", " p 2024 000123", "Ｐ２０２４０００１２３", "2024000123"]
)
async def test_a_number_may_be_typed_in_many_ways(
    asker: Asker, session: AsyncSession, wang: Customer, typed: str
) -> None:
    await make_policy(session, wang)
    answer = await asker.ask(f"policies/{typed}")
    assert answer.json()["coverages"] == [
        {
            "name": {"zh": "第三者责任", "en": "Third-party liability"},
            "sum_insured": {"amount": "1000000.00", "currency": "CNY"},
            "deductible": {"amount": "500.00", "currency": "CNY"},
            "waiting_period_days": 0,
        }
    ]


@pytest.mark.parametrize(
    "path", ["policies/{}", "premiums?policy_number={}", "beneficiaries?policy_number={}"]
)
async def test_anothers_policy_answers_like_none_and_is_audited(
    asker: Asker, session: AsyncSession, vault: Vault, path: str
) -> None:
    other = await make_customer(session, vault, name="李强", phone="+8614200000104", id_number=OTHER_ID)
    await make_policy(session, other, "P2024000999")
    theirs = await asker.ask(path.format("P2024000999"))
    nobodys = await asker.ask(path.format("P2024000998"))
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()
    assert theirs.json()["code"] == "not_found"
    entries = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    assert [(entry.action, entry.target, entry.details) for entry in entries] == [
        ("policy.read_refused", "policy:P2024000999", {"exists": True}),
        ("policy.read_refused", "policy:P2024000998", {"exists": False}),
    ]


async def test_what_is_no_number_never_reaches_the_audit_log(asker: Asker, session: AsyncSession) -> None:
    assert (await asker.ask(f"policies/{OTHER_ID}")).status_code == 404
    assert (await asker.ask("policies/%00")).status_code == 404
    assert set(await session.scalars(select(AuditEntry.target))) == {"policy:malformed"}


@pytest.mark.parametrize(
    "path",
    ["policies", "policies/P2024000123", "premiums", "premiums?policy_number=P2024000123", "beneficiaries"],
)
async def test_below_level_two_nothing_is_told(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer, path: str
) -> None:
    await make_policy(session, wang)
    stranger = Asker(service, session, vault, **(WECHAT | {"sender": "o2"}))
    known = Asker(service, session, vault, sender=wang.phone or "")
    for asker in (stranger, known):
        answer = await asker.ask(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "identity_required")
        assert answer.json()["required_level"] == 2


async def test_the_next_unpaid_premium_of_each_policy(
    asker: Asker, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang, "P2024000001", dues=(("2026-03-01", "2026-02-27"), ("2027-03-01", None)))
    overdue = (("2025-11-10", "2025-11-10"), ("2026-11-10", None), ("2027-11-10", None))
    await make_policy(session, wang, "P2024000002", "life", dues=overdue, status=PolicyStatus.GRACE)
    await make_policy(session, wang, "P2024000003", "home", dues=(("2026-03-01", "2026-03-01"),))
    await make_policy(
        session, wang, "P2024000004", "life", dues=(("2026-01-01", None),), status=PolicyStatus.LAPSED
    )
    items = (await asker.ask("premiums")).json()["items"]
    shown = [
        (item["policy_number"], item["status"], item["due_date"], item["last_paid_date"], item["grace_until"])
        for item in items
    ]
    assert shown == [
        ("P2024000002", "overdue", "2026-11-10", "2025-11-10", "2027-01-09"),
        ("P2024000001", "due", "2027-03-01", "2026-02-27", None),
        ("P2024000003", "paid", "2026-03-01", "2026-03-01", None),
    ]
    only = (await asker.ask("premiums", policy_number="p2024000001")).json()["items"]
    assert [item["policy_number"] for item in only] == ["P2024000001"]


async def test_a_premium_due_today_is_not_overdue(
    asker: Asker, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang, dues=(("2026-11-22", None),))
    assert (await asker.ask("premiums")).json()["items"][0]["status"] == "due"


async def test_beneficiaries_in_the_customers_language(
    asker: Asker, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(
        session,
        wang,
        "P2024000001",
        "life",
        beneficiaries=(("张磊", "spouse", "66.67"), ("张子涵", "daughter", "33.33")),
    )
    chinese = (await asker.ask("beneficiaries", "我的受益人是谁")).json()["items"]
    english = (await asker.ask("beneficiaries", "who is my beneficiary please")).json()["items"]
    assert chinese[0] == {
        "policy_number": "P2024000001", "name": "张磊", "relationship": "配偶", "share_percent": 66.67,
    }  # fmt: skip
    assert english[1]["relationship"] == "daughter"
