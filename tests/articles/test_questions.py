"""What customers asked is kept without their words, and shown to editors with what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.crypto import Vault
from backend.core.settings import Settings
from backend.tickets import opening
from tests.articles.conftest import Write
from tests.conftest import SERVICE_TOKEN
from tests.factories import customer_says


async def told(client: httpx.AsyncClient, message_id: int, **body: Any) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {SERVICE_TOKEN}",
        "X-Anda-Message": str(message_id),
        "Idempotency-Key": f"{message_id}:question",
    }
    return await client.post("/api/v1/bot/knowledge-questions", json=body, headers=headers)


async def listed(editor: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    answer = await editor.get(f"/api/v1/articles/questions?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_question_that_found_nothing_is_listed_with_its_words(
    session: AsyncSession, vault: Vault, client: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    receipt = await customer_says(session, vault, "宠物险有吗，我的卡号6222020200112233445")
    assert (await told(client, receipt.inbound_id, is_answered=False)).json() == {"is_new": True}
    assert (await told(client, receipt.inbound_id, is_answered=False)).json() == {"is_new": False}
    (found,) = await listed(editor)
    assert found["question"].startswith("宠物险有吗")
    assert "6222020200112233445" not in found["question"]
    assert (found["outcome"], found["channel"], found["ticket"]) == ("nothing", "sms", None)


async def test_a_question_a_human_followed_is_told_apart(
    session: AsyncSession,
    vault: Vault,
    client: httpx.AsyncClient,
    editor: httpx.AsyncClient,
    settings: Settings,
) -> None:
    followed = await customer_says(session, vault, "宽限期多久", sender="+12125550101")
    calm = await customer_says(session, vault, "犹豫期多久", sender="+12125550102")
    late = await customer_says(session, vault, "等待期多久", sender="+12125550103")
    for receipt in (followed, calm, late):
        answer = await told(
            client,
            receipt.inbound_id,
            is_answered=True,
            article="grace-period",
            score=0.9,
            product_type="life",
        )
        assert answer.status_code == 200, answer.text
    ticket, _ = await opening.open_ticket(
        session, settings.zone, followed.conversation_id, "inquiry", "还是不懂", "normal"
    )
    other, _ = await opening.open_ticket(
        session, settings.zone, late.conversation_id, "inquiry", "别的事", "normal"
    )
    await session.flush()
    await session.refresh(other)
    other.opened_at = clock.now() + timedelta(minutes=31)
    number = ticket.number
    await session.commit()
    (found,) = await listed(editor, "outcome=human")
    assert (found["question"], found["ticket"], found["article"]) == ("宽限期多久", number, "grace-period")
    assert {one["question"] for one in await listed(editor, "outcome=answered")} == {
        "犹豫期多久",
        "等待期多久",
    }
    count = (await editor.get("/api/v1/articles/questions/count")).json()
    assert count == {"total": 3, "nothing": 0, "human": 1, "answered": 2}


async def test_questions_page_newest_first(
    session: AsyncSession, vault: Vault, client: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    for number in range(3):
        receipt = await customer_says(session, vault, f"问题{number}")
        await told(client, receipt.inbound_id, is_answered=False)
    first = (await editor.get("/api/v1/articles/questions?limit=2")).json()
    rest = (await editor.get(f"/api/v1/articles/questions?limit=2&cursor={first['next']}")).json()
    assert [one["question"] for one in first["items"] + rest["items"]] == ["问题2", "问题1", "问题0"]


async def test_only_our_own_processes_tell_of_questions(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/bot/knowledge-questions", json={"is_answered": True}, headers={"Idempotency-Key": "x"}
    )
    assert answer.status_code == 401


@respx.mock
async def test_a_trial_shows_scores_and_threshold(write: Write, settings: Settings) -> None:
    found = {
        "fits": False,
        "threshold": 0.667,
        "index": "abc",
        "hits": [
            {
                "article": "grace-period",
                "language": "zh",
                "title": "宽限期",
                "score": 0.4,
                "passage": "60天",
                "evidence": {"plain": 0.8},
            }
        ],
    }
    asked = respx.post(f"{settings.knowledge_url}/explain").respond(json=found)
    answer = await write("/try", {"query": "宽限期", "language": "zh"})
    assert answer.json() == found
    assert asked.calls.last.request.headers["authorization"] == f"Bearer {SERVICE_TOKEN}"


@respx.mock
@pytest.mark.parametrize("status", [503, 500])
async def test_a_trial_without_the_knowledge_service_says_so(
    write: Write, settings: Settings, status: int
) -> None:
    respx.post(f"{settings.knowledge_url}/explain").respond(status)
    answer = await write("/try", {"query": "宽限期"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
