"""The outbox sends in order, repeats only what may be repeated, and never repeats a code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import redis.asyncio as redis
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.identity import Identity
from backend.conversations.models import Contact, Conversation, Lane, OutboundMessage, OutboundState
from backend.conversations.outgoing import Reply, queue_code, queue_reply
from backend.conversations.verification import CODE_PURPOSE
from backend.core import clock, live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from channels.outbox import Outbox
from channels.ready import Ways
from channels.sending import OutcomeUnknown, Outgoing, SendLater, SendRejected, Sent
from tests.factories import customer_says


class FakeSender:
    """A platform that does as told: each trouble is raised once, then it works."""

    repeats_when_unknown = True

    def __init__(self) -> None:
        self.received: list[Outgoing] = []
        self.troubles: list[Exception] = []
        self.known: Sent | None = None
        self.parts = 1

    async def send(self, message: Outgoing) -> Sent:
        if self.troubles:
            raise self.troubles.pop(0)
        self.received.append(message)
        return Sent(f"p{message.id}", 1, is_all=message.part == self.parts - 1)

    async def look_up(self, message: Outgoing) -> Sent | None:
        return self.known


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
async def outbox(
    database: Database, settings: Settings, vault: Vault, sender: FakeSender
) -> AsyncIterator[Outbox]:
    client: redis.Redis = live.connect(settings.redis_url)
    yield Outbox(database, client, Ways(vault), {"sms": sender, "wechat": sender})
    await client.aclose()


async def serve_all(outbox: Outbox, database: Database) -> None:
    async with database.session.begin() as session:
        await session.execute(update(OutboundMessage).values(due_at=text("now() - interval '1 second'")))
        await session.execute(
            update(Conversation)
            .where(Conversation.outbox_due_at.is_not(None))
            .values(outbox_due_at=text("now()"))
        )
    async with database.session.begin() as session:
        taken = await leases.take(session, "outbox", 100)
    await asyncio.gather(*(outbox.serve(lease) for lease in taken))


async def queue(session: AsyncSession, vault: Vault, *texts: str, **incoming: Any) -> Conversation:
    receipt = await customer_says(session, vault, "hello", **incoming)
    conversation = await session.get_one(Conversation, receipt.conversation_id)
    contact = await session.get_one(Contact, conversation.contact_id)
    for said in texts:
        await queue_reply(session, conversation, contact, Identity(0), Reply(said))
    await session.commit()
    return conversation


async def states(session: AsyncSession) -> list[str]:
    await session.rollback()
    return list(await session.scalars(select(OutboundMessage.state).order_by(OutboundMessage.id)))


async def test_replies_leave_in_order(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    await queue(session, vault, "one", "two", "three")
    await serve_all(outbox, database)
    assert [message.text for message in sender.received] == ["one", "two", "three"]
    assert await states(session) == [OutboundState.SENT] * 3


async def test_a_retry_holds_its_followers(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    await queue(session, vault, "one", "two")
    sender.troubles = [SendLater("429")]
    await serve_all(outbox, database)
    assert sender.received == []
    await serve_all(outbox, database)
    assert [message.text for message in sender.received] == ["one", "two"]


async def test_a_retry_holds_them_for_at_most_a_minute(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    await queue(session, vault, "one", "two")
    sender.troubles = [SendLater("500"), SendLater("500")]
    await serve_all(outbox, database)
    await session.execute(
        update(OutboundMessage)
        .where(OutboundMessage.attempts > 0)
        .values(first_tried_at=text("now() - interval '61 seconds'"))
    )
    await session.commit()
    await serve_all(outbox, database)
    assert [message.text for message in sender.received] == ["two"]
    assert await states(session) == [OutboundState.FAILED, OutboundState.SENT]


async def test_a_rejected_message_does_not_stop_the_next(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    await queue(session, vault, "one", "two")
    sender.troubles = [SendRejected("21211")]
    await serve_all(outbox, database)
    assert await states(session) == [OutboundState.FAILED, OutboundState.SENT]


async def test_a_send_in_doubt_is_looked_up_before_it_is_repeated(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    await queue(session, vault, "one")
    sender.troubles = [OutcomeUnknown("timeout")]
    await serve_all(outbox, database)
    assert await states(session) == [OutboundState.IN_DOUBT]
    sender.known = Sent("found")
    await serve_all(outbox, database)
    assert (await states(session), sender.received) == ([OutboundState.SENT], [])


async def test_each_part_of_a_long_message_may_be_repeated_once(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    sender.parts = 2
    await queue(session, vault, "long")
    for _ in range(2):
        sender.troubles = [OutcomeUnknown("timeout")]
        for _ in range(2):
            await serve_all(outbox, database)
    assert [message.part for message in sender.received] == [0, 1]
    assert await states(session) == [OutboundState.SENT]


async def test_a_code_in_doubt_is_never_repeated_and_its_text_is_wiped(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    conversation = await queue(session, vault)
    sealed = vault.seal("your code is 123456", CODE_PURPOSE)
    expires = clock.now() + timedelta(minutes=5)
    await queue_code(session, conversation, "+15550100000", "+12125550142", sealed, expires, "code:1")
    await session.commit()
    sender.troubles = [OutcomeUnknown("timeout")]
    await serve_all(outbox, database)
    await serve_all(outbox, database)
    assert (await states(session), sender.received) == ([OutboundState.IN_DOUBT], [])
    assert (await session.scalars(select(OutboundMessage.sealed_text))).all() == [None]


async def test_an_expired_code_is_not_sent(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    conversation = await queue(session, vault)
    sealed = vault.seal("your code is 123456", CODE_PURPOSE)
    await queue_code(
        session, conversation, "+1", "+12125550142", sealed, clock.now() - timedelta(seconds=1), "code:1"
    )
    await session.commit()
    await serve_all(outbox, database)
    assert (await states(session), sender.received) == ([OutboundState.EXPIRED], [])


async def test_a_code_does_not_wait_for_a_reply(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    conversation = await queue(session, vault, "slow reply")
    sealed = vault.seal("code", CODE_PURPOSE)
    expires = clock.now() + timedelta(minutes=5)
    await queue_code(session, conversation, "+1", "+12125550142", sealed, expires, "code:1")
    await session.commit()
    await session.execute(
        update(OutboundMessage)
        .where(OutboundMessage.lane == Lane.REPLY)
        .values(due_at=text("now() + interval '1 hour'"))
    )
    await session.commit()
    async with database.session.begin() as other:
        taken = await leases.take(other, "outbox", 1)
    await outbox.serve(taken[0])
    assert [message.lane for message in sender.received] == [Lane.CODE]


async def test_replies_to_traditional_chinese_are_converted(
    outbox: Outbox, database: Database, session: AsyncSession, vault: Vault, sender: FakeSender
) -> None:
    receipt = await customer_says(session, vault, "我的理賠到哪一步了")
    conversation = await session.get_one(Conversation, receipt.conversation_id)
    contact = await session.get_one(Contact, conversation.contact_id)
    await queue_reply(session, conversation, contact, Identity(0), Reply("您的理赔正在审核"))
    await session.commit()
    await serve_all(outbox, database)
    assert sender.received[0].text == "您的理賠正在審核"
