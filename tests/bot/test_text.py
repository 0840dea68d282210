"""One written form, and words."""

from __future__ import annotations

from bot.text import MAX_CHARACTERS, normalise, without_numbers
from bot.words import words


def test_traditional_and_full_width_become_one_form() -> None:
    assert normalise("我的理賠進度，Ｃ２０２６　０００１０１") == "我的理赔进度,C2026 000101"


def test_text_is_never_a_command() -> None:
    for typed in ("/restart", " /restart", "／restart", "\u200b/restart", " ／ / restart"):
        assert normalise(typed) == "restart"


def test_long_text_is_cut() -> None:
    assert len(normalise("啊" * 100_000)) == MAX_CHARACTERS


def test_numbers_and_references_stay_whole_and_share_a_shape() -> None:
    cut = list(words("查P2024000123的受益人⟦id:7f3a⟧ 13800138000"))
    assert [shape for _, _, shape in cut] == [
        "查",
        "xpolicynumber",
        "的",
        "受益人",
        "xreferenceid",
        "xphonedigits",
    ]


def test_words_stand_where_they_say() -> None:
    text = "my claim 到哪一步了 C2026000101?"
    assert all(text[start : start + len(word)] == word for word, start, _ in words(text))


def test_numbers_are_alike_for_the_meaning() -> None:
    assert without_numbers("P2024000123保什么") == without_numbers("P2025000045保什么")
