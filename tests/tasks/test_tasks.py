"""Tasks: taken once, closed once, changed by who saw the newest state; the bot notes them for anybody."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.tasks.models import Task
from tests.callers import once, signed_in
from tests.factories import customer_says, make_customer

BODY: dict[str, Any] = {"kind": "callback", "summary": "说明等待期", "due_at": "2026-11-23T02:00:00Z"}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T14:00:00Z")  # 22:00 in Shanghai: closed until 08:30


@pytest.fixture
async def desk(app: FastAPI, session: AsyncSession) -> httpx.AsyncClient:
    return (await signed_in(app, session))[0]


async def new_task(desk: httpx.AsyncClient, **values: Any) -> str:
    answer = await desk.post("/api/v1/tasks", json=BODY | values, headers=once())
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


async def test_one_key_makes_one_task(desk: httpx.AsyncClient, session: AsyncSession) -> None:
    answers = await asyncio.gather(
        *(desk.post("/api/v1/tasks", json=BODY, headers=once("k")) for _ in range(3))
    )
    assert {answer.json()["number"] for answer in answers} == {answers[0].json()["number"]}
    assert answers[0].json()["number"].startswith("K2026")
    assert await session.scalar(select(func.count()).select_from(Task)) == 1


async def test_of_those_who_take_it_one_gets_it(app: FastAPI, session: AsyncSession) -> None:
    people = [await signed_in(app, session) for _ in range(4)]
    number = await new_task(people[0][0])
    path = f"/api/v1/tasks/{number}/take"
    answers = await asyncio.gather(*(client.post(path, json={}) for client, _ in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    winner = next(place for place, answer in enumerate(answers) if answer.status_code == 200)
    assert answers[winner].json()["owner"]["id"] == people[winner][1].id
    again = await people[winner][0].post(path, json={})
    assert again.status_code == 200, "one's own task again is fine"
    mine = await people[winner][0].get("/api/v1/tasks", params={"owner": "me", "state": "open"})
    assert [one["number"] for one in mine.json()["items"]] == [number]


async def test_it_closes_once(desk: httpx.AsyncClient) -> None:
    path = f"/api/v1/tasks/{await new_task(desk)}"
    bodies = [{"state": "done", "outcome": f"已回电 {n}"} for n in range(3)]
    answers = await asyncio.gather(*(desk.post(f"{path}/close", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert (await desk.get(path)).json()["outcome"] == won["outcome"]
    late = await desk.patch(path, json={"version": won["version"], "summary": "x"})
    assert late.json()["code"] == "task_not_open"


async def test_a_change_needs_the_newest_version(desk: httpx.AsyncClient) -> None:
    path = f"/api/v1/tasks/{await new_task(desk)}"
    bodies = [{"version": 1, "summary": words} for words in ("甲", "乙", "丙")]
    answers = await asyncio.gather(*(desk.patch(path, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "version_conflict"


async def test_only_supervisors_give_tasks_to_others(app: FastAPI, session: AsyncSession) -> None:
    (agent, _), (_, colleague) = await signed_in(app, session), await signed_in(app, session)
    supervisor, _ = await signed_in(app, session, "supervisor")
    given = BODY | {"owner_id": colleague.id}
    assert (await agent.post("/api/v1/tasks", json=given, headers=once())).status_code == 403
    assert (await supervisor.post("/api/v1/tasks", json=given, headers=once())).status_code == 201
    nobody = BODY | {"owner_id": 999}
    assert (await supervisor.post("/api/v1/tasks", json=nobody, headers=once())).status_code == 422


async def test_what_is_due_first_comes_first(
    desk: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    customer = await make_customer(session, vault)
    for day in (25, 20, 28):
        await new_task(desk, due_at=f"2026-11-{day}T02:00:00Z", customer_id=customer.id)
    page = (await desk.get("/api/v1/tasks", params={"customer_id": customer.id, "limit": 2})).json()
    assert [one["due_at"][8:10] for one in page["items"]] == ["20", "25"]
    rest = await desk.get("/api/v1/tasks", params={"customer_id": customer.id, "cursor": page["next"]})
    assert [one["due_at"][8:10] for one in rest.json()["items"]] == ["28"]
    late = (await desk.get("/api/v1/tasks", params={"is_overdue": True})).json()["items"]
    assert [one["due_at"][8:10] for one in late] == ["20"]


async def test_the_bot_notes_a_call_back_for_somebody_unknown(
    service: httpx.AsyncClient, desk: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    receipt = await customer_says(session, vault, "please call me back")
    headers = {"X-Anda-Message": str(receipt.inbound_id)} | once("m:task")
    body = {"kind": "callback", "summary": "Wants to hear about Peace Medical", "phone": "212 555 0142"}
    answers = await asyncio.gather(
        *(service.post("/api/v1/bot/tasks", json=body, headers=headers) for _ in range(2))
    )
    assert {answer.status_code for answer in answers} == {200}
    told = answers[0].json()
    assert told == answers[1].json()
    assert (told["kind"], told["owner"]) == ("callback", None)
    assert told["due_at"] == "2026-11-23T02:30:00Z", "two hours after the next opening"
    seen = (await desk.get(f"/api/v1/tasks/{told['number']}")).json()
    assert (seen["origin"], seen["phone"], seen["customer"]) == ("bot", "+12125550142", None)
