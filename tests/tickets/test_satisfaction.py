"""After a resolved ticket: one question, a rating by button or digit, a comment if the customer likes."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.tickets.models import Ticket
from tests.factories import customer_says
from tests.hiring import AtDesk, Hire
from tests.tickets.matters import choices, hand_over, last_reply, serve


@pytest.fixture
async def li_na(hire: Hire) -> AtDesk:
    return await hire()


@pytest.fixture
async def resolved(li_na: AtDesk, session: AsyncSession, vault: Vault) -> Ticket:
    """A ticket that an agent answered and resolved."""
    ticket = await hand_over(session, vault)
    await li_na.post(f"/tickets/{ticket.number}/accept")
    await li_na.post(f"/tickets/{ticket.number}/reply", {"text": "您好，已为您处理。"})
    await li_na.post(f"/tickets/{ticket.number}/resolve", {"outcome": "answered"})
    return ticket


async def test_a_digit_is_the_rating_and_the_comment_comes_back_to_the_desk(
    resolved: Ticket, li_na: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    assert len(await choices(session)) == 5
    await customer_says(session, vault, "4")
    await serve(session)
    assert "谢谢您的评价" in (await last_reply(session)).text
    await customer_says(session, vault, "1")
    await serve(session)
    await customer_says(session, vault, "李娜很耐心")
    await serve(session)
    answer = (await li_na.get(f"/tickets/{resolved.number}"))["satisfaction"]
    assert (answer["rating"], answer["comment"]) == (4, "李娜很耐心")


async def test_a_new_question_instead_of_a_rating_goes_to_the_bot(
    resolved: Ticket, session: AsyncSession, vault: Vault
) -> None:
    await customer_says(session, vault, "犹豫期是多久")
    with pytest.raises(AssertionError, match="the bot was asked"):
        await serve(session)


async def test_another_persons_button_rates_nothing(
    resolved: Ticket, li_na: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    token = (await choices(session))[0].token
    await customer_says(session, vault, token, sender="+12125550199", choice=token)
    with pytest.raises(AssertionError, match="the bot was asked"):
        await serve(session)
    assert (await li_na.get(f"/tickets/{resolved.number}"))["satisfaction"]["rating"] is None


async def test_nobody_is_asked_who_was_not_answered(
    li_na: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    ticket = await hand_over(session, vault)
    await li_na.post(f"/tickets/{ticket.number}/accept")
    await li_na.post(f"/tickets/{ticket.number}/resolve", {"outcome": "spam"})
    assert await choices(session) == []
