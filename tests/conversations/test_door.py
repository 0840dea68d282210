"""Identity, bank-card and code numbers never enter a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.door import find_numbers, replace_numbers, reveal
from backend.conversations.models import Conversation, HiddenNumber, InboundMessage
from backend.core import clock
from backend.core.crypto import Vault
from tests.factories import ID_NUMBER, customer_says

CARD = "6222021234567890128"


def kinds(text: str, expects_code: bool = False) -> list[str]:
    return [kind for _, _, kind, _ in find_numbers(text, expects_code)]


@pytest.mark.parametrize(
    "text",
    [
        ID_NUMBER,
        f"我的身份证是{ID_NUMBER}谢谢",
        "999999 19900101 1235",
        "９９９９９９１９９００１０１１２３５",
        "99999919900101123x",
        "999999199001011230",  # mistyped: the check digit is wrong
        f"sfz{ID_NUMBER}",
        f"ID{ID_NUMBER}ok",
    ],
)
def test_identity_numbers_are_found_as_people_type_them(text: str) -> None:
    assert kinds(text) == ["id"]


@pytest.mark.parametrize(
    "text", ["4111111111111111", "4111 1111 1111 1111", "卡号4111-1111-1111-1111。", CARD, f"card{CARD}"]
)
def test_card_numbers_are_found(text: str) -> None:
    assert kinds(text) == ["bank"]


@pytest.mark.parametrize(
    "text",
    [
        "P2024000123",
        "C2026000101",
        "13800138000",
        "2026-11-22 10:30",
        "+12125550142",
        "1200.00",
        "ab4111111111111112",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert kinds(text, expects_code=False) == []


def test_a_code_is_hidden_only_while_one_is_expected() -> None:
    assert kinds("123456", expects_code=True) == ["otp"]
    assert kinds("123456") == []
    assert kinds("P2024000123", expects_code=True) == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_identity_number_survives(before: str, after: str) -> None:
    text = f"{before}我{ID_NUMBER}我{after}"
    assert ID_NUMBER not in replace_numbers(text, False, lambda kind, number: "00000000")


@given(st.text(max_size=200), st.booleans())
def test_any_text_passes_the_door(text: str, expects_code: bool) -> None:
    assert isinstance(replace_numbers(text, expects_code, lambda kind, number: "00000000"), str)


async def test_the_text_holds_a_reference_and_the_value_is_sealed(
    session: AsyncSession, vault: Vault
) -> None:
    receipt = await customer_says(session, vault, f"我的身份证 {ID_NUMBER}")
    message = await session.get_one(InboundMessage, receipt.inbound_id)
    hidden = (await session.scalars(select(HiddenNumber))).one()
    assert message.text == f"我的身份证 ⟦id:{hidden.ref}⟧"
    assert ID_NUMBER not in hidden.sealed
    assert await reveal(session, vault, receipt.conversation_id, f"⟦id:{hidden.ref}⟧") == ID_NUMBER


async def test_a_reference_opens_only_in_its_conversation(session: AsyncSession, vault: Vault) -> None:
    first = await customer_says(session, vault, ID_NUMBER)
    other = await customer_says(session, vault, "hello", sender="+12125550199")
    text = (await session.get_one(InboundMessage, first.inbound_id)).text
    assert await reveal(session, vault, other.conversation_id, text) == ""


async def test_a_typed_reference_is_disarmed(session: AsyncSession, vault: Vault) -> None:
    receipt = await customer_says(session, vault, "⟦id:00000000⟧")
    assert (await session.get_one(InboundMessage, receipt.inbound_id)).text == "[id:00000000]"


async def test_the_door_knows_from_the_conversation_that_a_code_is_expected(
    session: AsyncSession, vault: Vault
) -> None:
    receipt = await customer_says(session, vault, "hello")
    conversation = await session.get_one(Conversation, receipt.conversation_id)
    conversation.code_until = clock.now().replace(year=2100)
    await session.commit()
    receipt = await customer_says(session, vault, "123 456")
    assert (await session.get_one(InboundMessage, receipt.inbound_id)).text.startswith("⟦otp:")
