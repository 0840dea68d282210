"""What agents and other systems write about people: identity and card numbers are crossed out before it is stored."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from backend.conversations.door import mask_numbers

# No control characters but the line's end and the tab.
PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
    AfterValidator(mask_numbers),
]
FreeText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=5000, pattern=PRINTABLE),
    AfterValidator(mask_numbers),
]
