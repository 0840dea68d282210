"""What an article says: the fields that an editor fills in, and their limits."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Language = Literal["zh", "en"]
ProductType = Literal["auto", "critical_illness", "medical", "accident", "life", "home"]

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Source = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
TOPIC = r"^[a-z0-9]+(-[a-z0-9]+)*$"

EXAMPLE: dict[str, Any] = {
    "title": "犹豫期有多久",
    "text": "自签收保单之日起 15 天内可以无条件退保，退还全部保险费。",
    "products": ["life", "critical_illness"],
    "tags": ["cooling-off"],
    "questions": ["签完保险反悔了怎么办", "犹豫期几天"],
    "source": "《人身保险业务基本服务规定》",
    "valid_from": "2026-01-01",
    "valid_to": None,
}


class Content(BaseModel):
    """The fields of one revision. The text is Markdown; no products means every product."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, json_schema_extra={"examples": [EXAMPLE]})

    title: Title
    text: Text = Field(description="Markdown. The first paragraph is quoted most; `##` begins a section.")
    products: list[ProductType] = Field(default=[], max_length=6)
    tags: list[Tag] = Field(default=[], max_length=20)
    questions: list[Question] = Field(
        min_length=1, max_length=40, description="As people ask; found by their meaning too."
    )
    source: Source = Field(description="What the customer is told the answer comes from.")
    valid_from: date = Field(description="First day on which it may answer, in the insurer's zone.")
    valid_to: date | None = Field(default=None, description="The last such day; null: until it is retired.")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self
