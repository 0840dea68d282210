"""A claim moves on: its policyholder is told, once, by the channel that fits, with no more than they may know."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.tasks.models import Task
from tests.insurance import make_claim, make_policy
from tests.notices.office import Office

URL = "/api/v1/claims/C2026000101/events"


def event(stage: str, event_id: str = "e1", at: str = "2026-11-23T09:00:00+08:00") -> dict[str, Any]:
    return {"event_id": event_id, "stage": stage, "occurred_at": at, "note": None}


async def claim_of(office: Office, **person: Any) -> Any:
    customer = await office.customer(**person)
    policy = await make_policy(office.session, customer)
    await make_claim(office.session, policy, approved_amount=Decimal(3000), paid_amount=Decimal(3000))
    return customer


async def test_a_payment_reaches_the_proved_wechat_with_the_amount(
    office: Office, service: httpx.AsyncClient
) -> None:
    customer = await claim_of(office)
    await office.proved_on(customer, "wechat")
    assert (await service.post(URL, json=event("paid"))).status_code == 200
    await office.beat()
    ((channel, text),) = office.platform.said()
    assert channel == "wechat"
    assert text.startswith("王女士您好，您的安行家用车险理赔 C2026000101 已赔付 3,000.00元")
    record = (await service.get(f"/api/v1/customers/{customer.id}/interactions")).json()["items"]
    assert [(entry["kind"], entry["channel"]) for entry in record if entry["kind"] == "notice"] == [
        ("notice", "wechat")
    ]
    notice = (
        await service.get("/api/v1/notices", params={"customer_id": customer.id, "kind": "claim_paid"})
    ).json()
    assert [(one["state"], one["reason"], one["channel"]) for one in notice["items"]] == [
        ("sent", "last_used", "wechat")
    ]


async def test_a_phone_merely_on_record_hears_the_stage_and_no_amount(
    office: Office, service: httpx.AsyncClient
) -> None:
    customer = await claim_of(office)
    await service.post(URL, json=event("paid"))
    await office.beat()
    assert office.platform.said() == [
        ("sms", "【安答保险】王女士您好，您的理赔 C2026000101 已赔付，请留意到账。")
    ]
    record = (await service.get(f"/api/v1/customers/{customer.id}/interactions")).json()["items"]
    assert [entry["kind"] for entry in record] == ["notice"], "on the customer's timeline, too"


async def test_an_open_web_page_is_told_in_the_customers_language(
    office: Office, service: httpx.AsyncClient
) -> None:
    customer = await claim_of(office, language="en", latin_name="Wang Fang")
    await office.proved_on(customer, "web")
    await service.post(URL, json=event("approved"))
    await office.beat()
    ((channel, text),) = office.platform.said()
    assert channel == "web"
    assert text == (
        "Good news, Ms Wang: your Safe Journey Auto claim C2026000101 is approved. "
        "We will pay CNY 3,000.00 shortly."
    )
    assert [choice.title for choice in office.platform.received[0].choices] == ["Show the claim"]


async def test_traditional_characters_for_those_who_write_them(
    office: Office, service: httpx.AsyncClient
) -> None:
    await claim_of(office, language="zh-Hant")
    await service.post(URL, json=event("investigating"))
    await office.beat()
    assert office.platform.said()[0][1].endswith("您的理賠 C2026000101 有新進展：調查核實中。")


async def test_repeated_events_and_several_workers_tell_it_once(
    office: Office, service: httpx.AsyncClient
) -> None:
    await claim_of(office)
    await asyncio.gather(*(service.post(URL, json=event("approved")) for _ in range(4)))
    await asyncio.gather(*(office.work.send() for _ in range(3)))
    await office.beat(rounds=2)
    assert len(office.platform.received) == 1
    assert [kind for kind, _, _ in await office.states()] == ["claim_approved"]


async def test_news_that_is_overtaken_before_it_leaves_is_not_sent(
    office: Office, service: httpx.AsyncClient
) -> None:
    await claim_of(office)
    await service.post(URL, json=event("under_review", "e0", "2026-11-23T08:00:00+08:00"))
    await service.post(URL, json=event("investigating", "e1"))
    await service.post(URL, json=event("declined", "e2", "2026-11-23T09:30:00+08:00"))
    await office.beat()
    assert await office.states() == [
        ("claim_stage", "expired", "claim_moved_on"),
        ("claim_declined", "sent", "usual_order"),
    ]


async def test_at_night_it_waits_for_the_morning(
    office: Office, service: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await claim_of(office)
    monkeypatch.setenv("ANDA_NOW", "2026-11-23T15:30:00Z")
    await service.post(URL, json=event("approved"))
    await office.beat()
    assert office.platform.received == []
    planned = (await service.get("/api/v1/notices", params={"state": "planned"})).json()["items"]
    assert [(one["reason"], one["planned_for"]) for one in planned] == [
        ("quiet_hours", "2026-11-24T00:30:00Z")
    ]
    monkeypatch.setenv("ANDA_NOW", "2026-11-24T00:31:00Z")
    await office.beat()
    assert len(office.platform.received) == 1


async def test_whoever_is_chatting_with_us_at_night_is_told_at_once(
    office: Office, service: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await claim_of(office)
    monkeypatch.setenv("ANDA_NOW", "2026-11-23T15:30:00Z")
    await office.proved_on(customer, "wechat")
    await service.post(URL, json=event("approved"))
    await office.beat()
    assert [channel for channel, _ in office.platform.said()] == ["wechat"]


async def test_never_to_a_binding_that_ended(office: Office, service: httpx.AsyncClient) -> None:
    from backend.conversations import bindings

    customer = await claim_of(office)
    contact = await office.proved_on(customer, "wechat")
    await bindings.unbind(office.session, contact.id, "forgotten")
    await office.session.commit()
    await service.post(URL, json=event("approved"))
    await office.beat()
    assert [channel for channel, _ in office.platform.said()] == ["sms"]
    assert await office.channels() == [("wechat", None, "not_bound"), ("sms", "usual_order", None)]


async def test_not_to_a_number_that_two_people_share_or_somebody_else_proved(
    office: Office, service: httpx.AsyncClient
) -> None:
    customer = await claim_of(office)
    await office.customer(2, phone=customer.phone, name="王强")
    await service.post(URL, json=event("approved"))
    await office.beat()
    assert office.platform.received == []
    assert await office.states() == [("claim_approved", "suppressed", "no_channel")]
    assert ("sms", None, "shared_number") in await office.channels()


async def test_what_wechat_refuses_goes_by_sms_and_the_reason_is_kept(
    office: Office, service: httpx.AsyncClient
) -> None:
    customer = await claim_of(office)
    await office.proved_on(customer, "wechat")
    office.platform.broken = {"wechat": "43004"}
    await service.post(URL, json=event("approved"))
    await office.beat(rounds=2)
    assert [channel for channel, _ in office.platform.said()] == ["sms"]
    assert "3,000" not in office.platform.said()[0][1]
    assert await office.channels() == [
        ("wechat", "last_used", "43004"),
        ("sms", "usual_order", None),
    ]
    assert await office.states() == [("claim_approved", "sent", "usual_order")]


async def test_when_every_channel_fails_it_ends_and_somebody_is_to_call(
    office: Office, service: httpx.AsyncClient
) -> None:
    await claim_of(office)
    office.platform.broken = {"sms": "30006"}
    await service.post(URL, json=event("approved"))
    await office.beat(rounds=3)
    assert await office.states() == [("claim_approved", "failed", "all_channels_failed")]
    (task,) = await office.session.scalars(select(Task))
    assert (task.kind, task.origin, task.customer_id is not None) == ("callback", "notice", True)
    assert "C2026000101" in task.summary


async def test_a_page_that_nobody_opens_does_not_keep_the_news(
    office: Office, service: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await claim_of(office)
    await office.proved_on(customer, "web")
    await service.post(URL, json=event("approved"))
    await office.beat()
    assert [channel for channel, _ in office.platform.said()] == ["web"]
    monkeypatch.setenv("ANDA_NOW", "2026-11-23T02:31:00Z")
    await office.work.follow()
    await office.beat()
    assert [channel for channel, _ in office.platform.said()] == ["web", "sms"]
    assert ("web", "last_used", "not_seen") in await office.channels()


async def test_a_chinese_number_gets_registered_wording_or_nothing(
    office: Office, service: httpx.AsyncClient
) -> None:
    await claim_of(office, phone="+8614200000001")
    await service.post(URL, json=event("approved"))
    await office.beat()
    assert ("sms", None, "no_registered_wording") in await office.channels()
    await office.rule(
        "sms_templates_cn", {"claim_paid": {"zh": "【安答保险】您的理赔{claim_number}已赔付。"}}
    )
    await service.post(URL, json=event("paid", "e2", "2026-11-23T09:40:00+08:00"))
    await office.beat()
    assert [channel for channel, _ in office.platform.said()] == ["sms"]


async def test_a_stopped_number_gets_no_sms_and_start_lifts_it(
    office: Office, service: httpx.AsyncClient
) -> None:
    from backend.notices import consents

    customer = await claim_of(office)
    contact = await office.proved_on(customer, "sms")
    await consents.record_contact(office.session, contact.id, False, "STOP")
    await office.session.commit()
    await service.post(URL, json=event("approved"))
    await office.beat()
    assert office.platform.received == []
    await consents.record_contact(office.session, contact.id, True, "START")
    await office.session.commit()
    await service.post(URL, json=event("paid", "e2", "2026-11-23T09:40:00+08:00"))
    await office.beat()
    assert len(office.platform.received) == 1


async def test_a_planned_notice_can_be_cancelled_and_a_sent_one_not(
    office: Office, service: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.notices.people import as_supervisor

    await claim_of(office)
    supervisor = await as_supervisor(office, service)
    await service.post(URL, json=event("approved"))
    (notice,) = await office.notices()
    done = await supervisor.post(f"/api/v1/notices/{notice.id}/cancel")
    assert (done.status_code, done.json()["state"]) == (200, "stopped")
    await office.beat()
    assert office.platform.received == []
    again = await supervisor.post(f"/api/v1/notices/{notice.id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "notice_not_planned")
