"""Messages that are posted at the same time are stored together, and none of them depends on another."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import intake
from backend.conversations.intake import IncomingMessage, Receipt
from backend.conversations.models import Conversation, InboundMessage, Interaction
from backend.core.crypto import Vault
from backend.core.db import Database
from channels.together import Together
from tests.factories import ID_NUMBER, customer_says

PEOPLE = [f"+1313555{number:04d}" for number in range(8)]


def message(sender: str, external_id: str, text: str = "hello", **values: Any) -> IncomingMessage:
    return IncomingMessage(
        channel="sms",
        account="+15550100000",
        sender=sender,
        external_id=external_id,
        text=text,
        **values,
    )


@pytest.fixture
async def known(session: AsyncSession, vault: Vault) -> list[str]:
    """People who wrote before."""
    for sender in PEOPLE:
        await customer_says(session, vault, "hi", channel="sms", sender=sender, external_id=f"first {sender}")
    await session.commit()
    return PEOPLE


@pytest.fixture
def together(database: Database, vault: Vault) -> Together:
    return Together(SimpleNamespace(database=database, vault=vault))


async def post(together: Together, *messages: IncomingMessage) -> list[Receipt | None]:
    return await asyncio.gather(*(together.store(one) for one in messages))


async def test_each_message_is_stored_once_in_its_own_conversation(
    together: Together, known: list[str], session: AsyncSession
) -> None:
    posted = [message(sender, f"{sender} {copy}", f"from {sender}") for sender in known for copy in (0, 0, 1)]
    receipts = await post(together, *posted)
    assert [receipt is not None and receipt.is_new for receipt in receipts] == [True, False, True] * len(
        known
    )
    rows = await session.execute(
        select(Conversation.id, InboundMessage.seq, InboundMessage.text, Interaction.text)
        .join(InboundMessage, InboundMessage.conversation_id == Conversation.id)
        .join(Interaction, (Interaction.inbound_id == InboundMessage.id) & (Interaction.position == 0))
        .where(InboundMessage.text != "hi")
        .order_by(Conversation.id, InboundMessage.seq)
    )
    assert [tuple(row)[1:] for row in rows] == [
        (seq, f"from {sender}", f"from {sender}") for sender in known for seq in (2, 3)
    ]


async def test_numbers_are_hidden_and_the_language_is_each_persons_own(
    together: Together, known: list[str], session: AsyncSession
) -> None:
    texts = [f"我的身份证是{ID_NUMBER}", "My policy please", "plain"]
    await post(together, *(message(sender, sender, text) for sender, text in zip(known, texts, strict=False)))
    stored = list(
        await session.scalars(select(InboundMessage).where(InboundMessage.text != "hi").order_by("id"))
    )
    assert ID_NUMBER not in stored[0].text
    assert [one.language for one in stored] == ["zh-Hans", "en", "en"]


async def test_what_has_consequences_or_is_the_first_of_a_sender_goes_by_itself(
    together: Together, known: list[str], session: AsyncSession
) -> None:
    receipts = await post(
        together,
        message(known[0], "1"),
        message(known[1], "2", "STOP", effect="opt_out"),
        message("+13135559999", "3"),
    )
    assert [receipt is not None for receipt in receipts] == [True, False, False]
    assert await session.scalar(select(func.count()).select_from(InboundMessage)) == len(known) + 1


async def test_a_conversation_that_somebody_holds_keeps_no_other_waiting(
    together: Together, known: list[str], session: AsyncSession
) -> None:
    held = await session.scalar(
        select(InboundMessage.conversation_id).where(InboundMessage.external_id == f"first {known[0]}")
    )
    await session.execute(update(Conversation).where(Conversation.id == held).values(language="zh"))
    receipts = await post(together, message(known[0], "1"), message(known[1], "2"))
    assert [receipt is not None for receipt in receipts] == [False, True]
    await session.rollback()


async def test_one_messages_trouble_is_no_others(
    together: Together, known: list[str], session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisoned(session: Any, vault: Any, conversation_id: int, text: str, *rest: Any) -> str:
        if text == "poison":
            raise ValueError
        return text

    monkeypatch.setattr(intake, "hide_numbers", poisoned)
    assert await post(together, message(known[0], "1"), message(known[1], "2", "poison")) == [None, None]
    assert await session.scalar(select(func.count()).select_from(InboundMessage)) == len(known)
    assert await post(together, message(known[0], "1")) != [None]
