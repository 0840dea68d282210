"""A suggested reply: what the articles say to the customer's last words, once, and never sent by itself."""

from __future__ import annotations

from typing import Any

import pytest
import respx
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import OutboundMessage
from backend.core.crypto import Vault
from backend.core.settings import Settings
from backend.tickets.models import Ticket
from tests.factories import customer_says
from tests.hiring import AtDesk, Hire
from tests.tickets.matters import hand_over

PASSAGE = "犹豫期自您签收保单次日起 15 天。"
HIT = {
    "article": "cooling-off",
    "language": "zh",
    "title": "犹豫期",
    "score": 0.9312,
    "passage": PASSAGE,
    "evidence": {},
}
FOUND = {"fits": True, "threshold": 0.6, "index": "1", "hits": [HIT]}
NOTHING = {"fits": False, "threshold": 0.6, "index": "1", "hits": []}


@pytest.fixture
async def ticket(session: AsyncSession, vault: Vault) -> Ticket:
    return await hand_over(session, vault, said="想问问犹豫期怎么算，卡号 6222021234567890128")


@pytest.fixture
async def li_na(hire: Hire, ticket: Ticket) -> AtDesk:
    agent = await hire()
    await agent.post(f"/tickets/{ticket.number}/accept")
    return agent


async def suggested(agent: AtDesk, ticket: Ticket) -> Any:
    return await agent.browser.post(f"/api/v1/tickets/{ticket.number}/suggestion", json={})


@respx.mock
async def test_the_last_question_is_looked_up_without_its_numbers(
    li_na: AtDesk, ticket: Ticket, session: AsyncSession, vault: Vault, settings: Settings
) -> None:
    asked = respx.post(f"{settings.knowledge_url}/explain").respond(json=FOUND)
    await customer_says(session, vault, "在吗")
    answer = await suggested(li_na, ticket)
    assert answer.status_code == 200
    assert answer.json() == {
        "text": PASSAGE,
        "source": {"article": "cooling-off", "title": "犹豫期", "language": "zh"},
        "confidence": 0.931,
    }
    assert asked.call_count == 1
    sent = asked.calls.last.request.content.decode()
    assert "犹豫期怎么算" in sent
    assert "6222" not in sent
    assert "⟦" not in sent
    assert await session.scalar(select(func.count()).select_from(OutboundMessage)) == 0


@respx.mock
async def test_nothing_is_offered_when_nothing_fits_or_it_was_said_already(
    li_na: AtDesk, ticket: Ticket, settings: Settings
) -> None:
    known = respx.post(f"{settings.knowledge_url}/explain").respond(json=NOTHING)
    assert (await suggested(li_na, ticket)).status_code == 204
    known.respond(json=FOUND)
    await li_na.post(f"/tickets/{ticket.number}/reply", {"text": f"您好，{PASSAGE}"})
    assert (await suggested(li_na, ticket)).status_code == 204


@respx.mock
async def test_a_service_that_is_away_is_said_so(li_na: AtDesk, ticket: Ticket, settings: Settings) -> None:
    respx.post(f"{settings.knowledge_url}/explain").respond(502)
    answer = await suggested(li_na, ticket)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
