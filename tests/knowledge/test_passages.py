"""How an article is cut into what can be quoted."""

from knowledge.passages import cut, entries_of
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
