"""How an article is cut into what can be quoted."""

import pytest

from knowledge.passages import cut, entries_of, plain
from tests.knowledge.conftest import article


def test_sections_become_passages_and_long_ones_are_cut_between_paragraphs() -> None:
    text = f"{'引' * 40}\n\n## 一\n{'甲' * 60}\n\n{'乙' * 60}\n\n## 二\n短"
    assert cut(text, 100) == [("", "引" * 40), ("一", "甲" * 60), ("一", "乙" * 60), ("二", "短")]


def test_a_short_introduction_takes_the_first_section_with_it() -> None:
    assert cut("引言。\n\n## 一\n甲\n\n## 二\n乙", 100) == [("", "引言。\n一\n甲"), ("二", "乙")]


def test_an_article_without_headings_is_one_passage() -> None:
    assert cut("只有一段。", 100) == [("", "只有一段。")]


def test_a_passage_is_quoted_with_its_heading_and_searched_with_the_title() -> None:
    text = f"{'引' * 120}\n\n## 材料\n回执"
    entry = entries_of([article("a", "zh", "被盗", text)])[1]
    assert (entry.text, entry.searched) == ("材料\n回执", "被盗 材料\n回执")


def test_marks_of_markdown_do_not_reach_the_customer() -> None:
    written = "**先**报警，再看[说明](https://example.com/a)。\n\n## 材料\n`保单`与 2*3 份__复印件__。"
    assert plain(written) == "先报警，再看说明 https://example.com/a。\n\n材料\n保单与 2*3 份复印件。"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("请*务必*报警，*Please* call ***at once***.", "请务必报警，Please call at once."),
        ("**先*尽快*报警**", "先尽快报警"),
        ("# 材料\n### 一 #1 号窗口", "材料\n一 #1 号窗口"),
        ("这样写：\n```text\n退保 P2024\n```\n或者\n~~~\n退订\n~~~", "这样写：\n退保 P2024\n或者\n退订"),
        ("``报案号``", "报案号"),
    ],
)
def test_all_that_editors_mark_is_read_without_its_signs(written: str, read: str) -> None:
    assert plain(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "赔付 2*3*4 份，或 5 * 6 * 7 份",
        "应退=保费*比例*系数",
        "* 保单\n* 身份证",
        "免赔额*，见下。\n*以合同为准",
        "打 138****1234 或 139****5678",
        "姓名____ 电话____",
        "#1 窗口",
    ],
)
def test_what_is_no_mark_stays_as_it_was_written(text: str) -> None:
    assert plain(text) == text
