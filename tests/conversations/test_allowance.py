"""What a console shows of the sends that are left."""

from __future__ import annotations

from datetime import timedelta

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import allowances
from backend.conversations.models import InboundMessage
from backend.core.crypto import Vault
from tests.factories import customer_says

LONG, SHORT = ("message", 5, timedelta(hours=48)), ("menu", 3, timedelta(minutes=1))


async def test_wechat_counts_and_keeps_the_last_one(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    where = {"channel": "wechat", "sender": "o1"}
    receipt = await customer_says(session, vault, "你好", **where, allowance=LONG)
    await customer_says(session, vault, "菜单", **where, allowance=SHORT)
    contact_id = (await session.get_one(InboundMessage, receipt.inbound_id)).contact_id
    path = f"/api/v1/conversations/{receipt.conversation_id}/allowance"
    first = (await service.get(path)).json()
    assert (first["way"], first["left"], first["reserved"], first["waiting"]) == ("counted", 8, 1, 0)
    assert [await allowances.spend(session, contact_id) for _ in range(8)] == [True] * 7 + [False]
    assert await allowances.spend(session, contact_id, is_human=True)
    assert not await allowances.spend(session, contact_id, is_human=True)
    await session.commit()
    last = (await service.get(path)).json()
    assert (last["left"], last["reserved"], last["until"]) == (0, 0, None)


async def test_other_channels_do_not_count(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault
) -> None:
    receipt = await customer_says(session, vault, "hello")
    answer = await service.get(f"/api/v1/conversations/{receipt.conversation_id}/allowance")
    assert answer.json() == {"way": "free", "left": None, "reserved": 0, "until": None, "waiting": 0}


async def test_a_passive_account_says_that_replies_wait(
    service: httpx.AsyncClient, session: AsyncSession, vault: Vault, app: FastAPI
) -> None:
    receipt = await customer_says(session, vault, "你好", channel="wechat", sender="o1", allowance=LONG)
    wechat = app.state.settings.wechat.model_copy(update={"reply_mode": "passive"})
    app.state.settings = app.state.settings.model_copy(update={"wechat": wechat})
    answer = await service.get(f"/api/v1/conversations/{receipt.conversation_id}/allowance")
    assert (answer.json()["way"], answer.json()["left"]) == ("passive", 0)


async def test_strangers_and_unknown_conversations(
    client: httpx.AsyncClient, service: httpx.AsyncClient
) -> None:
    assert (await client.get("/api/v1/conversations/1/allowance")).status_code == 401
    assert (await service.get("/api/v1/conversations/1/allowance")).status_code == 404
