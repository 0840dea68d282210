"""Passive mode: replies go out as the answer to the customer's post, once, and the same ones to the same post again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from xml.etree import ElementTree

import httpx
import pytest
import redis.asyncio as redis
import time_machine
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import bindings, leases
from backend.conversations.identity import Identity
from backend.conversations.models import (
    Contact,
    Conversation,
    InboundMessage,
    InboundState,
    Kind,
    Lane,
    OutboundMessage,
)
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import clock, live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from channels.outbox import Outbox
from channels.ready import Ways
from channels.wechat import passive
from tests.channels.accounts import make_app, make_settings, wechat_settings
from tests.channels.wechat.posts import post_plain, text_fields, to_xml
from tests.factories import make_customer


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    passive_account = make_settings(wechat=wechat_settings(mode="plain", reply_mode="passive"))
    redis_client: redis.Redis = live.connect(settings.redis_url)
    transport = httpx.ASGITransport(make_app(passive_account, database, redis_client))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        yield http
    await redis_client.aclose()


async def say(client: httpx.AsyncClient, text: str, message_id: str) -> str:
    """Post a text as the platform does; the reply's text, empty for a bare acknowledgement."""
    fields = text_fields(Content=text, MsgId=message_id)
    answer = await post_plain(client, wechat_settings(mode="plain"), to_xml(fields))
    assert answer.status_code == 200
    return "" if answer.text == "success" else ElementTree.fromstring(answer.text).findtext("Content", "")


async def answer_with(database: Database, *texts: str) -> None:
    """Answer the message that is being stored, as the bot would."""
    waiting = select(InboundMessage).where(InboundMessage.state == InboundState.STORED)
    while True:
        async with database.session.begin() as session:
            if inbound := await session.scalar(waiting):
                await queue(session, *texts)
                inbound.state = InboundState.ANSWERED
                return
        await asyncio.sleep(0.02)


async def queue(session: AsyncSession, *texts: str) -> None:
    conversation = (await session.scalars(select(Conversation))).one()
    contact = await session.get_one(Contact, conversation.contact_id)
    for text in texts:
        await queue_reply(session, conversation, contact, Identity(0), Reply(text))


async def test_the_answer_is_in_the_post(client: httpx.AsyncClient, database: Database) -> None:
    said, _ = await asyncio.gather(
        say(client, "你好", "1"), answer_with(database, "您好", "想查什么？ ]]> <b>")
    )
    assert said == "您好\n\n想查什么？ ]]> <b>"


async def test_the_same_post_again_gets_the_same_answer_and_nothing_more(
    client: httpx.AsyncClient, database: Database
) -> None:
    first, _ = await asyncio.gather(say(client, "你好", "1"), answer_with(database, "您好"))
    async with database.session.begin() as session:
        await queue(session, "later, by an agent")
    assert await say(client, "你好", "1") == first == "您好"
    async with database.session.begin() as session:
        assert len(list(await session.scalars(select(InboundMessage)))) == 1


async def test_what_came_too_late_goes_with_the_next_message(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passive, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(passive, "PLATFORM_GONE_AFTER", 0.2)
    assert [await say(client, "你好", "1") for _ in range(3)] == ["", "", ""]
    await answer_with(database, "late")
    monkeypatch.setattr(passive, "WAIT_SECONDS", 4.5)
    said, _ = await asyncio.gather(say(client, "在吗", "2"), answer_with(database, "next"))
    assert said == "late\n\nnext"


async def test_an_answer_keeps_to_the_platforms_limit(client: httpx.AsyncClient, database: Database) -> None:
    said, _ = await asyncio.gather(say(client, "你好", "1"), answer_with(database, "字" * 600, "词" * 600))
    again = await say(client, "你好", "1")
    rest, _ = await asyncio.gather(say(client, "还有吗", "2"), answer_with(database))
    assert said == again
    assert len(said.encode()) <= 2047
    assert (said + rest).replace("\n\n", "") == "字" * 600 + "词" * 600


async def test_a_reply_longer_than_one_answer_goes_on_with_the_next_message(
    client: httpx.AsyncClient, database: Database
) -> None:
    whole = "".join(f"第{number}条：保险责任。" for number in range(120))
    first, _ = await asyncio.gather(say(client, "条款", "1"), answer_with(database, whole))
    second, _ = await asyncio.gather(say(client, "继续", "2"), answer_with(database))
    assert first + second == whole
    assert first.endswith("。")


async def test_the_outbox_leaves_these_messages_alone(
    client: httpx.AsyncClient, database: Database, settings: Settings, vault: Vault, session: AsyncSession
) -> None:
    await asyncio.gather(say(client, "你好", "1"), answer_with(database))
    async with database.session.begin() as other:
        await queue(other, "waiting")
    redis_client: redis.Redis = live.connect(settings.redis_url)
    outbox = Outbox(database, redis_client, Ways(vault, fetched=frozenset({"wechat"})), {})
    async with database.session.begin() as other:
        taken = await leases.take(other, "outbox", 1)
    await outbox.serve(taken[0])
    await redis_client.aclose()
    assert await session.scalar(select(Conversation.outbox_due_at)) is None
    assert list(await session.scalars(select(OutboundMessage.state))) == ["queued"]


async def test_of_what_nobody_fetched_the_bound_customer_hears_by_sms(
    client: httpx.AsyncClient, database: Database, settings: Settings, vault: Vault, session: AsyncSession
) -> None:
    await asyncio.gather(say(client, "你好", "1"), answer_with(database))
    await bind_to_customer(session, vault)
    async with database.session.begin() as other:
        await queue(other, "人工的答复")
    ways = Ways(vault, "https://chat.anda.example", frozenset({"wechat"}), settings.twilio.account)
    assert await passive.tell_of_missed(database, ways) == 0  # it may still be fetched
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        assert await passive.tell_of_missed(database, ways) == 1
        assert await passive.tell_of_missed(database, ways) == 0
    told = list(await session.scalars(select(OutboundMessage).order_by(OutboundMessage.id)))
    assert [(message.channel, message.state) for message in told] == [("wechat", "queued"), ("sms", "queued")]
    assert told[1].recipient == "+12125550142"
    said, _ = await asyncio.gather(say(client, "在吗", "2"), answer_with(database))
    assert said == "人工的答复"


async def test_a_notice_goes_by_template_or_says_that_there_is_no_way(
    client: httpx.AsyncClient, database: Database, settings: Settings, vault: Vault, session: AsyncSession
) -> None:
    await asyncio.gather(say(client, "你好", "1"), answer_with(database))
    conversation = (await session.scalars(select(Conversation))).one()
    contact = await session.get_one(Contact, conversation.contact_id)
    payload = {"notice": {"template": "claim_stage", "values": {}}}
    notice = Reply("进展", kind=Kind.NOTICE, lane=Lane.NOTICE, payload=payload)
    await queue_reply(session, conversation, contact, Identity(0), notice)
    await session.commit()
    redis_client: redis.Redis = live.connect(settings.redis_url)
    outbox = Outbox(database, redis_client, Ways(vault, fetched=frozenset({"wechat"})), {})
    async with database.session.begin() as other:
        taken = await leases.take(other, "outbox", 1)
    await outbox.serve(taken[0])
    await redis_client.aclose()
    assert list(await session.scalars(select(OutboundMessage.error))) == ["no_way"]


async def bind_to_customer(session: AsyncSession, vault: Vault) -> None:
    customer = await make_customer(session, vault, phone="+12125550142")
    await bindings.bind(session, (await session.scalars(select(Contact))).one(), customer.id)
    await session.commit()
