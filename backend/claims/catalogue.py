"""Kinds of claims and what each needs, read from catalogue.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel

from backend.core.schemas import Names
from backend.policies.models import ProductType

FILE = Path(__file__).with_suffix(".yml")


class ClaimType(BaseModel):
    """A kind of claim: the products it can be made under, and its documents in the order we ask for them."""

    name: Names
    products: list[ProductType]
    documents: list[str]
    complexity: Literal["simple", "complex"] = "simple"


class Catalogue(BaseModel):
    documents: dict[str, Names]
    types: dict[str, ClaimType]
    reasons: dict[str, Names]


@cache
def catalogue() -> Catalogue:
    """The whole file, validated."""
    return Catalogue.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def document_name(code: str) -> Names:
    """A document that the catalogue lacks is named by its code, rather than not at all."""
    return catalogue().documents.get(code) or Names(zh=code, en=code)


def type_name(code: str) -> Names:
    known = catalogue().types.get(code)
    return known.name if known else Names(zh=code, en=code)


def reason(code_or_words: str | None) -> Names | None:
    """A decision's reason in both languages; a human's own words stand as they are."""
    if code_or_words is None:
        return None
    return catalogue().reasons.get(code_or_words) or Names(zh=code_or_words, en=code_or_words)
