"""Cells and tables of any content: a value, a reason, or a file that is refused, and never anything else."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.imports.cells import BadCell, check_id_number, value_of
from backend.imports.columns import Column, columns_of
from backend.imports.models import ImportKind
from backend.imports.rejections import texts
from backend.imports.tables import BadTable, rows_of
from tests.imports.tables import ID_NUMBER, as_csv

TODAY = date(2026, 11, 23)
EVERY_COLUMN = [column for kind in ImportKind for column in columns_of(kind).values()]


@given(column=st.sampled_from(EVERY_COLUMN), text=st.text(max_size=300))
def test_any_text_is_a_value_or_has_a_reason_in_both_languages(column: Column, text: str) -> None:
    code = _code(lambda: value_of(column, text.strip(), TODAY))
    assert code is None or (code in texts()["zh"] and code in texts()["en"])


def _code(read: Callable[[], object]) -> str | None:
    """What is wrong; None when nothing is."""
    try:
        read()
    except (BadCell, BadTable) as error:
        return error.code
    return None


@given(amount=st.decimals(min_value=0, max_value=10**11, places=2))
def test_amounts_are_read_exactly(amount: Decimal) -> None:
    assert value_of(Column(zh="", en="", kind="amount"), f"{amount:f}", TODAY) == amount


@given(day=st.dates(max_value=TODAY))
def test_iso_dates_are_read(day: date) -> None:
    assert value_of(Column(zh="", en="", kind="past_date"), day.isoformat(), TODAY) == day


@given(place=st.integers(0, 16), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_of_an_identity_number_is_noticed(place: int, digit: str) -> None:
    wrong = ID_NUMBER[:place] + digit + ID_NUMBER[place + 1 :]
    if wrong == ID_NUMBER:
        check_id_number("resident_id", wrong, date(1990, 1, 1))
        return
    with pytest.raises(BadCell):
        check_id_number("resident_id", wrong, date(1990, 1, 1))


@given(
    data=st.binary(max_size=2000), start=st.sampled_from([b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe"])
)
@settings(max_examples=200)
def test_any_bytes_are_a_table_or_are_refused(data: bytes, start: bytes) -> None:
    file = start + data
    code = _code(
        lambda: [row.cells for row in rows_of(io.BytesIO(file), len(file)) if 0 <= row.percent <= 100]
    )
    assert code is None or code in texts()["en"]


SAFE = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20).map(str.strip)


@given(
    rows=st.lists(st.lists(SAFE.filter(bool), min_size=2, max_size=2), min_size=1, max_size=20),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_what_was_written_is_read(rows: list[list[str]], encoding: str) -> None:
    header = ["姓名", "地址"]
    data = as_csv(header, *rows, encoding=encoding)
    read = [row.cells for row in rows_of(io.BytesIO(data), len(data))]
    assert read == [header, *rows]
