"""A cell's text as a value of its column, or the code of what is wrong with it (texts.yml words the codes)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from stdnum.cn import ric

from backend.claims.catalogue import catalogue
from backend.claims.words import plain
from backend.core.phones import phone_candidates
from backend.customers.models import IdType, tidy_id_number
from backend.imports.columns import Column

LONGEST, LONGEST_WORDS = 200, 4000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(:00)?)?")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,2}0*)?")
RESIDENT_ID = re.compile(r"\d{17}[\dX]")
OTHER_ID = re.compile(r"[A-Z0-9]{5,20}")


class BadCell(Exception):
    """`code` says what is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def value_of(column: Column, text: str, today: date) -> Any:
    """None for an empty cell of a column that may be empty. Raises `BadCell`."""
    if not text:
        if column.required:
            raise BadCell("required")
        return None
    if CONTROL.search(text):
        raise BadCell("control")
    if len(text) > (LONGEST_WORDS if column.kind == "words" else LONGEST):
        raise BadCell("too_long")
    if column.kind == "choice":
        return _choice(column, text)
    if column.kind == "past_date":
        return _past(text, today)
    return PARSERS[column.kind](text)


def _choice(column: Column, text: str) -> str:
    wanted = unicodedata.normalize("NFKC", text).strip().casefold()
    for value, words in column.choices.items():
        if wanted == value.casefold() or wanted in (word.casefold() for word in words):
            return value
    raise BadCell("choice")


def _date(text: str) -> date:
    match = ISO_DATE.fullmatch(text)
    if match is None:
        raise BadCell("date")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise BadCell("date") from error


def _past(text: str, today: date) -> date:
    day = _date(text)
    if day > today:
        raise BadCell("future")
    return day


def _amount(text: str) -> Decimal:
    if AMOUNT.fullmatch(text) is None:
        raise BadCell("amount")
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise BadCell("amount") from error
    if amount < 0:
        raise BadCell("negative")
    return amount.quantize(Decimal("0.01"))


def _phone(text: str) -> str:
    candidates = phone_candidates(text)
    if not candidates:
        raise BadCell("phone")
    return candidates[0]


def _email(text: str) -> str:
    if EMAIL.fullmatch(text) is None:
        raise BadCell("email")
    return text


def _claim_type(text: str) -> str:
    for code, kind in catalogue().types.items():
        if text in (code, kind.name.zh, kind.name.en):
            return code
    raise BadCell("choice")


def _any_id_number(text: str) -> str:
    number = tidy_id_number(text)
    if OTHER_ID.fullmatch(number) is None:
        raise BadCell("id_number")
    return number


def _text(text: str) -> str:
    """Numbers that the door would hide do not come in through a table either."""
    return plain(text) or ""


PARSERS: dict[str, Callable[[str], Any]] = {
    "key": _text,
    "text": _text,
    "words": _text,
    "date": _date,
    "amount": _amount,
    "phone": _phone,
    "email": _email,
    "claim_type": _claim_type,
    "id_number": _any_id_number,
    "any_id_number": _any_id_number,
}


def check_id_number(id_type: str, number: str, birth_date: date | None) -> None:
    """A resident identity number has a birth date and a check digit (GB 11643). Raises `BadCell`."""
    if id_type != IdType.RESIDENT_ID:
        return
    if RESIDENT_ID.fullmatch(number) is None or ric.calc_check_digit(number) != number[-1]:
        raise BadCell("id_number")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise BadCell("id_number") from error
    if birth_date is not None and birth_date != born:
        raise BadCell("id_birth_date")
