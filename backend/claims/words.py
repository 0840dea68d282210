"""Free text on its way into a claim: tidied, and without identity or bank numbers."""

from __future__ import annotations

import re
import unicodedata

from backend.conversations.door import mask_numbers

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def plain(text: str | None) -> str | None:
    """The text, numbers that the door would hide crossed out but for their last four; None when nothing is left.

    References that the door made stay as they are.
    """
    if text is None:
        return None
    return mask_numbers(CONTROL.sub("", unicodedata.normalize("NFC", text)).strip()) or None


def shown_name(file_name: str | None) -> str:
    """A file's name for display only: no path, no numbers, at most 100 characters."""
    last = re.split(r"[/\\]", file_name or "")[-1]
    return (plain(last) or "file")[-100:]
