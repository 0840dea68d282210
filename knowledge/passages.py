"""Cuts articles into what is searched: passages that can be quoted, and the questions people ask."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.article import Article

LONGEST = {"zh": 360, "en": 1100}  # characters of a passage; two SMS pages or one WeChat reply
HEADING = re.compile(r"^##+ (.+)$", re.MULTILINE)
# Marks that a phone would show as signs: what they enclose stays. Addresses are kept beside a link's words.
FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^`\n]*(?:\n|\Z)", re.MULTILINE)
TITLE = re.compile(r"^#{1,6} +(?P<text>.+)$", re.MULTILINE)
CODE = re.compile(r"(`+)(?=\S)(?P<text>.+?)(?<=\S)\1")
# A longer row of the same sign is a masked number or a line to be filled in.
STRONG = re.compile(r"(?<!\*)(\*{2,3})(?=[^\s*])(?P<text>.+?)(?<=[^\s*])\1")
UNDERLINED = re.compile(r"(?<!_)__(?=[^\s_])(?P<text>.+?)(?<=[^\s_])__(?!_)")
# One asterisk multiplies between figures and in a line with "=", is a bullet before a space, or points to a note.
LIGHT = re.compile(
    r"(?<![A-Za-z0-9*])\*(?=[\w《“‘\"（(])(?P<text>[^*\n]+?)"
    r"(?:(?<=\w)\*(?![A-Za-z0-9*])|(?<=[^\w\s*])\*(?![\w*]))"
)
FORMULA = re.compile(r"[=＝]")
LINK = re.compile(r"!?\[([^\]]*)\]\((https?://[^)\s]+)[^)]*\)")


@dataclass(frozen=True)
class Entry:
    """One searchable text of an article: a passage, or a question that its first passages answer."""

    article: int  # position in the list of articles
    kind: Literal["passage", "question"]
    text: str  # what may be quoted
    searched: str  # what is compared with the question


def plain(text: str) -> str:
    """Markdown as it can be read in a message: without the signs of headings, emphasis, code and links."""
    text = FENCE.sub("", text).rstrip("\n") if FENCE.search(text) else text
    for marks in (CODE, STRONG, UNDERLINED):
        text = marks.sub(r"\g<text>", text)
    lines = [line if FORMULA.search(line) else LIGHT.sub(r"\g<text>", line) for line in text.split("\n")]
    return TITLE.sub(r"\g<text>", LINK.sub(r"\1 \2", "\n".join(lines)))


def entries_of(articles: Iterable[Article]) -> list[Entry]:
    """All entries of all articles, in order."""
    return [entry for number, article in enumerate(articles) for entry in _entries(number, article)]


def _entries(number: int, article: Article) -> Iterator[Entry]:
    # A text that is nothing but a heading is quoted as it is.
    for heading, text in cut(article.text, LONGEST[article.language]) or [("", article.text)]:
        head = f"{article.title} {heading}".strip()
        quoted = plain(f"{heading}\n{text}" if heading else text)
        yield Entry(number, "passage", quoted, f"{head}\n{text}")
    for question in (article.title, *article.questions):
        yield Entry(number, "question", question, question)


def cut(text: str, longest: int) -> list[tuple[str, str]]:
    """Pairs of heading and passage: sections between headings, long ones cut between paragraphs.

    A short introduction says little when it is quoted alone, so it takes the first section with it.
    """
    passages = list(_sections(text, longest))
    if len(passages) > 1:
        (first_heading, first), (heading, second) = passages[:2]
        joined = f"{first}\n{heading}\n{second}"
        if not first_heading and heading and len(first) < longest / 4 and len(joined) <= longest:
            passages[:2] = [("", joined)]
    return passages


def _sections(text: str, longest: int) -> Iterator[tuple[str, str]]:
    parts = HEADING.split(text)
    for heading, body in zip(["", *parts[1::2]], parts[::2], strict=True):
        passage = ""
        for paragraph in filter(None, (part.strip() for part in body.split("\n\n"))):
            if passage and len(passage) + len(paragraph) > longest:
                yield heading, passage
                passage = ""
            passage = f"{passage}\n{paragraph}".strip()
        if passage:
            yield heading, passage
