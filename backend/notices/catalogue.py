"""The notices we know and their wording, read from catalogue.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from backend.core.schemas import Names
from backend.notices.models import Purpose

FILE = Path(__file__).with_suffix(".yml")
Tongue = Literal["zh", "en"]
# All that a phone number which is merely on record may be told (identity level 1).
DISCREET = frozenset({"salutation", "claim_number", "stage", "ticket"})


class Button(Names):
    """A choice under the notice; `command` is the bot's, with the notice's values filled in."""

    model_config = ConfigDict(frozen=True)
    command: str


class Wording(BaseModel):
    """One text for each language and for each of the two kinds of reader."""

    zh: str
    en: str
    zh_discreet: str
    en_discreet: str

    def text(self, tongue: Tongue, is_discreet: bool) -> str:
        words: str = getattr(self, f"{tongue}_discreet" if is_discreet else tongue)
        return words


class Template(Wording):
    """A notice's wording with what rules it."""

    title: Names
    purpose: Purpose
    variables: list[str]
    valid_hours: int | None = None
    urgent: bool = False
    buttons: list[Button] = []


class Catalogue(BaseModel):
    greeting: dict[Tongue, dict[str, str]]
    formats: dict[Tongue, dict[str, str]]
    stages: dict[str, Names]
    examples: dict[str, Names]
    templates: dict[str, Template]
    surge: Names


@cache
def catalogue() -> Catalogue:
    """The whole file, validated."""
    return Catalogue.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
