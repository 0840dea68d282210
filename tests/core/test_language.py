"""The language of a message decides the language of its answer."""

import pytest

from backend.core.language import detect, localise


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我的理赔到哪一步了", "zh-Hans"),
        ("我的理賠到哪一步了", "zh-Hant"),
        ("where is my claim", "en"),
        ("hi", "en"),
        ("P2024000123保什么", "zh-Hans"),
        ("我的claim到哪了", "zh-Hans"),
        ("please check 保单 P2024000123 for me thanks a lot", "en"),
    ],
)
def test_detect(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    "text", ["12345", "😀", "", "P2024000123", "⟦id:00112233⟧", "a", "asdfgh", "OK", "iPhone?"]
)
def test_what_has_no_language_inherits(text: str) -> None:
    assert detect(text, "en") == "en"
    assert detect(text, "zh-Hant") == "zh-Hant"


def test_a_greeting_and_a_sentence_change_the_language() -> None:
    assert detect("Hello!", "zh-Hans") == "en"
    assert detect("my claim please", "zh-Hans") == "en"
    assert detect("claim") == "en"


def test_shared_characters_keep_the_traditional_script() -> None:
    assert detect("你好", "zh-Hant") == "zh-Hant"
    assert detect("你好", "en") == "zh-Hans"


def test_localise() -> None:
    assert localise("理赔", "zh-Hant") == "理賠"
    assert localise("claim", "en") == "claim"
