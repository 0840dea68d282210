"""An article as editors write it, and how a Markdown file becomes one."""

from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Language = Literal["zh", "en"]
ProductType = Literal["auto", "critical_illness", "medical", "accident", "life", "home"]


class MalformedArticle(Exception):
    """The file has no front matter, or a field of it is missing or wrong."""


class Article(BaseModel):
    """One language of one topic; the two languages of a topic share the id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    language: Language
    title: str = Field(min_length=1)
    products: tuple[ProductType, ...] = ()
    tags: tuple[str, ...] = ()
    valid_from: date
    valid_to: date | None = None
    source: str = Field(min_length=1)
    questions: tuple[str, ...] = Field(min_length=1)
    text: str = Field(min_length=1)

    def is_valid_on(self, day: date) -> bool:
        """Whether the article may be used to answer on that day, first and last day included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def parse_article(markdown: str, name: str) -> Article:
    """The article in a Markdown text with YAML front matter; `name` is said in errors.

    Raises MalformedArticle.
    """
    parts = markdown.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise MalformedArticle(f"{name}: no front matter between two lines of ---")
    try:
        fields = yaml.safe_load(parts[1])
        return Article.model_validate({**fields, "text": parts[2].strip()})
    except (yaml.YAMLError, ValidationError, TypeError) as error:
        raise MalformedArticle(f"{name}: {error}") from error


def read_article(path: Path) -> Article:
    """The article in a file. Raises MalformedArticle."""
    return parse_article(path.read_text("utf-8"), path.name)
