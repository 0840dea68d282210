"""What the columns of a table mean: known by their Chinese or English name, or by their key."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel

from backend.imports.models import ImportKind
from backend.imports.tables import BadTable

FILE = Path(__file__).with_suffix(".yml")
NOISE = re.compile(r"[\s_\-*＊/()（）]+")
UTF8_MARK = "\ufeff"  # so that Excel reads the template as UTF-8


class Column(BaseModel):
    """One column: names, what a cell of it is (cells.py), for choices the words of each value."""

    zh: str
    en: str
    kind: str
    required: bool = False
    example: str = ""
    choices: dict[str, list[str]] = {}


@cache
def columns_of(kind: ImportKind) -> dict[str, Column]:
    """The columns of this kind of table by key, in the order of the template."""
    loaded = yaml.safe_load(FILE.read_text(encoding="utf-8"))[kind]
    return {key: Column.model_validate(value) for key, value in loaded.items()}


def _bare(name: str) -> str:
    return NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold()


@dataclass(frozen=True)
class Header:
    """Which column stands where, and what it was called in the file."""

    keys: list[str]
    names: list[str] = field(default_factory=list)


def read_header(kind: ImportKind, cells: list[str]) -> Header:
    """Raises `BadTable` for a column that we do not know, one that is there twice, and a required one that is not."""
    known = {
        _bare(name): key for key, column in columns_of(kind).items() for name in (key, column.zh, column.en)
    }
    while cells and not cells[-1]:
        cells = cells[:-1]
    keys = []
    for name in cells:
        key = known.get(_bare(name))
        if key is None:
            raise BadTable("unknown_column", name[:50])
        if key in keys:
            raise BadTable("column_twice", name[:50])
        keys.append(key)
    for key, column in columns_of(kind).items():
        if column.required and key not in keys:
            raise BadTable("missing_column", f"{column.zh} / {column.en}")
    return Header(keys, cells)


def template(kind: ImportKind, language: str) -> str:
    """A CSV with the header and one invented row; Excel opens it as it is."""
    columns = columns_of(kind).values()
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([column.en if language == "en" else column.zh for column in columns])
    writer.writerow([column.example for column in columns])
    return UTF8_MARK + written.getvalue()
