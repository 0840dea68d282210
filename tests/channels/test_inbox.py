"""The inbox answers each stored message once, in order, and failure is never silence."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.leases import LeaseLost
from backend.conversations.models import (
    Conversation,
    InboundMessage,
    InboundState,
    Interaction,
    Mode,
    OfferedChoice,
)
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.tickets.models import Ticket
from channels.inbox import Inbox
from channels.turns import LEAST_TRIES
from tests.channels.answering import FakeBot, outbound, serve_all
from tests.factories import customer_says


async def test_messages_are_answered_once_and_in_order(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault
) -> None:
    for number in range(5):
        await customer_says(session, vault, f"m{number}")
    await serve_all(inbox, database)
    await serve_all(inbox, database)
    assert [message.text for message in await outbound(session)] == [f"echo m{n}" for n in range(5)]
    states = set(await session.scalars(select(InboundMessage.state)))
    assert states == {InboundState.ANSWERED}


async def test_a_repeated_delivery_is_stored_once(session: AsyncSession, vault: Vault) -> None:
    first = await customer_says(session, vault, "hello", external_id="SM1")
    again = await customer_says(session, vault, "hello", external_id="SM1")
    assert (first.is_new, again.is_new) == (True, False)
    assert first.inbound_id == again.inbound_id


async def test_two_senders_with_one_id_are_two_messages(session: AsyncSession, vault: Vault) -> None:
    await customer_says(session, vault, "hello", external_id="7", sender="a")
    second = await customer_says(session, vault, "hello", external_id="7", sender="b")
    assert second.is_new


async def test_concurrent_deliveries_of_one_message_are_stored_once(database: Database, vault: Vault) -> None:
    async def deliver() -> bool:
        async with database.session() as session:
            return (await customer_says(session, vault, "hi", external_id="same")).is_new

    assert sorted(await asyncio.gather(*(deliver() for _ in range(8)))) == [False] * 7 + [True]


async def test_the_record_holds_both_sides_with_intent(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault
) -> None:
    await customer_says(session, vault, "hello")
    await serve_all(inbox, database)
    record = list(await session.scalars(select(Interaction).order_by(Interaction.id)))
    assert [(entry.speaker, entry.position) for entry in record] == [("customer", 0), ("bot", 1)]
    assert record[0].intent == "greet"
    assert record[0].confidence == pytest.approx(0.9)


async def test_a_failing_bot_gets_one_apology_and_the_later_answer(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    await customer_says(session, vault, "hello")
    bot.failing = "HTTP 503"
    for _ in range(4):
        await serve_all(inbox, database)
        await session.execute(
            update(InboundMessage).values(
                first_failed_at=InboundMessage.first_failed_at - timedelta(seconds=5)
            )
        )
        await session.execute(update(Conversation).values(inbox_due_at=text("now()")))
        await session.commit()
    assert [message.kind for message in await outbound(session)] == ["interim"]
    bot.failing = None
    await serve_all(inbox, database)
    assert [message.kind for message in await outbound(session)] == ["interim", "message"]


async def test_after_two_minutes_of_tries_a_ticket_stands_for_the_message(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    receipt = await customer_says(session, vault, "where is my claim")
    for tries in range(1, LEAST_TRIES + 2):
        # A message that only waited long for its next try, or that nobody asked just now, is not given up.
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 0, tries
        bot.failing = "not asked" if 2 < tries <= LEAST_TRIES else "ReadTimeout"
        await serve_all(inbox, database)
        await session.execute(
            update(InboundMessage).values(first_failed_at=text("now() - interval '121 seconds'"))
        )
        await session.execute(update(Conversation).values(inbox_due_at=text("now()")))
        await session.commit()
    ticket = (await session.scalars(select(Ticket))).one()
    said = await outbound(session)
    assert said[-1].text.count(ticket.number) == 1
    inbound = await session.get_one(InboundMessage, receipt.inbound_id, populate_existing=True)
    assert inbound.state == InboundState.FAILED


async def test_in_human_mode_the_bot_is_not_asked(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    receipt = await customer_says(session, vault, "hello")
    await session.execute(update(Conversation).values(mode=Mode.HUMAN))
    await session.commit()
    await serve_all(inbox, database)
    inbound = await session.get_one(InboundMessage, receipt.inbound_id, populate_existing=True)
    assert (bot.asked, inbound.state) == ([], InboundState.TO_AGENT)


async def test_a_worker_that_lost_its_lease_commits_nothing(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    await customer_says(session, vault, "hello")
    async with database.session.begin() as other:
        (stale,) = await leases.take(other, "inbox", 1)
    await session.execute(update(Conversation).values(inbox_leased_until=text("now() - interval '1 second'")))
    await session.commit()
    await serve_all(inbox, database)
    with pytest.raises(LeaseLost):
        await inbox.serve(stale)
    assert len(await outbound(session)) == 1


async def test_a_digit_chooses_from_the_latest_menu(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    bot.replies = lambda q: [
        {
            "text": "which one?",
            "buttons": [{"title": "A", "payload": "/pick{}"}, {"title": "B", "payload": "/drop{}"}],
        },
        {"text": "or", "buttons": [{"title": "C", "payload": "/third{}"}]},
    ]
    await customer_says(session, vault, "menu")
    await serve_all(inbox, database)
    await customer_says(session, vault, "２")
    await customer_says(session, vault, "3.")
    await customer_says(session, vault, "9")
    await serve_all(inbox, database)
    assert [question.command for question in bot.asked[1:]] == ["/drop{}", "/third{}", None]


async def test_a_button_token_of_another_conversation_is_only_text(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    bot.replies = lambda q: [{"text": "?", "buttons": [{"title": "A", "payload": "/pick{}"}]}]
    await customer_says(session, vault, "menu")
    await serve_all(inbox, database)
    token = (await session.scalars(select(OfferedChoice.token))).one()
    await customer_says(session, vault, token, sender="+12125550143")
    await customer_says(session, vault, "A", choice=token)
    await serve_all(inbox, database)
    assert sorted(str(question.command) for question in bot.asked[1:]) == ["/pick{}", "None"]


@pytest.mark.parametrize(
    ("values", "beginning"),
    [
        ({"text": "字" * 3000}, "您发来的内容太长"),
        ({"text": "  "}, "我收到了一条空白消息"),
        ({"text": "", "type": "image"}, "抱歉，我暂时看不懂"),
        ({"text": "", "type": "voice"}, "抱歉，这段语音"),
        ({"text": "", "type": "event", "effect": "follow"}, "您好，欢迎关注"),
    ],
)
async def test_what_the_bot_cannot_read_is_answered_politely(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot,
    values: dict[str, Any], beginning: str,
) -> None:  # fmt: skip
    await customer_says(session, vault, **values)
    await serve_all(inbox, database)
    (said,) = await outbound(session)
    assert said.text.startswith(beginning)
    assert bot.asked == []


async def test_opting_out_is_recorded_in_silence(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    await customer_says(session, vault, "STOP", effect="opt_out")
    await serve_all(inbox, database)
    assert (bot.asked, await outbound(session)) == ([], [])
    assert len(list(await session.scalars(select(Interaction)))) == 1


async def test_an_answer_that_cannot_be_stored_is_a_failure_and_not_a_loop(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot
) -> None:
    bot.replies = lambda q: [{"text": "\x00"}]
    receipt = await customer_says(session, vault, "hello")
    await serve_all(inbox, database)
    inbound = await session.get_one(InboundMessage, receipt.inbound_id, populate_existing=True)
    assert (inbound.state, inbound.last_error) == (InboundState.STORED, "DataError")
    assert inbound.first_failed_at is not None


async def test_control_characters_cost_no_message(session: AsyncSession, vault: Vault) -> None:
    payload = {"name\x00": ["a\x00b", {"c": "\x00"}], "n": 1}
    receipt = await customer_says(session, vault, "he\x00llo", payload=payload, display_name="x\x00")
    inbound = await session.get_one(InboundMessage, receipt.inbound_id)
    assert (inbound.text, inbound.payload) == ("hello", {"name": ["ab", {"c": ""}], "n": 1})


@pytest.mark.parametrize("mode", [Mode.BOT, Mode.HUMAN])
async def test_help_is_answered_by_us_whoever_serves_the_conversation(
    inbox: Inbox, database: Database, session: AsyncSession, vault: Vault, bot: FakeBot, mode: Mode
) -> None:
    receipt = await customer_says(session, vault, "HELP", effect="help")
    await session.execute(update(Conversation).values(mode=mode))
    await session.commit()
    await serve_all(inbox, database)
    [said] = await outbound(session)
    assert "STOP" in said.text
    inbound = await session.get_one(InboundMessage, receipt.inbound_id, populate_existing=True)
    assert (bot.asked, inbound.state) == ([], InboundState.ANSWERED)
    await customer_says(session, vault, "HELP", effect="help_given")
    await serve_all(inbox, database)
    assert len(await outbound(session)) == 1
