"""Change requests: asked by the customer, confirmed by a human, applied once; numbers stay sealed all the way."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.changes.models import ChangeRequest
from backend.conversations.models import Binding
from backend.core.audit import AuditEntry
from backend.core.business import BusinessSetting
from backend.core.crypto import Vault
from backend.customers.models import Customer
from backend.policies.models import Policy, PolicyStatus
from backend.tickets.models import Ticket
from tests.callers import once, signed_in, with_token
from tests.factories import customer_says, make_customer
from tests.insurance import Asker, make_policy

WECHAT = {"channel": "wechat", "account": "wx0123456789abcdef", "sender": "o1"}
CARD = "6222020000000000018"
NEW_PHONE = "+8614200000199"
PHONE = {"kind": "contact", "details": {"field": "phone", "value": "142 0000 0199"}}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T02:00:00Z")


@pytest.fixture
async def wang(session: AsyncSession, vault: Vault) -> Customer:
    return await make_customer(session, vault, phone="+8614200000101")


class Bot:
    """The bot's calls on the strength of a customer's message."""

    def __init__(self, service: httpx.AsyncClient, session: AsyncSession, vault: Vault) -> None:
        self.service, self.session, self.vault = service, session, vault

    async def post(
        self, body: dict[str, Any], said: str = "我要变更", key: str | None = None, times: int = 1
    ) -> httpx.Response:
        """The answer; asked `times` at once, the same one each time."""
        receipt = await customer_says(self.session, self.vault, said, **WECHAT)
        headers = {"X-Anda-Message": str(receipt.inbound_id)} | once(key)
        answers = await asyncio.gather(
            *(self.service.post("/api/v1/bot/changes", json=body, headers=headers) for _ in range(times))
        )
        assert len({answer.text for answer in answers}) == 1
        return answers[0]


@pytest.fixture
async def bot(service: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer) -> Bot:
    """Of Wang Fang on WeChat, verified just now."""
    await Asker(service, session, vault, **WECHAT).verify_as(wang)
    return Bot(service, session, vault)


@pytest.fixture
async def supervisor(app: FastAPI, session: AsyncSession) -> httpx.AsyncClient:
    return (await signed_in(app, session, "supervisor"))[0]


@pytest.fixture
async def agent(app: FastAPI, session: AsyncSession) -> httpx.AsyncClient:
    return (await signed_in(app, session))[0]


async def confirm(client: httpx.AsyncClient, number: str, **more: Any) -> httpx.Response:
    version = (await client.get(f"/api/v1/changes/{number}")).json()["version"]
    return await client.post(f"/api/v1/changes/{number}/approve", json={"version": version} | more)


async def test_a_new_phone_is_confirmed_by_a_supervisor_and_ends_every_proof(
    bot: Bot, agent: httpx.AsyncClient, supervisor: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    asked = (await bot.post(PHONE)).json()
    assert asked["state"] == "asked"
    assert asked["summary"]["zh"] == "将联系手机改为 +86142****0199"
    assert asked["ticket_number"].startswith("T")
    await session.refresh(wang)
    assert wang.phone == "+8614200000101", "asking changes nothing"
    refused = await confirm(agent, asked["number"])
    assert (refused.status_code, refused.json()["detail"]) == (403, "A supervisor confirms this change.")
    done = await confirm(supervisor, asked["number"])
    assert (done.json()["state"], done.json()["before"]) == (
        "applied",
        [{"name": "phone", "value": "+86142****0101"}],
    )
    await session.refresh(wang)
    assert wang.phone == NEW_PHONE
    bindings = list(await session.scalars(select(Binding).execution_options(populate_existing=True)))
    assert [binding.end_reason for binding in bindings] == ["phone_changed"]
    own = await Asker(bot.service, session, bot.vault, **WECHAT).ask("changes")
    assert own.json()["code"] == "identity_required"


async def test_the_audit_log_names_the_request_and_nothing_of_it(
    bot: Bot, supervisor: httpx.AsyncClient, session: AsyncSession
) -> None:
    number = (await bot.post(PHONE)).json()["number"]
    await confirm(supervisor, number)
    entries = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    assert [(entry.action, entry.target, entry.details) for entry in entries] == [
        ("change.approved", f"change:{number}", {}),
        ("change.applied", f"change:{number}", {"fields": ["phone"]}),
    ]


async def test_a_card_number_is_nowhere_in_clear(
    bot: Bot, supervisor: httpx.AsyncClient, service: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    receipt = await customer_says(session, bot.vault, f"我的新卡 {CARD}", **WECHAT)
    typed = await session.scalar(text(f"SELECT text FROM inbound_messages WHERE id = {receipt.inbound_id}"))
    reference = typed.removeprefix("我的新卡 ")
    asked = (
        await bot.post({"kind": "payment_account", "details": {"account": reference, "bank": "工商银行"}})
    ).json()
    assert asked["summary"]["zh"] == "将收付费账户改为 工商银行 ***************0018"
    assert (await confirm(supervisor, asked["number"])).json()["state"] == "applied"
    accounts = (await service.get(f"/api/v1/customers/{wang.id}/payment-accounts")).json()["items"]
    assert [one["account_masked"] for one in accounts] == ["***************0018"]
    full = await supervisor.post(f"/api/v1/changes/{asked['number']}/reveal")
    assert {"name": "account", "value": CARD} in full.json()["after"]
    body = {"field": "payment_account", "account_id": accounts[0]["id"]}
    revealed = await supervisor.post(f"/api/v1/customers/{wang.id}/reveal", json=body)
    assert revealed.json()["value"] == CARD
    tables = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    for table in list(tables):
        found = text(f"SELECT count(*) FROM \"{table}\" t WHERE t::text LIKE '%{CARD}%'")
        assert await session.scalar(found) == 0, table


async def test_sensitive_changes_need_a_fresh_proof(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T02:11:00Z")
    old = await bot.post(PHONE)
    assert (old.status_code, old.json()["code"]) == (403, "reverify_required")
    address = {"kind": "contact", "details": {"field": "address", "value": "北京市演示路 9 号"}}
    assert (await bot.post(address)).status_code == 200


async def test_asking_again_replaces_what_nobody_confirmed(
    bot: Bot, supervisor: httpx.AsyncClient, session: AsyncSession
) -> None:
    first = (await bot.post(PHONE)).json()
    second = (await bot.post(PHONE, times=3)).json()
    assert second["ticket_number"] == first["ticket_number"], "one matter, one ticket"
    late = await confirm(supervisor, first["number"])
    assert (late.status_code, late.json()["code"]) == (409, "change_not_open")
    states = await session.execute(
        select(ChangeRequest.state, ChangeRequest.decline_reason).order_by(ChangeRequest.id)
    )
    assert [tuple(row) for row in states] == [("declined", "replaced"), ("asked", None)]
    assert await session.scalar(select(func.count()).select_from(Ticket)) == 1


async def test_two_supervisors_decide_once(
    app: FastAPI, bot: Bot, session: AsyncSession, wang: Customer
) -> None:
    number = (await bot.post(PHONE)).json()["number"]
    people = [(await signed_in(app, session, "supervisor"))[0] for _ in range(3)]
    path = f"/api/v1/changes/{number}"
    version = {"version": (await people[0].get(path)).json()["version"]}
    answers = await asyncio.gather(
        people[0].post(f"{path}/approve", json=version),
        people[1].post(f"{path}/approve", json=version),
        people[2].post(f"{path}/decline", json=version | {"reason": "suspicious"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    applied = list(
        await session.scalars(select(AuditEntry.action).where(AuditEntry.action == "change.applied"))
    )
    final = (await people[0].get(path)).json()["state"]
    assert (final, len(applied)) in {("applied", 1), ("declined", 0)}


@pytest.mark.parametrize(
    ("details", "after"),
    [
        ({"action": "replace", "name": "李四", "relationship": "spouse"}, ["李四 · spouse · 100%"]),
        (
            {"action": "add", "name": "李四", "relationship": "son", "share_percent": "10"},
            ["张磊 · spouse · 54%", "张子涵 · daughter · 36%", "李四 · son · 10%"],
        ),
        ({"action": "remove", "name": "张磊"}, ["张子涵 · daughter · 100%"]),
    ],
)
async def test_beneficiaries_always_add_to_a_hundred(
    bot: Bot,
    supervisor: httpx.AsyncClient,
    session: AsyncSession,
    wang: Customer,
    details: dict[str, str],
    after: list[str],
) -> None:
    await make_policy(
        session, wang, product="life", beneficiaries=(("张磊", "spouse", "60"), ("张子涵", "daughter", "40"))
    )
    asked = await bot.post({"kind": "beneficiary", "policy_number": "p2024000123", "details": details})
    done = await confirm(supervisor, asked.json()["number"])
    assert [line["value"] for line in done.json()["after"]] == after
    named = (await supervisor.get("/api/v1/policies/P2024000123")).json()["beneficiaries"]
    assert sum(one["share_percent"] for one in named) == 100
    assert len(named) == len(after)


async def test_a_wish_in_words_is_worked_out_by_the_approver(
    bot: Bot, supervisor: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang, product="life", beneficiaries=(("张磊", "spouse", "100"),))
    wish = {"kind": "beneficiary", "policy_number": "P2024000123", "details": {"wish": "都给我女儿"}}
    number = (await bot.post(wish)).json()["number"]
    assert (await confirm(supervisor, number)).status_code == 422
    shares = [{"name": "张子涵", "relationship": "daughter", "share_percent": "100"}]
    assert (await confirm(supervisor, number, beneficiaries=shares)).json()["state"] == "applied"


@pytest.mark.parametrize(
    "details",
    [
        {"action": "remove", "name": "没有这个人"},
        {"action": "remove", "name": "张磊"},
        {"action": "add", "name": "李四"},
        {"action": "add", "name": "李四", "relationship": "son", "share_percent": "100"},
        {},
    ],
)
async def test_what_cannot_be_is_refused_at_once(
    bot: Bot, session: AsyncSession, wang: Customer, details: dict[str, str]
) -> None:
    await make_policy(session, wang, product="life", beneficiaries=(("张磊", "spouse", "100"),))
    answer = await bot.post({"kind": "beneficiary", "policy_number": "P2024000123", "details": details})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_anothers_policy_answers_like_none(bot: Bot, session: AsyncSession, vault: Vault) -> None:
    other = await make_customer(session, vault, name="李强", id_number="310000197511083173")
    await make_policy(session, other, "P2024000999")
    answers = [
        await bot.post({"kind": "surrender", "policy_number": number})
        for number in ("P2024000999", "P2024000998")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


async def test_a_surrender_tells_its_price_and_needs_a_human(
    bot: Bot, supervisor: httpx.AsyncClient, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    policy = await make_policy(
        session, wang, product="critical_illness", dues=(("2026-03-01", "2026-03-01"),)
    )
    asker = Asker(bot.service, session, vault, **WECHAT)
    terms = (await asker.ask("surrender", policy_number="P2024000123")).json()
    assert (terms["is_cooling_off"], terms["cash_value"]["currency"]) == (False, "CNY")
    assert "waiting_period_again" in terms["loses"]
    assert "use_grace_period" in terms["alternatives"]
    asked = (
        await bot.post({"kind": "surrender", "policy_number": "P2024000123", "details": {"reason": "缺钱"}})
    ).json()
    assert asked["kind"] == "surrender"
    await session.refresh(policy)
    assert policy.status == PolicyStatus.ACTIVE
    assert (await confirm(supervisor, asked["number"])).json()["state"] == "applied"
    await session.refresh(policy)
    assert policy.status == PolicyStatus.SURRENDERED


async def test_a_lapsed_policy_can_be_reinstated_and_has_no_cover_to_lose(
    bot: Bot, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    dues = (("2024-11-01", "2024-11-01"), ("2025-11-01", None))
    await make_policy(session, wang, product="life", status="lapsed", dues=dues)
    asker = Asker(bot.service, session, vault, **WECHAT)
    terms = (await asker.ask("surrender", policy_number="P2024000123")).json()
    assert terms["alternatives"] == ["reinstatement"]
    assert "cover" not in terms["loses"]
    assert "health_questions_again" in terms["loses"]


async def test_within_the_cooling_off_period_everything_comes_back(
    bot: Bot, session: AsyncSession, vault: Vault, wang: Customer
) -> None:
    day = date(2026, 11, 10)
    await make_policy(
        session, wang, product="life", issued_on=day, start_date=day, dues=(("2026-11-10", "2026-11-10"),)
    )
    terms = (
        await Asker(bot.service, session, vault, **WECHAT).ask("surrender", policy_number="P2024000123")
    ).json()
    assert (terms["is_cooling_off"], terms["refund"]["amount"]) == (True, "4200.00")


async def test_an_agent_confirms_a_renewal(
    bot: Bot, agent: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    await make_policy(session, wang, start_date=date(2025, 12, 1), end_date=date(2026, 11, 30))
    asked = (await bot.post({"kind": "renewal", "policy_number": "P2024000123", "details": {}})).json()
    assert (await confirm(agent, asked["number"])).json()["state"] == "applied"
    policy = (await session.scalars(select(Policy).execution_options(populate_existing=True))).one()
    assert (policy.start_date, policy.end_date) == (date(2026, 12, 1), date(2027, 11, 30))
    dues = (await agent.get("/api/v1/policies/P2024000123/instalments")).json()["items"]
    assert [one["due_date"] for one in dues] == ["2026-12-01"]


async def test_the_core_system_fetches_and_answers(
    app: FastAPI, bot: Bot, supervisor: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    session.add(BusinessSetting(key="core_system", value={"value": {"is_connected": True}}))
    await session.commit()
    number = (await bot.post(PHONE)).json()["number"]
    assert (await confirm(supervisor, number)).json()["state"] == "approved"
    await session.refresh(wang)
    assert wang.phone == "+8614200000101", "not before the core system has done it"
    core = await with_token(app, session, "changes:read", "changes:write", "customers:reveal")
    waiting = (await core.get("/api/v1/changes", params={"state": "approved"})).json()["items"]
    assert [one["number"] for one in waiting] == [number]
    full = (await core.post(f"/api/v1/changes/{number}/reveal")).json()
    assert full["after"] == [{"name": "phone", "value": NEW_PHONE}]
    path = f"/api/v1/changes/{number}/core"
    assert (await supervisor.post(path, json={"state": "applied"})).status_code == 403
    assert (await core.post(path, json={"state": "sent"})).json()["state"] == "sent"
    told = {"state": "applied", "reference": "END-1"}
    answers = await asyncio.gather(*(core.post(path, json=told) for _ in range(3)))
    assert {answer.json()["state"] for answer in answers} == {"applied"}
    await session.refresh(wang)
    assert wang.phone == NEW_PHONE
    applied = select(func.count()).where(AuditEntry.action == "change.applied")
    assert await session.scalar(applied) == 1
    late = await core.post(path, json={"state": "declined"})
    assert (late.status_code, late.json()["code"]) == (409, "change_not_open")


async def test_nobody_confirms_a_sensitive_change_they_asked_for(
    app: FastAPI, supervisor: httpx.AsyncClient, session: AsyncSession, wang: Customer
) -> None:
    path = f"/api/v1/customers/{wang.id}/changes"
    asked = (await supervisor.post(path, json=PHONE, headers=once())).json()
    assert asked["ticket_number"] is None
    own = await confirm(supervisor, asked["number"])
    assert own.status_code == 403
    other, _ = await signed_in(app, session, "supervisor")
    assert (await confirm(other, asked["number"])).json()["state"] == "applied"


async def test_declining_needs_a_reason_that_exists(
    bot: Bot, agent: httpx.AsyncClient, session: AsyncSession
) -> None:
    number = (await bot.post(PHONE)).json()["number"]
    version = (await agent.get(f"/api/v1/changes/{number}")).json()["version"]
    path = f"/api/v1/changes/{number}/decline"
    assert (await agent.post(path, json={"version": version, "reason": "because"})).status_code == 422
    assert (await agent.post(path, json={"version": 9, "reason": "suspicious"})).status_code == 409
    done = (await agent.post(path, json={"version": version, "reason": "not_confirmed"})).json()
    assert (done["state"], done["decline_reason"]) == ("declined", "not_confirmed")
    mine = (await agent.get("/api/v1/changes", params={"state": "declined", "kind": "contact"})).json()
    assert [one["number"] for one in mine["items"]] == [number]
