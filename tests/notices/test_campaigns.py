"""A campaign: drafted, tried dry, started, released at its rate, stopped."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.notices import consents
from backend.notices.models import Purpose
from tests.notices.office import Office
from tests.notices.people import as_supervisor, with_scopes


@pytest.fixture
async def supervisor(office: Office, service: httpx.AsyncClient) -> httpx.AsyncClient:
    return await as_supervisor(office, service)


async def crowd(office: Office, count: int, agreed: int) -> None:
    """Customers in Shanghai, the first `agreed` of whom want to hear of offers."""
    for number in range(1, count + 1):
        customer = await office.customer(number, region="上海")
        if number <= agreed:
            await consents.record(office.session, [Purpose.MARKETING], True, "chat", customer_id=customer.id)
    await office.customer(90, region="北京")
    await office.session.commit()


async def draft(supervisor: httpx.AsyncClient, **values: Any) -> dict[str, Any]:
    body = {
        "title": "年底保障体检",
        "template": "campaign_checkup",
        "filter": {"include": {"regions": ["上海"]}},
        "rate_per_minute": 600,
    } | values
    answer = await supervisor.post("/api/v1/campaigns", json=body, headers={"Idempotency-Key": "c1"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def start(supervisor: httpx.AsyncClient, campaign: dict[str, Any]) -> dict[str, Any]:
    url = f"/api/v1/campaigns/{campaign['id']}"
    assert (await supervisor.post(f"{url}/dry-run")).status_code == 200
    answer = await supervisor.post(f"{url}/start", json={"version": campaign["version"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_dry_run_tells_who_gets_it_by_which_channel_and_who_not_and_sends_nothing(
    office: Office, supervisor: httpx.AsyncClient
) -> None:
    await crowd(office, 4, agreed=3)
    campaign = await draft(supervisor)
    first = await supervisor.post(f"/api/v1/campaigns/{campaign['id']}/dry-run")
    body = first.json()
    assert (body["total"], body["looked_at"], body["reached"]) == (4, 4, 3)
    assert {(group["channel"], group["reason"], group["count"]) for group in body["groups"]} == {
        ("sms", "usual_order", 3),
        (None, "no_consent", 1),
    }
    page = (await supervisor.get(f"/api/v1/campaigns/{campaign['id']}/audience", params={"limit": 3})).json()
    rest = await supervisor.get(
        f"/api/v1/campaigns/{campaign['id']}/audience", params={"cursor": page["next"]}
    )
    names = [one["customer_id"] for one in page["items"] + rest.json()["items"]]
    assert len(set(names)) == 4
    await office.beat()
    assert await office.notices() == []


async def test_what_the_dry_run_said_is_what_happens(office: Office, supervisor: httpx.AsyncClient) -> None:
    await crowd(office, 4, agreed=3)
    campaign = await draft(supervisor)
    await start(supervisor, campaign)
    await office.beat(rounds=2)
    outcomes = Counter((state, reason) for _, state, reason in await office.states())
    assert outcomes == {("sent", "usual_order"): 3, ("suppressed", "no_consent"): 1}
    assert len(office.platform.received) == 3
    done = (await supervisor.get(f"/api/v1/campaigns/{campaign['id']}")).json()
    assert done["state"] == "done"
    assert {one["state"]: one["count"] for one in done["progress"]} == {"sent": 3, "suppressed": 1}


async def test_it_cannot_start_without_a_dry_run_of_this_version(
    office: Office, supervisor: httpx.AsyncClient
) -> None:
    campaign = await draft(supervisor)
    url = f"/api/v1/campaigns/{campaign['id']}"
    refused = await supervisor.post(f"{url}/start", json={"version": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "dry_run_first")
    await supervisor.post(f"{url}/dry-run")
    changed = await supervisor.put(
        url,
        json={
            "title": "别的",
            "template": "campaign_checkup",
            "filter": {},
            "rate_per_minute": 60,
            "version": 1,
        },
    )
    assert (changed.json()["version"], changed.json()["is_dry_run"]) == (2, False)
    refused = await supervisor.post(f"{url}/start", json={"version": 2})
    assert refused.json()["code"] == "dry_run_first"
    stale = await supervisor.post(f"{url}/start", json={"version": 1})
    assert stale.json()["code"] == "version_conflict"


async def test_its_rate_holds_over_all_workers(office: Office, supervisor: httpx.AsyncClient) -> None:
    await crowd(office, 9, agreed=9)
    await start(supervisor, await draft(supervisor, rate_per_minute=12))
    await asyncio.gather(*(office.work.send() for _ in range(4)))
    await office.beat(rounds=3)
    assert len(office.platform.received) == 2, "a sixth of 12 in ten seconds"
    await office.session.execute(
        text(
            "UPDATE notices SET released_at = released_at - interval '11 seconds' WHERE released_at IS NOT NULL"
        )
    )
    await office.session.commit()
    await office.beat()
    assert len(office.platform.received) == 4


async def test_stop_stops_what_waits_and_takes_back_what_lies_in_the_outbox(
    office: Office, supervisor: httpx.AsyncClient
) -> None:
    await crowd(office, 4, agreed=4)
    campaign = await draft(supervisor, rate_per_minute=12)
    await start(supervisor, campaign)
    await office.work.send()
    stopped = await supervisor.post(f"/api/v1/campaigns/{campaign['id']}/stop")
    assert stopped.json()["state"] == "stopped"
    await office.beat(rounds=2)
    assert office.platform.received == []
    assert {state for _, state, _ in await office.states()} == {"stopped"}
    again = await supervisor.post(f"/api/v1/campaigns/{campaign['id']}/stop")
    assert again.status_code == 200


async def test_starting_twice_at_once_sends_to_nobody_twice(
    office: Office, supervisor: httpx.AsyncClient
) -> None:
    await crowd(office, 3, agreed=3)
    campaign = await draft(supervisor)
    await supervisor.post(f"/api/v1/campaigns/{campaign['id']}/dry-run")
    url, body = f"/api/v1/campaigns/{campaign['id']}/start", {"version": 1}
    answers = await asyncio.gather(*(supervisor.post(url, json=body) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200] * 3
    await office.beat()
    assert len(office.platform.received) == 3


async def test_at_night_a_campaign_rests(
    office: Office, supervisor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(office, 2, agreed=2)
    await start(supervisor, await draft(supervisor))
    monkeypatch.setenv("ANDA_NOW", "2026-11-23T14:00:00Z")
    await office.beat()
    assert {state for _, state, _ in await office.states()} == {"held"}


async def test_nobody_gets_two_campaigns_in_a_week(office: Office, supervisor: httpx.AsyncClient) -> None:
    await crowd(office, 1, agreed=1)
    await start(supervisor, await draft(supervisor))
    await office.beat()
    second = await supervisor.post(
        "/api/v1/campaigns",
        json={"title": "又一个", "template": "campaign_checkup", "filter": {}, "rate_per_minute": 60},
        headers={"Idempotency-Key": "c2"},
    )
    await start(supervisor, second.json())
    await office.beat()
    assert len(office.platform.received) == 1
    assert ("campaign", "suppressed", "cap_reached") in await office.states()


async def test_a_catastrophe_notice_goes_at_once_and_opens_the_surge_queue(
    office: Office, supervisor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.insurance import make_policy

    hit = await office.customer(1, region="浙江", address="杭州市西湖区演示路 1 号")
    await make_policy(office.session, hit, "P2024000201")
    elsewhere = await office.customer(2, region="北京")
    await make_policy(office.session, elsewhere, "P2024000202")
    monkeypatch.setenv("ANDA_NOW", "2026-11-23T18:00:00Z")  # two in the morning there
    answer = await supervisor.post(
        "/api/v1/catastrophes",
        json={"title": "台风", "areas": ["杭州"], "product_types": ["auto"], "surge_hours": 48},
        headers={"Idempotency-Key": "k"},
    )
    campaign = answer.json()
    assert (await supervisor.get("/api/v1/surges", params={"is_open": True})).json()["items"] == []
    await start(supervisor, campaign)
    await office.beat()
    assert [message.recipient for message in office.platform.received] == [hit.phone]
    (surge,) = (await supervisor.get("/api/v1/surges", params={"is_open": True})).json()["items"]
    assert (surge["areas"], surge["until"]) == (["杭州"], "2026-11-25T18:00:00Z")


async def test_templates_about_one_claim_are_no_campaign(supervisor: httpx.AsyncClient) -> None:
    for template in ("claim_paid", "catastrophe"):
        answer = await supervisor.post(
            "/api/v1/campaigns",
            json={"title": "x", "template": template, "filter": {}},
            headers={"Idempotency-Key": template},
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_reading_rights_start_nothing(office: Office, supervisor: httpx.AsyncClient) -> None:
    campaign = await draft(supervisor)
    reader = await with_scopes(office, supervisor, "notices:read", "customers:read")
    for act in ("dry-run", "start", "stop"):
        answer = await reader.post(f"/api/v1/campaigns/{campaign['id']}/{act}", json={"version": 1})
        assert answer.status_code == 403, act
