"""Which turns go to the review list, once each, and what is not kept of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.bindings import bind
from backend.conversations.models import Contact
from backend.core import clock
from backend.core.business import BusinessSetting
from backend.core.crypto import Vault
from backend.privacy import retention
from backend.review.judging import Turn, judge_earlier
from backend.review.masking import mask, pattern_of
from backend.review.models import ReviewItem
from tests.factories import make_customer
from tests.hiring import Hire
from tests.review.conftest import Look, Talk


async def test_unsure_and_unanswered_turns_and_those_out_of_scope_are_noted_once(
    talk: Talk, look: Look
) -> None:
    await talk("我的理赔到哪一步了", "query_claim", 0.97)
    guesses = [{"intent": "query_claim", "confidence": 0.41}, {"intent": "query_ticket", "confidence": 0.38}]
    await talk("那个弄完没", "nlu_fallback", 0.3, fell_back=True, guesses=guesses, model="v7")
    await talk("帮我看看材料的事", "ask_claim_materials", 0.6)
    await talk("今天股票涨了吗", "out_of_scope", 0.9)
    found = await look()
    assert {text: item.reasons for text, item in found.items()} == {
        "那个弄完没": ["not_understood", "rephrased"],
        "帮我看看材料的事": ["unsure"],
        "今天股票涨了吗": ["out_of_scope"],
    }
    assert (found["那个弄完没"].guesses, found["那个弄完没"].model) == (guesses, "v7")
    assert found["那个弄完没"].suggested == "ask_claim_materials"
    assert {item.id for item in (await look()).values()} == {item.id for item in found.values()}


def turn(text: str, intent: str, minute: int = 0, **more: Any) -> Turn:
    values = {
        "inbound_id": minute,
        "command": None,
        "confidence": 0.95,
        "fell_back": False,
        "was_asked": None,
    }
    at = datetime(2026, 11, 23, 9, minute, tzinfo=UTC)
    return Turn(text=text, intent=intent, episode=1, at=at, **(values | more))


@pytest.mark.parametrize(
    ("following", "reason", "suggested"),
    [
        (turn("不是这个意思", "deny", 1), "corrected", None),
        (turn("我问的是保费什么时候交", "query_premium", 1), "corrected", "query_premium"),
        (turn("that's not what I asked", "deny", 1), "corrected", None),
        (turn("转人工", "request_human", 1), "asked_for_human", None),
        (turn("", "request_human", 1, command="/request_human"), "asked_for_human", None),
        (turn("保单受益人到底是哪位", "query_beneficiary", 1), "rephrased", "query_beneficiary"),
        (turn("保单受益人到底是哪位", "query_beneficiary", 11), None, None),
        (turn("谢谢", "thank", 1), None, None),
        (turn("明天会下雨吗", "out_of_scope", 1), None, None),
    ],
)
def test_what_the_customer_says_next_tells_of_the_turn_before(
    following: Turn, reason: str | None, suggested: str | None
) -> None:
    found = judge_earlier(following, turn("我保单受益人是哪位", "query_policies"), 1)
    assert (found.reason if found else None) == reason
    assert (found.suggested if found else None) == suggested


async def test_a_rephrased_one_is_noted_two_turns_later_but_not_in_the_middle_of_a_form(
    talk: Talk, look: Look
) -> None:
    await talk("扣款那张卡给我换掉", "change_contact", 0.9)
    await talk("啊", "help", 0.9)
    await talk("扣款那张卡想换掉一下", "change_payment_account", 0.95)
    await talk("我要报案", "report_claim", 0.95, active_form="claim_form")
    await talk("昨天开车的时候在中山路上", "query_policies", 0.4, active_form="claim_form")
    await talk("不对，是前天", "inform", 0.4, active_form="claim_form")
    assert {text: item.reasons for text, item in (await look()).items()} == {
        "扣款那张卡给我换掉": ["rephrased"]
    }


async def test_the_button_that_followed_says_what_was_meant(talk: Talk, look: Look) -> None:
    await talk("钱啊钱", "nlu_fallback", 0.3, fell_back=True)
    await talk("查保费", "query_premium", 1.0, command="/query_premium")
    (item,) = (await look()).values()
    assert (item.reasons, item.suggested) == (["not_understood"], "query_premium")


async def test_words_without_meaning_of_their_own_are_not_noted(talk: Talk, look: Look) -> None:
    for text in ("13800138000", "🙏", "P2024000123"):
        await talk(text, "nlu_fallback", 0.3, fell_back=True)
    await talk("我的保单有哪些", "query_policies", 0.95)
    assert await look() == {}


async def test_the_least_confidence_is_the_insurers_choice(
    talk: Talk, look: Look, session: AsyncSession
) -> None:
    session.add(BusinessSetting(key="review", value={"value": {"confidence_below": 0.99}}))
    await session.commit()
    await talk("我的理赔到哪一步了", "query_claim", 0.97)
    assert list(await look()) == ["我的理赔到哪一步了"]


async def test_names_and_numbers_do_not_reach_the_list(
    talk: Talk, look: Look, session: AsyncSession, vault: Vault
) -> None:
    customer = await make_customer(session, vault, name="王芳")
    await talk("你好", "greet")
    await bind(session, (await session.scalars(select(Contact))).one(), customer.id)
    await session.commit()
    people = [{"entity": "person", "value": "周小明"}]
    text = "我是王芳，受益人改成周小明，电话138 0013 8000，邮箱wang@example.com，保单p2024-000123"
    await talk(text, "change_beneficiary", 0.5, entities=people)
    (item,) = (await look()).values()
    assert item.text == ("我是张三,受益人改成张三,电话000 0000 0000,邮箱name@example.com,保单P2000000000")
    marked = [(one["entity"], item.text[one["start"] : one["end"]]) for one in item.entities]
    assert marked == [
        ("person", "张三"),
        ("person", "张三"),
        ("phone_number", "000 0000 0000"),
        ("policy_number", "P2000000000"),
    ]


async def test_an_erased_persons_messages_leave_the_list_and_old_ones_too(
    talk: Talk, look: Look, session: AsyncSession, vault: Vault, hire: Hire
) -> None:
    customer = await make_customer(session, vault)
    await talk("你好", "greet")
    await bind(session, (await session.scalars(select(Contact))).one(), customer.id)
    await session.commit()
    customer_id = customer.id
    await talk("我这事儿咋整呢", "query_claim", 0.5)
    await talk("另一位客户的事", "query_claim", 0.5, by="+12125550143")
    assert len(await look()) == 2
    admin = await hire(role="admin")
    await admin.post(f"/customers/{customer_id}/erasure", {"scope": "record"})
    assert list(await look()) == ["另一位客户的事"]
    with time_machine.travel(clock.machine_now() + timedelta(days=1826), tick=True):
        await retention.apply(session)
        await session.commit()
    assert (await session.scalars(select(ReviewItem.id))).all() == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("日期2026-11-23不动", "日期2026-11-23不动"),
        ("my card ⟦bank:7f3a91c2⟧ please", "my card ⟦bank:0⟧ please"),
        ("call +1 (212) 555-0142", "call +0 (000) 000-0000"),
        ("车牌沪A·12345", "车牌沪A00000"),
        ("一行\n两行\u200b", "一行 两行"),
        ("赔3000元", "赔3000元"),
        ("QQ 123456789", "QQ 000000000"),
    ],
)
def test_only_what_could_tell_who_it_is_is_masked(text: str, masked: str) -> None:
    assert mask(text).text == masked


def test_texts_that_differ_in_numbers_and_marks_are_one_pattern() -> None:
    one, other = mask("C2024000001 到哪了？"), mask("c2025 000002到哪了")
    assert pattern_of(*one) == pattern_of(*other) == "#到哪了"
