"""One written form for what people type."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_CHARACTERS = 1000
"""Longer messages are understood by their beginning."""

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_SPACES = re.compile(r"\s+")
_COMMAND_PREFIX = re.compile(r"^[\s/]+")


@lru_cache(maxsize=1)
def _to_simplified():  # type: ignore[no-untyped-def]
    import opencc

    return opencc.OpenCC("t2s")


def normalise(text: str) -> str:
    """Return the text in NFKC, Simplified Chinese, single spaces, and never as a command (`/…`)."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])
    text = _INVISIBLE.sub("", text)
    text = _to_simplified().convert(text)
    text = _SPACES.sub(" ", text).strip()
    return _COMMAND_PREFIX.sub("", text)


_REFERENCE = re.compile(r"⟦([a-z]+):[^⟧]*⟧")
_LONG_NUMBER = re.compile(r"\d(?:[\s-]?\d){4,}")


def without_numbers(text: str) -> str:
    """Return the text with long numbers alike, for what looks at its meaning only."""
    return _LONG_NUMBER.sub("12345", _REFERENCE.sub("12345", text))
