"""The core system tells a claim's progress."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import service as claims
from backend.claims.models import Claim, ClaimEvent
from backend.core.access import ApiToken, hash_token
from backend.core.crypto import Vault
from tests.factories import make_customer
from tests.insurance import make_claim, make_policy

URL = "/api/v1/claims/C2026000101/events"


def event(
    event_id: str = "e1", stage: str = "approved", at: str = "2026-11-20T10:00:00+08:00"
) -> dict[str, Any]:
    return {"event_id": event_id, "stage": stage, "occurred_at": at, "note": None}


@pytest.fixture(autouse=True)
async def claim(session: AsyncSession, vault: Vault) -> Claim:
    """Under review since 10 November."""
    return await make_claim(session, await make_policy(session, await make_customer(session, vault)))


async def test_an_event_moves_the_claim(service: httpx.AsyncClient) -> None:
    body = (await service.post(URL, json=event())).json()
    assert (body["stage"], body["stage_since"], body["next_step_by"]) == (
        "approved",
        "2026-11-20",
        "2026-11-30",
    )
    assert (body["decision"], body["decision_date"]) == ("approved", "2026-11-20")
    paid = (await service.post(URL, json=event("e2", "paid", "2026-11-21T16:30:00Z"))).json()
    assert paid["paid_date"] == "2026-11-22", "the business date in the insurer's zone"
    assert [entry["event_id"] for entry in paid["events"]] == ["e1", "e2"]


async def test_the_same_event_again_changes_nothing(service: httpx.AsyncClient) -> None:
    first = await service.post(URL, json=event())
    again = await service.post(URL, json=event(at="2026-11-20T02:00:00Z"))
    assert (again.status_code, again.json()) == (200, first.json())


async def test_another_event_under_the_same_id_is_a_conflict(service: httpx.AsyncClient) -> None:
    await service.post(URL, json=event())
    answer = await service.post(URL, json=event(stage="paid"))
    assert (answer.status_code, answer.json()["code"]) == (409, "event_differs")
    assert (await service.get("/api/v1/claims/C2026000101")).json()["stage"] == "approved"


async def test_an_event_that_comes_late_is_kept_and_flagged(service: httpx.AsyncClient) -> None:
    await service.post(URL, json=event())
    body = (await service.post(URL, json=event("e0", "investigating", "2026-11-15T10:00:00+08:00"))).json()
    assert (body["stage"], body["stage_since"]) == ("approved", "2026-11-20")
    assert [(entry["event_id"], entry["is_out_of_order"]) for entry in body["events"]] == [
        ("e0", True),
        ("e1", False),
    ]


async def test_deliveries_at_the_same_moment_record_one_event(service: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(service.post(URL, json=event()) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len((await service.get("/api/v1/claims/C2026000101")).json()["events"]) == 1


async def test_asking_for_more_documents_restarts_the_decision_clock(service: httpx.AsyncClient) -> None:
    await service.post(URL, json=event("e1", "awaiting_documents", "2026-11-12T10:00:00+08:00"))
    body = (await service.post(URL, json=event("e2", "under_review", "2026-11-18T10:00:00+08:00"))).json()
    assert body["next_step_by"] == "2026-12-02"


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_at": "2026-11-20T10:00:00"},
        {"occurred_at": "yesterday"},
        {"stage": "lost"},
        {"event_id": ""},
        {"event_id": "a\u0000b"},
        {"event_id": None},
        {"note": "x" * 2001},
    ],
)
async def test_a_malformed_event_is_refused(service: httpx.AsyncClient, change: dict[str, Any]) -> None:
    answer = await service.post(URL, json=event() | change)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_an_unknown_claim_is_not_found(service: httpx.AsyncClient) -> None:
    assert (await service.post("/api/v1/claims/C2026999999/events", json=event())).status_code == 404


async def test_the_right_to_write_claims_is_needed(client: httpx.AsyncClient, session: AsyncSession) -> None:
    session.add(ApiToken(name="reader", token_hash=hash_token("reading"), scopes=["claims:read"]))
    session.add(ApiToken(name="core", token_hash=hash_token("writing"), scopes=["claims:write"]))
    await session.commit()
    assert (await client.post(URL, json=event())).status_code == 401
    reader, core = {"Authorization": "Bearer reading"}, {"Authorization": "Bearer writing"}
    assert (await client.post(URL, json=event(), headers=reader)).status_code == 403
    assert (await client.post(URL, json=event(), headers=core)).status_code == 200
    assert (await client.get("/api/v1/claims/C2026000101", headers=core)).status_code == 403


async def test_the_customers_notice_is_due_once_for_each_move(
    service: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    async def stage_changed(_session: AsyncSession, claim: Claim, event: ClaimEvent) -> None:
        told.append(f"{event.event_id}:{claim.stage}")

    monkeypatch.setattr(claims, "stage_changed", stage_changed)
    for body in (event(), event(), event("e0", "reported", "2026-11-01T10:00:00Z"), event("e2")):
        await service.post(URL, json=body)
    assert told == ["e1:approved"]


async def test_what_happened_is_kept_in_utc(service: httpx.AsyncClient, session: AsyncSession) -> None:
    body = (await service.post(URL, json=event())).json()
    assert datetime.fromisoformat(body["events"][0]["occurred_at"]) == datetime(2026, 11, 20, 2, tzinfo=UTC)
