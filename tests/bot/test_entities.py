"""What the rules find in a message."""

from __future__ import annotations

from datetime import date

import pytest

from bot.entities import find_entities
from bot.text import normalise

TODAY = date(2026, 11, 22)  # a Sunday


def found(text: str, asked: str | None = None) -> list[tuple[str, str]]:
    return [(one.entity, one.value) for one in find_entities(normalise(text), TODAY, asked)]


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("P2024000123保什么", "policy_number", "P2024000123"),
        ("查一下c2026000101", "claim_number", "C2026000101"),
        ("Ｐ２０２４０００１２３", "policy_number", "P2024000123"),
        ("p 2024 000 123 please", "policy_number", "P2024000123"),
        ("ticket T2024000012?", "ticket_number", "T2024000012"),
        ("手机13800138000", "phone_number", "13800138000"),
        ("138-0013-8000", "phone_number", "13800138000"),
        ("+86 138 0013 8000", "phone_number", "13800138000"),
        ("my number is +1 555-010-0123", "phone_number", "+15550100123"),
        ("换手机号码 142 0000 0199", "phone_number", "14200000199"),
        ("change my phone to 142-0000-0199", "phone_number", "14200000199"),
        ("142 - 0000 - 0199", "phone_number", "14200000199"),
        ("142.0000.0199。", "phone_number", "14200000199"),
        ("+86 142–0000–0199", "phone_number", "14200000199"),
        ("change my phone to (212) 555-0142", "phone_number", "+12125550142"),
        ("手机改成 212-555-0142", "phone_number", "+12125550142"),
        ("验证码是123456", "otp", "123456"),
        ("123 456", "otp", "123456"),
        ("尾号是472x", "id_last4", "472X"),
        ("last four are 472X", "id_last4", "472X"),
        ("⟦otp:91c2⟧", "otp", "⟦otp:91c2⟧"),
        ("我的证件⟦id:7f3a⟧", "id_last4", "⟦id:7f3a⟧"),
        ("大概三千二百块", "amount", "3200.00"),
        ("花了3,200.50元", "amount", "3200.50"),
        ("about 3k yuan", "amount", "3000.00"),
        ("1.5万", "amount", "15000.00"),
        ("我的重疾险", "product_type", "critical_illness"),
        ("car insurance", "product_type", "auto"),
        ("打5分", "rating", "5"),
        ("3", "rating", "3"),
    ],
)
def test_number_is_found(text: str, entity: str, value: str) -> None:
    assert found(text) == [(entity, value)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("受益人改成王小明", "王小明"),
        ("李晓梅，妻子，100%", "李晓梅"),
        ("我叫欧阳娜娜", "欧阳娜娜"),
        ("我儿子张伟", "张伟"),
        ("张伟", "张伟"),
        ("my name is Peter Brown", "Peter Brown"),
        ("Li Na, wife, 100%", "Li Na"),
        ("add my wife Zhang Wei as beneficiary", "Zhang Wei"),
    ],
)
def test_person_is_a_proper_name(text: str, name: str) -> None:
    assert ("person", name) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "受益人改成我儿子",
        "add my wife as beneficiary",
        "我要报案",
        "方便的时候回电",
        "安全吗",
        "My Medical policy",
        "高速上追尾",
        "马上",
    ],
)
def test_kinship_and_ordinary_words_are_no_person(text: str) -> None:
    assert [one for one in found(text) if one[0] == "person"] == []


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("昨天下午三点", "2026-11-21"),
        ("前天", "2026-11-20"),
        ("上周五", "2026-11-13"),
        ("三天前", "2026-11-19"),
        ("11月3号", "2026-11-03"),
        ("12月1号出的事", "2025-12-01"),
        ("12月1号要交", "2026-12-01"),
        ("去年3月5日", "2025-03-05"),
        ("2026年10月8日", "2026-10-08"),
        ("上个月3号", "2026-10-03"),
        ("it happened yesterday", "2026-11-21"),
        ("two weeks ago", "2026-11-08"),
        ("on November 3", "2026-11-03"),
        ("3rd of March", "2026-03-03"),
        ("no, the 3rd", "2026-11-03"),
        ("last Friday", "2026-11-20"),
        ("2026-11-01", "2026-11-01"),
        ("半个月前", "2026-11-07"),
    ],
)
def test_date_is_resolved_against_the_day_of_the_message(text: str, iso: str) -> None:
    assert ("date", iso) in found(text)


@pytest.mark.parametrize(
    ("text", "asked", "entity", "value"),
    [
        ("2026000101", "claim_number", "claim_number", "C2026000101"),
        ("2024 000 123", "policy_number", "policy_number", "P2024000123"),
        ("(555) 555-0123", "phone", "phone_number", "+15555550123"),
        ("是123x", "id_last4", "id_last4", "123X"),
        ("收到了 246810", "otp", "otp", "246810"),
    ],
)
def test_bare_number_answers_what_was_asked(text: str, asked: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text, asked)


def test_ten_bare_digits_mean_nothing_when_nothing_was_asked() -> None:
    assert found("2026000101") == []


@pytest.mark.parametrize(
    "text",
    [
        "14 200 元",
        "1500.50 2000.00 1000",
        "150.0000.01999",
        "142.0000.0199.5",
        "P2024000123",
        "手机坏了，保单 202-400-0123",
        "my phone broke, policy P 202-400-0123",
        "电话里说的 2024000123",
        "212-555-0142",
        "2026-11-15 2026-11-20",
    ],
)
def test_other_numbers_are_not_joined_into_a_phone(text: str) -> None:
    assert [one for one in found(text) if one[0] == "phone_number"] == []


def test_entities_do_not_overlap() -> None:
    entities = find_entities("我P2024000123昨天交了3000元，手机13800138000", TODAY)
    assert [one.entity for one in entities] == ["policy_number", "date", "amount", "phone_number"]
    assert all(not a.overlaps(b) for a in entities for b in entities if a is not b)
