"""The agent's work over HTTP: accept, reply, resolve; races have one winner."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation, Mode, OutboundMessage
from backend.core import clock
from backend.core.access import COOKIE, AgentSession, hash_token
from backend.core.crypto import Vault
from backend.tickets.models import Ticket
from tests.factories import customer_says, make_agent

SignIn = Callable[[], Awaitable[httpx.AsyncClient]]


@pytest.fixture
def sign_in(app: FastAPI, session: AsyncSession) -> SignIn:
    async def signed_in_agent() -> httpx.AsyncClient:
        agent = await make_agent(session)
        cookie = secrets.token_urlsafe(16)
        now = clock.now()
        session.add(
            AgentSession(
                agent_id=agent.id,
                token_hash=hash_token(cookie),
                created_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
        await session.commit()
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://testserver", cookies={COOKIE: cookie}
        )

    return signed_in_agent


@pytest.fixture
async def number(service: httpx.AsyncClient, session: AsyncSession, vault: Vault) -> str:
    """The number of a ticket in the queue."""
    return await open_ticket(service, session, vault)


async def open_ticket(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault, kind: str = "inquiry"
) -> str:
    receipt = await customer_says(session, vault, "a person please")
    headers = {"X-Anda-Message": str(receipt.inbound_id), "Idempotency-Key": f"{receipt.inbound_id}:ticket"}
    body = {"kind": kind, "summary": "wants a person"}
    opened = await service.post("/api/v1/bot/tickets", json=body, headers=headers)
    assert opened.status_code == 200, opened.text
    return str(opened.json()["number"])


async def mode(session: AsyncSession) -> str:
    await session.rollback()
    return str(await session.scalar(select(Conversation.mode)))


async def test_one_open_ticket_a_matter(
    number: str, service: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    assert await open_ticket(service, session, vault) == number
    assert await open_ticket(service, session, vault, "complaint") != number


async def test_the_agents_reply_goes_out_and_the_bot_comes_back(
    number: str, sign_in: SignIn, session: AsyncSession
) -> None:
    agent = await sign_in()
    assert (await agent.post(f"/api/v1/tickets/{number}/accept", json={})).json()["status"] == "assigned"
    assert await mode(session) == Mode.HUMAN
    reply = await agent.post(f"/api/v1/tickets/{number}/reply", json={"text": "Hello, this is Li Na."})
    assert reply.status_code == 200
    sent = (await session.scalars(select(OutboundMessage.text))).all()
    assert sent == ["Hello, this is Li Na."]
    resolved = await agent.post(f"/api/v1/tickets/{number}/resolve", json={"outcome": "answered"})
    assert resolved.json()["status"] == "resolved"
    assert await mode(session) == Mode.BOT
    assert await session.scalar(select(Conversation.episode)) == 2


async def test_the_same_key_sends_one_reply(number: str, sign_in: SignIn, session: AsyncSession) -> None:
    agent = await sign_in()
    await agent.post(f"/api/v1/tickets/{number}/accept", json={})
    body = {"text": "once", "key": "k1"}
    await asyncio.gather(*(agent.post(f"/api/v1/tickets/{number}/reply", json=body) for _ in range(4)))
    assert await session.scalar(select(func.count(OutboundMessage.id))) == 1


async def test_two_agents_accept_and_one_wins(number: str, sign_in: SignIn) -> None:
    agents = [await sign_in() for _ in range(4)]
    answers = await asyncio.gather(*(a.post(f"/api/v1/tickets/{number}/accept", json={}) for a in agents))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_only_its_agent_replies_and_resolves(number: str, sign_in: SignIn) -> None:
    mine, other = await sign_in(), await sign_in()
    before = await mine.post(f"/api/v1/tickets/{number}/reply", json={"text": "too early"})
    assert (before.status_code, before.json()["code"]) == (409, "ticket_not_open")
    await mine.post(f"/api/v1/tickets/{number}/accept", json={})
    assert (await other.post(f"/api/v1/tickets/{number}/reply", json={"text": "x"})).status_code == 409
    assert (
        await other.post(f"/api/v1/tickets/{number}/resolve", json={"outcome": "answered"})
    ).status_code == 409


async def test_what_an_agent_read_before_accepting_is_not_unread_afterwards(
    number: str, sign_in: SignIn, session: AsyncSession, vault: Vault
) -> None:
    agent = await sign_in()
    path = f"/api/v1/tickets/{number}"
    await customer_says(session, vault, "hello?")
    last = (await agent.get(f"{path}/transcript")).json()["items"][-1]["id"]
    await agent.post(f"{path}/accept", json={})
    assert (await agent.get(path)).json()["unread"] == 1
    await agent.get(f"{path}/transcript?after={last}")
    assert (await agent.get(path)).json()["unread"] == 0


async def test_the_transcript_shows_who_spoke_and_notes_stay_private(
    number: str, sign_in: SignIn, session: AsyncSession
) -> None:
    agent = await sign_in()
    await agent.post(f"/api/v1/tickets/{number}/accept", json={})
    await agent.post(f"/api/v1/tickets/{number}/reply", json={"text": "hello"})
    noted = await agent.post(f"/api/v1/tickets/{number}/notes", json={"text": "seems upset"})
    assert [note["text"] for note in noted.json()["notes"]] == ["seems upset"]
    transcript = (await agent.get(f"/api/v1/tickets/{number}/transcript")).json()["items"]
    assert [entry["speaker"] for entry in transcript] == ["customer", "system", "agent"]
    assert transcript[-1]["delivery"] == "queued"
    assert "seems upset" not in str(transcript)
    detail = (await agent.get(f"/api/v1/tickets/{number}")).json()
    assert [event["kind"] for event in detail["events"]] == ["opened", "accepted", "replied", "note"]
    assert detail["unread"] == 0


async def test_the_queue_pages_most_urgent_first(
    sign_in: SignIn, service: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    for kind in ("suggestion", "inquiry", "complaint"):
        await open_ticket(service, session, vault, kind)
    agent = await sign_in()
    first = (await agent.get("/api/v1/tickets", params={"limit": 2})).json()
    rest = (await agent.get("/api/v1/tickets", params={"limit": 2, "cursor": first["next"]})).json()
    assert [item["kind"] for item in first["items"] + rest["items"]] == ["complaint", "suggestion", "inquiry"]
    assert rest["next"] is None
    newest = (await agent.get("/api/v1/tickets", params={"limit": 2, "order": "newest"})).json()
    rest = (
        await agent.get("/api/v1/tickets", params={"limit": 2, "order": "newest", "cursor": newest["next"]})
    ).json()
    assert [item["kind"] for item in newest["items"] + rest["items"]] == [
        "complaint",
        "inquiry",
        "suggestion",
    ]


@pytest.mark.parametrize(
    "cursor", ["", "x", "W10", "WzEsIngiLDJd", "WzEsIjIwMjYtMDEtMDEiLDJd", "WyJhIiwgIjIwMjYiLCAiYiJd"]
)
async def test_a_cursor_that_we_did_not_make_is_refused(sign_in: SignIn, cursor: str) -> None:
    agent = await sign_in()
    answer = await agent.get("/api/v1/tickets", params={"cursor": cursor})
    assert answer.status_code == (200 if cursor == "" else 422)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("T0000000000/accept", {}, 404),
        ("{n}/reply", {"text": ""}, 422),
        ("{n}/reply", {}, 422),
        ("{n}/resolve", {}, 422),
    ],
)
async def test_bad_input_is_named_and_changes_nothing(
    number: str, sign_in: SignIn, session: AsyncSession, path: str, body: dict[str, str], status: int
) -> None:
    agent = await sign_in()
    answer = await agent.post(f"/api/v1/tickets/{path.format(n=number)}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert await session.scalar(select(Ticket.status)) == "queued"


async def test_a_stranger_sees_no_ticket(number: str, client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/api/v1/tickets/{number}")).status_code == 401
    assert (
        await client.get("/api/v1/tickets", headers={"Authorization": "Bearer nonsense"})
    ).status_code == 401


async def test_a_write_from_another_site_is_refused(number: str, sign_in: SignIn) -> None:
    agent = await sign_in()
    answer = await agent.post(
        f"/api/v1/tickets/{number}/accept", json={}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
