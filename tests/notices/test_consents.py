"""Consents: asked for by the bot and by agents, kept for ever, the latest counts; a stop stops the channel."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
from sqlalchemy import func, select

from backend.notices.models import Consent
from tests.factories import customer_says
from tests.notices.office import Office
from tests.notices.people import with_scopes


async def bot(office: Office, service: httpx.AsyncClient, body: dict[str, Any] | None, **contact: str) -> Any:
    receipt = await customer_says(office.session, office.vault, "你好", **contact)
    headers = {"X-Anda-Message": str(receipt.inbound_id), "Idempotency-Key": secrets.token_hex(4)}
    if body is None:
        return (await service.get("/api/v1/bot/consents", headers=headers)).json()
    answer = await service.post("/api/v1/bot/consents", json=body, headers=headers)
    again = await service.post("/api/v1/bot/consents", json=body, headers=headers)
    assert (again.status_code, again.json()) == (answer.status_code, answer.json())
    return answer.json()


async def test_a_verified_customer_refuses_everything_but_service_on_every_channel(
    office: Office, service: httpx.AsyncClient
) -> None:
    customer = await office.customer()
    await office.proved_on(customer, "wechat")
    who = {"channel": "wechat", "account": office.settings.wechat.app_id, "sender": f"wechat-{customer.id}"}
    said = await bot(office, service, {"purpose": "all", "given": False}, **who)
    assert said["items"] == [
        {"purpose": purpose, "channel": None, "given": False}
        for purpose in ("marketing", "greetings", "reminders")
    ]
    view = (await service.get(f"/api/v1/customers/{customer.id}/consents")).json()
    assert {one["purpose"]: (one["given"], one["source"]) for one in view["items"]} == {
        "service": (True, "default"),
        "reminders": (False, "chat"),
        "greetings": (False, "chat"),
        "marketing": (False, "chat"),
    }
    count = await office.session.scalar(select(func.count()).select_from(Consent))
    assert count == 3, "the repeated call wrote nothing"


async def test_a_stranger_speaks_for_their_contact_only(office: Office, service: httpx.AsyncClient) -> None:
    customer = await office.customer()
    who = {"channel": "sms", "account": office.settings.twilio.account, "sender": customer.phone}
    said = await bot(office, service, {"purpose": "marketing", "given": True}, **who)
    assert {one["purpose"]: one["given"] for one in said["items"]}["marketing"] is False
    await bot(office, service, {"purpose": "reminders", "given": False}, **who)
    assert {one["purpose"]: one["given"] for one in (await bot(office, service, None, **who))["items"]} == {
        "marketing": False,
        "greetings": False,
        "reminders": False,
    }
    view = (await service.get(f"/api/v1/customers/{customer.id}/consents")).json()
    assert all(one["source"] == "default" for one in view["items"]), "the person said nothing yet"


async def test_an_agent_records_what_was_said_on_the_phone(
    office: Office, service: httpx.AsyncClient
) -> None:
    customer = await office.customer()
    url = f"/api/v1/customers/{customer.id}"
    agent = await with_scopes(office, service, "customers:write", "notices:read")
    body = {"purpose": "greetings", "given": True, "channel": None}
    for _ in range(2):
        answer = await agent.post(f"{url}/consents", json=body, headers={"Idempotency-Key": "k1"})
        assert answer.status_code == 200
    assert await office.session.scalar(select(func.count()).select_from(Consent)) == 1
    chosen = await agent.put(f"{url}/notice-channel", json={"channel": "sms"})
    assert chosen.json()["preferred_channel"] == "sms"
    none = await agent.put(f"{url}/notice-channel", json={"channel": None})
    assert none.json()["preferred_channel"] is None


async def test_reading_does_not_let_one_write(office: Office, service: httpx.AsyncClient) -> None:
    customer = await office.customer()
    reader = await with_scopes(office, service, "notices:read")
    url = f"/api/v1/customers/{customer.id}/consents"
    assert (await reader.get(url)).status_code == 200
    body = {"purpose": "marketing", "given": True}
    answer = await reader.post(url, json=body, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 403


async def test_a_stopped_channel_is_shown(office: Office, service: httpx.AsyncClient) -> None:
    customer = await office.customer()
    await customer_says(
        office.session,
        office.vault,
        "STOP",
        channel="sms",
        account=office.settings.twilio.account,
        sender=customer.phone,
        effect="opt_out",
    )
    view = (await service.get(f"/api/v1/customers/{customer.id}/consents")).json()
    assert [one["channel"] for one in view["stopped"]] == ["sms"]
