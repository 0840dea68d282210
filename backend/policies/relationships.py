"""What beneficiaries are to the insured, in words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from backend.core.schemas import Names
from backend.policies.models import Relationship

FILE = Path(__file__).with_suffix(".yml")


@cache
def _names() -> dict[str, Names]:
    loaded = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {code: Names(**names) for code, names in loaded.items()}


def relationship_names(code: str) -> Names:
    """Both languages; a code that the catalogue lacks reads as `other`."""
    return _names().get(code) or _names()[Relationship.OTHER]


def relationship_in(code: str, language: str) -> str:
    """In English for `en`, in Chinese for every other language."""
    names = relationship_names(code)
    return names.en if language == "en" else names.zh
