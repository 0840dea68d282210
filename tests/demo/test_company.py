"""The demo company as data: reproducible, valid in form, and nobody's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import phonenumbers
import pytest
from stdnum.cn import ric

from backend.claims.catalogue import catalogue
from backend.customers.models import Gender, IdType
from backend.demo.catalogue import happenings
from backend.demo.company import company
from backend.demo.dates import add_months, every, full_years, period
from backend.demo.document import document
from backend.demo.people import people
from backend.policies.models import ProductType

TODAY = date(2026, 11, 22)
DAYS = (TODAY, date(2027, 2, 28), date(2028, 2, 29), date(2027, 6, 1))


def test_it_is_the_same_for_the_same_day() -> None:
    assert company(TODAY) == company(TODAY)
    assert company(TODAY) != company(TODAY, seed=1)


@pytest.mark.parametrize("day", DAYS)
def test_numbers_are_unique_whatever_the_day(day: date) -> None:
    everybody = company(day)
    policies = [policy.number for person in everybody for policy in person.policies]
    claims = [claim.number for person in everybody for claim in person.claims]
    assert len(set(policies)) == len(policies) >= 350
    assert len(set(claims)) == len(claims) >= 250
    assert len({person.id_number for person in everybody}) == len(everybody) >= 200
    assert {policy.product for person in everybody for policy in person.policies} == set(ProductType)


def test_two_people_to_play_share_a_phone_and_nobody_else_does() -> None:
    phones = [person.phone for person in company(TODAY)]
    assert [phone for phone in sorted(set(phones)) if phones.count(phone) > 1] == ["+14155550117"]


def test_identity_numbers_pass_the_checksum_and_name_no_county() -> None:
    for person in company(TODAY):
        if person.id_type == IdType.RESIDENT_ID:
            assert ric.validate(person.id_number) == person.id_number
            assert person.id_number[2:6] == "0000"
            assert ric.get_birth_date(person.id_number) == person.birth_date
            assert int(person.id_number[16]) % 2 == (person.gender == Gender.MALE)


def test_phones_are_fiction_or_unassigned() -> None:
    everybody = company(TODAY)
    overseas = [person.phone for person in everybody if person.phone.startswith("+1")]
    assert 0.2 < len(overseas) / len(everybody) < 0.3
    assert all(phone[5:10] == "55501" for phone in overseas)
    for person in everybody:
        number = phonenumbers.parse(person.phone)
        assert phonenumbers.is_possible_number(number)
        assert phonenumbers.is_valid_number(number) == person.phone.startswith("+1")


def test_people_to_play_keep_their_numbers_on_any_day() -> None:
    def numbers(day: date) -> list[tuple[str, ...]]:
        return [
            (
                person.phone,
                person.id_number,
                *(p.number for p in person.policies),
                *(c.number for c in person.claims),
            )
            for person in people(day)
        ]

    assert numbers(TODAY) == numbers(date(2028, 2, 29))


def test_the_page_tells_what_is_loaded() -> None:
    page = Path(__file__).parents[2] / "docs" / "demo.md"
    assert page.read_text(encoding="utf-8") == document(), (
        "run python -m backend.demo document > docs/demo.md"
    )


def test_every_kind_of_claim_happens() -> None:
    assert set(happenings()) == set(catalogue().types)


def test_months_end_where_months_end() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)
    assert list(every(1, date(2026, 1, 31), date(2026, 3, 31)))[-1] == date(2026, 3, 31)


def test_a_renewed_policy_is_in_the_period_of_today() -> None:
    assert full_years(date(2024, 11, 23), TODAY) == 1
    assert full_years(date(2024, 11, 22), TODAY) == 2
    assert period(date(2024, 3, 1), 1, TODAY, renews=True) == (date(2026, 3, 1), date(2027, 2, 28))
    assert period(date(2024, 3, 1), 1, TODAY, renews=False) == (date(2024, 3, 1), date(2025, 2, 28))
