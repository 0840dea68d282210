"""Lists page by cursor: an opaque text that names where the next page begins."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query

from backend.core.errors import Invalid

Limit = Annotated[int, Query(ge=1, le=200, description="At most so many items.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]


def encode_cursor(*parts: Any) -> str:
    """A cursor of JSON-able parts (datetimes as ISO texts)."""
    return base64.urlsafe_b64encode(json.dumps(parts, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, size: int) -> list[Any]:
    """The parts of a cursor; raises `Invalid` for anything that we did not make."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise Invalid("This cursor is not valid.") from error
    if not isinstance(parts, list) or len(parts) != size:
        raise Invalid("This cursor is not valid.")
    return parts


def decode_id(cursor: str) -> int:
    """The id in a cursor that holds nothing else; raises `Invalid`."""
    (value,) = decode_cursor(cursor, 1)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Invalid("This cursor is not valid.")
    return value


def decode_place(cursor: str, before: int = 0) -> tuple[list[int], datetime, int]:
    """`before` whole numbers, a moment and an id, as `encode_cursor` was given them; raises `Invalid`."""
    *numbers, moment, last_id = decode_cursor(cursor, before + 2)
    try:
        place = datetime.fromisoformat(moment)
    except (TypeError, ValueError) as error:
        raise Invalid("This cursor is not valid.") from error
    if place.tzinfo is None or not all(type(n) is int and abs(n) < 2**63 for n in [*numbers, last_id]):
        raise Invalid("This cursor is not valid.")
    return numbers, place, last_id
