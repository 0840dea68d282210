"""Lists that may be sorted several ways, and still page by cursor without skipping or repeating anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from backend.core.errors import Invalid
from backend.core.paging import decode_cursor, encode_cursor

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Order:
    """By `column`, then by `key`, which is unique. `reads` turns the cursor's JSON back into the column's value."""

    name: str
    column: InstrumentedAttribute[Any]
    key: InstrumentedAttribute[int]
    is_descending: bool = False
    reads: type = str

    def page(self, query: Select[Any], cursor: str | None, limit: int) -> Select[Any]:
        """The query for one page and one row more; raises `Invalid` for a cursor of another list or order."""
        if cursor:
            query = query.where(self._after(*self._place(cursor)))
        down = self.is_descending
        ordered = query.order_by(
            self.column.desc().nulls_last() if down else self.column.asc().nulls_last(),
            self.key.desc() if down else self.key.asc(),
        )
        return ordered.limit(limit + 1)

    def _after(self, value: Any, last_id: int) -> ColumnElement[bool]:
        beyond_key = self.key < last_id if self.is_descending else self.key > last_id
        if value is None:  # nulls come last
            return and_(self.column.is_(None), beyond_key)
        beyond = self.column < value if self.is_descending else self.column > value
        return or_(beyond, and_(self.column == value, beyond_key), self.column.is_(None))

    def _place(self, cursor: str) -> tuple[Any, int]:
        name, value, last_id = decode_cursor(cursor, 3)
        is_id = isinstance(last_id, int) and not isinstance(last_id, bool) and 0 <= last_id <= LARGEST_ID
        if name != self.name or not is_id:
            raise Invalid("This cursor belongs to another list.")
        if value is None:
            return None, last_id
        try:
            if self.reads in (datetime, date):
                return self.reads.fromisoformat(value), last_id
            if self.reads is int and abs(int(value)) > LARGEST_ID:
                raise ValueError
            return self.reads(value), last_id
        except (TypeError, ValueError) as error:
            raise Invalid("This cursor is not valid.") from error

    def next(self, found: list[Any], limit: int) -> tuple[list[Any], str | None]:
        """The rows of this page, and the cursor of the next one; None on the last."""
        page = found[:limit]
        if len(found) <= limit:
            return page, None
        last = page[-1]
        value = getattr(last, self.column.key)
        shown = value.isoformat() if isinstance(value, (date, datetime)) else value
        return page, encode_cursor(self.name, shown, getattr(last, self.key.key))


def orders(
    key: InstrumentedAttribute[int], columns: Mapping[str, tuple[InstrumentedAttribute[Any], type]]
) -> dict[str, Order]:
    """Each name upwards, and with a minus downwards."""
    made = {}
    for name, (column, reads) in columns.items():
        made[name] = Order(name, column, key, False, reads)
        made[f"-{name}"] = Order(f"-{name}", column, key, True, reads)
    return made
