"""The page behind a link in a short message shows one answer that anybody may read, for a week, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import Identity
from backend.conversations.models import Contact, Conversation
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import clock
from backend.core.crypto import Vault
from channels.answers import links
from tests.factories import customer_says


async def link_to(session: AsyncSession, vault: Vault, text: str, **values: Any) -> str:
    """The link that a message saying `text` gets."""
    receipt = await customer_says(session, vault, "犹豫期是多久")
    conversation = await session.get_one(Conversation, receipt.conversation_id)
    contact = await session.get_one(Contact, conversation.contact_id)
    general: dict[str, Any] = {"intent": "ask_faq", "position": 1, "inbound_id": receipt.inbound_id}
    reply = Reply(text, **(general | values))
    outbound = await queue_reply(session, conversation, contact, Identity(0), reply)
    await session.commit()
    return await links.path_to(session, vault, outbound.id)


async def test_an_answer_from_the_articles_can_be_read_and_holds_no_script(
    client: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    path = await link_to(session, vault, "犹豫期为 15 日 <script>alert(1)</script> $title")
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "犹豫期为 15 日 &lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("您的保单正常有效", {"intent": "query_policies"}),
        ("请确认您的报案", {"position": 2}),
        ("我是李娜", {"speaker": "agent"}),
        ("保单 P2024000123 的犹豫期已过", {}),
        ("我们会拨打 138 0013 8000", {}),
        ("您的证件 ⟦id:0a1b2c3d⟧", {}),
    ],
)
async def test_what_is_about_a_person_leads_to_the_chat(
    session: AsyncSession, vault: Vault, text: str, values: dict[str, Any]
) -> None:
    assert await link_to(session, vault, text, **values) == "/"


async def test_a_changed_or_expired_link_shows_nothing(
    client: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    path = await link_to(session, vault, "犹豫期为 15 日")
    number, day, signature = path.removeprefix("/a/").split("-")
    later = f"/a/{number}-{int(day, 16) + 30:x}-{signature}"
    other = f"/a/{int(number, 16) + 1:x}-{day}-{signature}"
    for wrong in (later, other, "/a/x", "/a/1-2-é", f"/a/{number}-{day}-"):
        answer = await client.get(wrong)
        assert answer.status_code == 404
        assert "犹豫期" not in answer.text
        assert 'href="/"' in answer.text
    with time_machine.travel(clock.now() + timedelta(days=9), tick=True):
        assert (await client.get(path)).status_code == 404
