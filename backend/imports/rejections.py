"""Rows that were not taken: kept sealed and masked, told in a CSV that a spreadsheet can open without harm."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import yaml
from psycopg import Connection

from backend.conversations.door import mask_numbers
from backend.core.crypto import Vault
from backend.customers.models import tidy_id_number
from backend.customers.service import masked
from backend.imports.columns import UTF8_MARK, Header
from backend.imports.models import REJECTED_ROW, ImportRejection
from backend.imports.tables import TableRow

TEXTS = Path(__file__).with_name("texts.yml")
ID_COLUMNS = ("id_number", "holder_id_number")
# A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHOWN = 200


@cache
def texts() -> dict[str, dict[str, str]]:
    """The wording of codes by language."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return loaded


def store(
    connection: Connection,
    vault: Vault,
    run_id: int,
    header: Header,
    rows: Sequence[TableRow],
    bad: dict[int, list[dict[str, str]]],
) -> None:
    """Keep the bad ones of these rows; the same row again changes nothing."""
    kept = [
        (run_id, row.number, json.dumps(bad[row.number]), vault.seal(_row(header, row), REJECTED_ROW))
        for row in rows
        if row.number in bad
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO import_rejections (run_id, line, reasons, row_sealed) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (run_id, line) DO NOTHING",
            kept,
        )


def _row(header: Header, row: TableRow) -> str:
    cells = row.cells + [""] * (len(header.keys) - len(row.cells))
    shown = [_masked(key, cell[:SHOWN]) for key, cell in zip(header.keys, cells, strict=False)]
    kept = {"keys": header.keys, "names": header.names, "cells": shown}
    return json.dumps(kept, ensure_ascii=False)


def _masked(key: str, cell: str) -> str:
    """An identity column is masked whatever stands in it; elsewhere what looks like such a number."""
    if key in ID_COLUMNS and cell:
        number = tidy_id_number(cell)
        return masked(number) if len(number) > 4 else "*" * len(number)
    return mask_numbers(cell)


def report(vault: Vault, rows: Iterator[ImportRejection], language: str) -> Iterator[str]:
    """The CSV line by line: the row's number, what is wrong, and its cells."""
    wording = texts()["en" if language == "en" else "zh"]
    is_first = True
    for rejected in rows:
        kept = json.loads(vault.open(rejected.row_sealed, REJECTED_ROW))
        if is_first:
            yield UTF8_MARK + _line([wording["row"], wording["reasons"], *kept["names"]])
            is_first = False
        titles = dict(zip(kept["keys"], kept["names"], strict=False))
        reasons = "; ".join(_reason(one, wording, titles) for one in rejected.reasons)
        yield _line([str(rejected.line), reasons, *kept["cells"]])
    if is_first:
        yield UTF8_MARK + _line([wording["row"], wording["reasons"]])


def _reason(reason: dict[str, str], wording: dict[str, str], titles: dict[str, str]) -> str:
    """The column is named as the file names it."""
    column = titles.get(reason["column"], reason["column"])
    said = wording.get(reason["code"], reason["code"])
    return f"{column}: {said}" if column else said


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(["'" + cell if cell.startswith(FORMULA) else cell for cell in cells])
    return written.getvalue()
