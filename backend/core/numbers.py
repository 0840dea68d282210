"""Numbers of policies, claims and tickets, read as people type them."""

from __future__ import annotations

import re
import unicodedata

SEPARATORS = re.compile(r"[\x00-\x20\s\-_.·#:]+")


def tidy_number(typed: str, prefix: str) -> str:
    """`ｐ2024 000123` and `2024000123` are P2024000123; anything else comes back merely tidied."""
    number = SEPARATORS.sub("", unicodedata.normalize("NFKC", typed)).upper()
    return prefix + number if number.isascii() and number.isdigit() and len(number) == 10 else number


def is_number(number: str, prefix: str) -> bool:
    """Whether a tidied number has the form prefix, year, six digits; anything else may be somebody's data."""
    return re.fullmatch(rf"{prefix}[0-9]{{10}}", number) is not None
