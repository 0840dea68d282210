"""Dead letters: seen with their reason, sent on their way again where that makes sense, or put aside."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import Identity
from backend.conversations.models import (
    Contact,
    Conversation,
    InboundMessage,
    InboundState,
    Kind,
    Lane,
    Mode,
    OutboundMessage,
    OutboundState,
)
from backend.conversations.outgoing import Reply, queue_reply
from backend.core.audit import AuditEntry
from backend.core.crypto import Vault
from tests.callers import once, signed_in
from tests.factories import customer_says


@pytest.fixture
async def keeper(app: FastAPI, session: AsyncSession) -> httpx.AsyncClient:
    return (await signed_in(app, session, "supervisor"))[0]


async def unanswered(session: AsyncSession, vault: Vault, text: str = "保单在哪里看") -> InboundMessage:
    """A message that the bot gave up, after it had told the customer so."""
    receipt = await customer_says(session, vault, text)
    inbound = await session.get_one(InboundMessage, receipt.inbound_id)
    inbound.state, inbound.last_error = InboundState.FAILED, "HTTP 503"
    await reply(session, inbound, OutboundState.SENT, text="已提交工单", position=1)
    return inbound


async def reply(
    session: AsyncSession,
    inbound: InboundMessage,
    state: OutboundState,
    error: str | None = None,
    **said: Any,
) -> OutboundMessage:
    conversation = await session.get_one(Conversation, inbound.conversation_id)
    contact = await session.get_one(Contact, inbound.contact_id)
    said = {"text": "您的保单在这里", "inbound_id": inbound.id, "position": 5} | said
    outbound = await queue_reply(session, conversation, contact, Identity(0), Reply(**said))
    outbound.state, outbound.error = state, error
    await session.commit()
    return outbound


async def act(keeper: httpx.AsyncClient, what: str, *letters: str, key: str | None = None) -> dict[str, Any]:
    answer = await keeper.post(f"/api/v1/dead-letters/{what}", json={"ids": list(letters)}, headers=once(key))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_failed_messages_of_both_directions_are_listed_page_by_page(
    keeper: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    inbound = await unanswered(session, vault)
    lost = await reply(session, inbound, OutboundState.FAILED, "30003", position=2)
    await reply(session, inbound, OutboundState.IN_DOUBT, "timeout", position=3)  # still looked after
    first = (await keeper.get("/api/v1/dead-letters", params={"limit": 1})).json()
    second = (await keeper.get("/api/v1/dead-letters", params={"limit": 1, "cursor": first["next"]})).json()
    shown = [
        (letter["id"], letter["reason"], letter["text"])
        for page in (first, second)
        for letter in page["items"]
    ]
    assert shown == [
        (f"outbound-{lost.id}", "30003", "您的保单在这里"),
        (f"inbound-{inbound.id}", "HTTP 503", "保单在哪里看"),
    ]
    assert second["next"] is None
    counts = (await keeper.get("/api/v1/dead-letters/counts")).json()
    assert (counts["total"], len(counts["items"])) == (2, 2)
    only = await keeper.get("/api/v1/dead-letters", params={"direction": "inbound", "reason": "HTTP 503"})
    assert len(only.json()["items"]) == 1


async def test_a_replayed_question_goes_to_the_bot_again_with_room_for_its_answer(
    keeper: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    inbound = await unanswered(session, vault)
    outcome = await act(keeper, "replay", f"inbound-{inbound.id}", key="again")
    assert outcome == {"done": [f"inbound-{inbound.id}"], "skipped": []}
    assert await act(keeper, "replay", f"inbound-{inbound.id}", key="again") == outcome
    await session.refresh(inbound)
    conversation = await session.get_one(Conversation, inbound.conversation_id, populate_existing=True)
    assert (inbound.state, inbound.attempts, inbound.first_failed_at) == (InboundState.STORED, 0, None)
    assert conversation.inbox_due_at is not None
    await reply(session, inbound, OutboundState.QUEUED, position=1)
    entries = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "dead_letter.replay")))
    assert [entry.target for entry in entries] == [f"inbound:{inbound.id}"]


async def test_a_question_is_not_asked_again_once_a_later_one_was_answered_or_an_agent_is_there(
    keeper: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    inbound = await unanswered(session, vault)
    later = await customer_says(session, vault, "我再问一次")
    (await session.get_one(InboundMessage, later.inbound_id)).state = InboundState.ANSWERED
    await session.commit()
    letter = f"inbound-{inbound.id}"
    assert (await act(keeper, "replay", letter))["skipped"] == [{"id": letter, "why": "superseded"}]
    (await session.get_one(Conversation, inbound.conversation_id)).mode = Mode.HUMAN
    await session.commit()
    assert (await act(keeper, "replay", letter))["skipped"] == [{"id": letter, "why": "with_agent"}]


@pytest.mark.parametrize(
    ("error", "said", "why"),
    [
        ("21610", {}, "refused"),
        ("30003", {"lane": Lane.CODE, "kind": Kind.CODE}, "code"),
        ("30003", {}, None),
    ],
)
async def test_a_message_is_sent_again_unless_it_must_not(
    keeper: httpx.AsyncClient,
    session: AsyncSession,
    vault: Vault,
    error: str,
    said: dict[str, Any],
    why: str | None,
) -> None:
    inbound = await unanswered(session, vault)
    lost = await reply(session, inbound, OutboundState.FAILED, error, **said)
    outcome = await act(keeper, "replay", f"outbound-{lost.id}")
    assert [skipped["why"] for skipped in outcome["skipped"]] == ([why] if why else [])
    await session.refresh(lost)
    assert lost.state == (OutboundState.FAILED if why else OutboundState.QUEUED)


async def test_an_old_reply_of_the_bot_does_not_follow_a_later_one(
    keeper: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    inbound = await unanswered(session, vault)
    lost = await reply(session, inbound, OutboundState.FAILED, "30003")
    later = await customer_says(session, vault, "那保费呢")
    await reply(session, await session.get_one(InboundMessage, later.inbound_id), OutboundState.DELIVERED)
    outcome = await act(keeper, "replay", f"outbound-{lost.id}")
    assert outcome["skipped"] == [{"id": f"outbound-{lost.id}", "why": "superseded"}]


async def test_what_is_put_aside_leaves_the_list_and_all_of_a_kind_are_put_aside_at_once(
    keeper: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    inbound = await unanswered(session, vault)
    lost = [await reply(session, inbound, OutboundState.FAILED, "30003", position=n) for n in (2, 3)]
    body = {"kind": {"direction": "outbound", "reason": "30003"}}
    answer = await keeper.post("/api/v1/dead-letters/dismiss", json=body, headers=once())
    assert answer.json()["done"] == [f"outbound-{letter.id}" for letter in lost]
    left = (await keeper.get("/api/v1/dead-letters")).json()["items"]
    assert [letter["id"] for letter in left] == [f"inbound-{inbound.id}"]


async def test_dead_letters_are_for_supervisors_and_a_request_must_name_something(
    app: FastAPI, keeper: httpx.AsyncClient, session: AsyncSession
) -> None:
    agent, _ = await signed_in(app, session, "agent")
    assert (await agent.get("/api/v1/dead-letters")).status_code == 403
    nothing = await keeper.post("/api/v1/dead-letters/replay", json={}, headers=once())
    assert nothing.status_code == 422
    assert (await keeper.get("/api/v1/dead-letters", params={"cursor": "W10"})).status_code == 422
