"""Rows of a CSV or Excel file, one after the other: a file of any length is read in constant memory."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

SAMPLE = 64 * 1024
DELIMITERS = (",", "\t", ";")
# Excel's own limit is 16,384 columns; ours have a dozen.
MOST_COLUMNS = 100
ZIP = b"PK\x03\x04"
# Of an Excel file unpacked: a small file that unfolds to more is an attack on us, not a table.
LARGEST_UNPACKED = 2 * 1024**3


class BadTable(Exception):
    """The file is not a table we can read; `code` says why, `about` what it is about."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(f"{code}: {about}" if about else code)
        self.code, self.about = code, about


@dataclass(frozen=True)
class TableRow:
    """One row with its number as a spreadsheet shows it (the header is 1), and how much was read so far."""

    number: int
    cells: list[str]
    percent: int


def rows_of(file: IO[bytes], size: int) -> Iterator[TableRow]:
    """All rows that are not empty, the header first; told by content whether CSV or Excel. Raises `BadTable`."""
    if size == 0:
        raise BadTable("empty")
    is_excel = file.read(len(ZIP)) == ZIP
    file.seek(0)
    rows = _excel(file) if is_excel else _csv(file, size)
    for number, (cells, percent) in enumerate(rows, 1):
        if any(cells):
            yield TableRow(number, cells, percent)


def _csv(file: IO[bytes], size: int) -> Iterator[tuple[list[str], int]]:
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        reader = csv.reader(_lines(text), delimiter=_delimiter(file, encoding), strict=False)
        for cells in reader:
            if len(cells) > MOST_COLUMNS:
                raise BadTable("too_many_columns")
            yield [cell.strip() for cell in cells], min(99, file.tell() * 100 // size)
    except UnicodeDecodeError as error:
        raise BadTable("encoding") from error
    except csv.Error as error:
        raise BadTable("csv") from error
    finally:
        text.detach()


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines of bounded length: a binary file without line ends does not fill the memory."""
    while line := text.readline(1024 * 1024):
        yield line


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else GB18030 (what Excel in China saves)."""
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(SAMPLE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def _delimiter(file: IO[bytes], encoding: str) -> str:
    """The one that the header line has most of."""
    place = file.tell()
    file.seek(0)
    header = file.read(SAMPLE).decode(encoding, errors="replace").split("\n", 1)[0]
    file.seek(place)
    return max(DELIMITERS, key=header.count)


def _excel(file: IO[bytes]) -> Iterator[tuple[list[str], int]]:
    """The first sheet. The file's table of shared texts is held in memory, its rows are not."""
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
                raise BadTable("too_large")
        file.seek(0)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise BadTable("excel") from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise BadTable("empty")
        rows = sheet.max_row or 0
        for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = [_text(value) for value in values[:MOST_COLUMNS]]
            yield cells, min(99, number * 100 // rows) if rows else 0
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        raise BadTable("excel") from error
    finally:
        book.close()


def _text(value: Any) -> str:
    """A cell as somebody would have typed it: dates in ISO, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()
