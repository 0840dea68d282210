"""Numbers and phones as people type them."""

from __future__ import annotations

import pytest

from backend.core.numbers import is_number, tidy_number
from backend.core.phones import phone_candidates


@pytest.mark.parametrize(
    "typed",
    [
        "P2024000123",
        "p2024000123",
        "P 2024-000 123",
        "Ｐ２０２４０００１２３",
        "2024000123",
        "#P2024000123\n",
    ],
)
def test_a_policy_number_is_read_in_any_spelling(typed: str) -> None:
    assert tidy_number(typed, "P") == "P2024000123"


@pytest.mark.parametrize("typed", ["", "P123", "20240001234", "C2024000123", "110000199001011230"])
def test_anything_else_is_no_policy_number(typed: str) -> None:
    assert not is_number(tidy_number(typed, "P"), "P")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("14200000101", "+8614200000101"),
        ("１４２ ０００００１０１", "+8614200000101"),
        ("+86 142-0000-0101", "+8614200000101"),
        ("(212) 555-0142", "+12125550142"),
        ("+1 212 555 0142", "+12125550142"),
    ],
)
def test_a_phone_is_read_in_any_spelling(typed: str, number: str) -> None:
    assert number in phone_candidates(typed)


def test_what_is_no_phone_has_no_candidates() -> None:
    assert phone_candidates("hello") == phone_candidates("12") == []
