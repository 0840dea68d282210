"""Markdown as safe HTML, for the editors' preview: an article is data and can carry no script into any page."""

from __future__ import annotations

from functools import cache

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "h1", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "br", "hr", "blockquote", "code", "pre", "a"} | {
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@cache
def _markdown() -> MarkdownIt:
    # HTML in the source is shown as text; nh3 then removes whatever else a page must not hold.
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(markdown: str) -> str:
    """HTML without script, style, picture or handler; links lead to http(s) pages and open apart."""
    return nh3.clean(
        _markdown().render(markdown),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
