"""An agent hands a step to the bot, the bot does it, and the conversation stays the agent's."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.bindings import bind
from backend.conversations.models import Contact, InboundMedia, InboundMessage, Mode
from backend.core.crypto import Vault
from backend.tickets.models import Ticket
from channels.bot_client import BotAnswer
from tests.factories import customer_says, make_customer
from tests.hiring import AtDesk, Hire
from tests.tickets.matters import conversation, hand_over, serve

ASKS = BotAnswer.model_validate({"replies": [{"text": "请告诉我您的手机号"}], "active_form": "verify_form"})
DONE = BotAnswer.model_validate({"replies": [{"text": "好的"}], "active_form": None})


@pytest.fixture
async def li_na(hire: Hire) -> AtDesk:
    return await hire()


@pytest.fixture
async def mine(li_na: AtDesk, session: AsyncSession, vault: Vault) -> Ticket:
    ticket = await hand_over(session, vault)
    await li_na.post(f"/tickets/{ticket.number}/accept")
    return ticket


async def test_the_bot_proves_the_identity_and_the_agent_gets_the_result(
    mine: Ticket, li_na: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    begun = await li_na.post(f"/tickets/{mine.number}/bot-task", {"kind": "verify_identity"})
    assert begun["bot_task"]["kind"] == "verify_identity"
    (first,) = await serve(session, ASKS)
    assert first.question.command == "/verify_identity"
    customer = await make_customer(session, vault)
    await customer_says(session, vault, "123456")
    await bind(session, await session.get_one(Contact, mine.contact_id), customer.id)
    await session.commit()
    await serve(session, DONE)
    detail = await li_na.get(f"/tickets/{mine.number}")
    assert detail["bot_task"] is None
    assert detail["events"][-1]["details"] == {"task": "verify_identity", "result": "verified"}
    assert (await conversation(session)).mode == Mode.HUMAN


async def test_afterwards_the_customers_words_are_the_agents_again(
    mine: Ticket, li_na: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    await li_na.post(f"/tickets/{mine.number}/bot-task", {"kind": "verify_identity"})
    await serve(session, DONE)
    receipt = await customer_says(session, vault, "那我的保单呢")
    assert await serve(session) == []
    assert (await session.get_one(InboundMessage, receipt.inbound_id)).state == "to_agent"


async def test_a_file_is_collected_only_when_the_bot_asks_nothing_more_about_it(
    mine: Ticket, li_na: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    await li_na.post(f"/tickets/{mine.number}/bot-task", {"kind": "collect_documents"})
    await serve(session, DONE)
    receipt = await customer_says(session, vault, "发票在这里")
    session.add(InboundMedia(inbound_id=receipt.inbound_id, position=0, kind="image", state="stored"))
    await session.commit()
    which = {"title": "发票", "payload": '/upload_documents{"document_id": "1", "code": "invoice"}'}
    asks = {"replies": [{"text": "这是哪一份？", "buttons": [which]}], "active_form": None}
    await serve(session, BotAnswer.model_validate(asks))
    assert (await li_na.get(f"/tickets/{mine.number}"))["bot_task"]["kind"] == "collect_documents"
    await customer_says(session, vault, "1")
    await serve(session, DONE)
    detail = await li_na.get(f"/tickets/{mine.number}")
    assert detail["events"][-1]["details"] == {"task": "collect_documents", "result": "collected"}


async def test_one_step_at_a_time_and_it_can_be_taken_back(
    mine: Ticket, li_na: AtDesk, session: AsyncSession
) -> None:
    path = f"/tickets/{mine.number}/bot-task"
    await li_na.post(path, {"kind": "collect_documents"})
    await li_na.post(path, {"kind": "verify_identity"}, status=409)
    assert (await li_na.post(f"{path}/cancel"))["bot_task"] is None
    await li_na.post(f"{path}/cancel", status=404)
