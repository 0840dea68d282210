"""How an article is cut into what can be quoted."""

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
