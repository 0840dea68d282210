"""What the lexical search compares."""

import pytest

from knowledge.words import simplify, words


def test_chinese_becomes_single_and_paired_characters() -> None:
    assert words("宽限期") == ["宽", "限", "期", "宽限", "限期"]


def test_english_is_stemmed_and_loses_stop_words() -> None:
    assert words("What are my waiting Periods?") == ["wait", "period"]


@pytest.mark.parametrize("written", ["WeChat绑定", "ＷｅＣｈａｔ绑定", "wechat綁定"])
def test_width_case_and_script_do_not_matter(written: str) -> None:
    assert words(written) == ["wechat", "绑", "定", "绑定"]


def test_simplify_keeps_what_it_need_not_change() -> None:
    assert simplify("家裡 Water pipe") == "家里 Water pipe"


@pytest.mark.parametrize("text", ["", "？！", "😀"])
def test_nothing_to_compare(text: str) -> None:
    assert words(text) == []
