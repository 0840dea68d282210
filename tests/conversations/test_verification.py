"""Proof of identity by a one-time code: the same answers for everybody, and locks that say nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Binding, Interaction, OutboundMessage
from backend.conversations.verification import CODE_PURPOSE
from backend.core import clock
from backend.core.crypto import Vault
from tests.factories import customer_says, make_customer

WECHAT = {"channel": "wechat", "account": "wx0123456789abcdef", "sender": "o1"}


class Chat:
    """A contact whose bot asks the CRM; each call is a new stored message."""

    def __init__(
        self, service: httpx.AsyncClient, session: AsyncSession, vault: Vault, **contact: str
    ) -> None:
        self.service, self.session, self.vault, self.contact = service, session, vault, contact or WECHAT

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        receipt = await customer_says(self.session, self.vault, "hello", **self.contact)
        headers = {"X-Anda-Message": str(receipt.inbound_id), "Idempotency-Key": f"{receipt.inbound_id}:test"}
        return await self.service.request(method, f"/api/v1/bot/{path}", json=body, headers=headers)

    async def start(self, phone: str = "14000000001", last4: str = "1235") -> httpx.Response:
        return await self.call("POST", "verification", {"phone": phone, "id_last4": last4})

    async def check(self, code: str) -> str:
        response = await self.call("POST", "verification/code", {"code": code})
        return str(response.json()["status"])

    async def codes(self) -> list[str]:
        """The codes that are on their way to phones, oldest first."""
        await self.session.rollback()
        sealed = await self.session.scalars(
            select(OutboundMessage.sealed_text)
            .where(OutboundMessage.kind == "code")
            .order_by(OutboundMessage.id)
        )
        return [re.findall(r"\d{6}", self.vault.open(text, CODE_PURPOSE))[0] for text in sealed if text]

    async def level(self) -> int:
        return int((await self.call("GET", "me")).json()["level"])


@pytest.fixture
async def chat(service: httpx.AsyncClient, session: AsyncSession, vault: Vault) -> Chat:
    await make_customer(session, vault)
    return Chat(service, session, vault)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_right_code_verifies(chat: Chat) -> None:
    started = await chat.start()
    assert started.json() == {"status": "sent", "phone": "140****0001", "wait_seconds": None}
    assert await chat.level() == 0
    (code,) = await chat.codes()
    assert await chat.check(code) == "verified"
    me = (await chat.call("GET", "me")).json()
    assert (me["level"], me["surname"]) == (2, "王")


@pytest.mark.parametrize(("phone", "last4"), [("14000000001", "9999"), ("14000000009", "1235")])
async def test_a_stranger_gets_the_same_answer_and_no_code(chat: Chat, phone: str, last4: str) -> None:
    started = await chat.start(phone, last4)
    assert (started.status_code, started.json()["status"]) == (200, "sent")
    assert await chat.codes() == []
    assert await chat.check("123456") == "wrong"


async def test_five_wrong_codes_lock_without_saying_so(chat: Chat) -> None:
    await chat.start()
    (code,) = await chat.codes()
    for _ in range(5):
        assert await chat.check(wrong(code)) == "wrong"
    assert await chat.check(code) == "wrong"
    again = await chat.start()
    assert again.json()["status"] == "sent"
    assert len(await chat.codes()) == 1


async def test_a_lock_ends_after_a_quarter_of_an_hour(chat: Chat) -> None:
    await chat.start()
    (code,) = await chat.codes()
    for _ in range(5):
        await chat.check(wrong(code))
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        await chat.start()
        assert await chat.check((await chat.codes())[-1]) == "verified"


async def test_the_lock_follows_the_claimed_phone_to_another_contact(chat: Chat) -> None:
    await chat.start()
    (code,) = await chat.codes()
    for _ in range(5):
        await chat.check(wrong(code))
    other = Chat(chat.service, chat.session, chat.vault, **(WECHAT | {"sender": "o2"}))
    assert (await other.start()).json()["status"] == "sent"
    assert len(await chat.codes()) == 1


async def test_a_code_expires(chat: Chat) -> None:
    await chat.start()
    (code,) = await chat.codes()
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert await chat.check(code) == "expired"


async def test_a_code_works_once_and_only_in_its_chat(chat: Chat) -> None:
    await chat.start()
    (code,) = await chat.codes()
    other = Chat(chat.service, chat.session, chat.vault, **(WECHAT | {"sender": "o2"}))
    assert await other.check(code) == "expired"
    assert await chat.check(code) == "verified"
    assert await chat.check(code) == "expired"


async def test_one_send_a_minute_and_five_a_day(chat: Chat) -> None:
    begin = clock.now()
    for minute in range(8):
        with time_machine.travel(begin + timedelta(minutes=2 * minute)):
            await chat.start()
            await chat.start()
    sent = await chat.session.scalar(select(func.count()).where(OutboundMessage.kind == "code"))
    assert sent == 5


@pytest.mark.parametrize(
    ("phone", "last4", "kept"),
    [("14000000001", "1235", 1), ("14000000001", "9999", 0), ("14000000009", "1235", 0)],
)
async def test_who_asks_again_too_soon_is_told_how_long_to_wait_on_record_or_not(
    chat: Chat, phone: str, last4: str, kept: int
) -> None:
    begin = clock.now()
    told = []
    for seconds in (0, 20, 61):
        with time_machine.travel(begin + timedelta(seconds=seconds), tick=False):
            told.append((await chat.start(phone, last4)).json()["wait_seconds"])
    assert told == [None, 40, None]
    assert len(await chat.codes()) == 2 * kept


async def test_after_five_codes_the_wait_lasts_until_the_first_is_a_day_old(chat: Chat) -> None:
    begin = clock.now()
    told = []
    for minute in range(0, 12, 2):
        with time_machine.travel(begin + timedelta(minutes=minute), tick=False):
            told.append((await chat.start()).json()["wait_seconds"])
    assert told == [None] * 5 + [24 * 3600 - 600]


@pytest.mark.parametrize("guess", ["1235", "9999"])
async def test_the_wait_does_not_tell_whether_an_earlier_guess_was_right(
    chat: Chat, session: AsyncSession, vault: Vault, guess: str
) -> None:
    await make_customer(session, vault, name="陈伟", id_number="999999198505051235", phone="+12125550142")
    begin = clock.now()
    await chat.start("12125550142", guess)  # a mobile of China, or this customer's number
    with time_machine.travel(begin + timedelta(seconds=20), tick=False):
        assert (await chat.start("+1 212 555 0142", "0000")).json()["wait_seconds"] is not None


async def test_a_lock_does_not_show_in_the_wait(chat: Chat) -> None:
    await chat.start()
    (code,) = await chat.codes()
    for _ in range(5):
        await chat.check(wrong(code))
    begin = clock.now() + timedelta(minutes=2)
    told = []
    for seconds in (0, 20):
        with time_machine.travel(begin + timedelta(seconds=seconds), tick=False):
            told.append((await chat.start()).json()["wait_seconds"])
    assert told == [None, 40]
    assert len(await chat.codes()) == 1


async def test_an_earlier_code_still_works_when_the_limit_sends_no_new_one(chat: Chat) -> None:
    await chat.start()
    await chat.start()
    (code,) = await chat.codes()
    assert await chat.check(code) == "verified"


async def test_what_cannot_be_a_phone_is_told(chat: Chat) -> None:
    assert (await chat.start(phone="12")).status_code == 422
    assert (await chat.start(last4="xx")).status_code == 422


async def test_a_repeated_call_sends_one_code(chat: Chat) -> None:
    receipt = await customer_says(chat.session, chat.vault, "hello", **WECHAT)
    headers = {"X-Anda-Message": str(receipt.inbound_id), "Idempotency-Key": f"{receipt.inbound_id}:start"}
    body = {"phone": "14000000001", "id_last4": "1235"}
    answers = [
        await chat.service.post("/api/v1/bot/verification", json=body, headers=headers) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(await chat.codes()) == 1


async def test_the_code_is_in_no_interaction(chat: Chat) -> None:
    await chat.start()
    (code,) = await chat.codes()
    texts = await chat.session.scalars(select(Interaction.text))
    assert not any(code in text for text in texts)


async def test_two_people_who_share_a_phone_are_told_apart_by_the_document(chat: Chat) -> None:
    other = await make_customer(
        chat.session, chat.vault, name="陈伟", id_number="999999198505052216", phone="+8614000000001"
    )
    await chat.start(last4="2216")
    assert await chat.check((await chat.codes())[-1]) == "verified"
    bound = await chat.session.scalar(select(Binding.customer_id))
    assert bound == other.id


async def test_what_was_said_before_joins_the_record_but_nothing_of_an_earlier_person(
    chat: Chat, session: AsyncSession, vault: Vault
) -> None:
    await customer_says(session, vault, "before", **WECHAT)
    await chat.start()
    await chat.check((await chat.codes())[-1])
    other = await make_customer(
        session, vault, name="陈伟", id_number="999999198505052216", phone="+8614000000002"
    )
    with time_machine.travel(clock.now() + timedelta(days=40)):
        await customer_says(session, vault, "somebody new", **WECHAT)
        await chat.start("14000000002", "2216")
        await chat.check((await chat.codes())[-1])
    await session.rollback()
    of_new = list(await session.scalars(select(Interaction.text).where(Interaction.customer_id == other.id)))
    assert "somebody new" in of_new
    assert "before" not in of_new


async def test_an_sms_number_of_one_customer_is_level_one(
    chat: Chat, session: AsyncSession, vault: Vault
) -> None:
    sms = Chat(chat.service, session, vault, channel="sms", account="+15550100000", sender="+8614000000001")
    assert await sms.level() == 1
    await make_customer(session, vault, name="陈伟", id_number="999999198505052216")
    assert await sms.level() == 0  # two customers share it now: the number tells nothing


async def test_a_call_without_the_service_token_or_message_is_refused(
    chat: Chat, client: httpx.AsyncClient
) -> None:
    assert (await client.get("/api/v1/bot/me")).status_code == 401
    assert (await chat.service.get("/api/v1/bot/me", headers={"X-Anda-Message": "999999"})).status_code == 404
