"""importing 100,000 customers, beside a bare COPY of the same rows, and its memory beside that of 10,000

Ours is the command line: it checks every cell, seals identity numbers, finds who is known, writes and reports. The bare
COPY puts the file's texts into a table without looking at them.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import psycopg
from stdnum.cn import ric

from tests.bench.frame import ROOT, Product, Row

FEW, MANY = 10_000, 100_000
HEADER = ["external_id", "name", "phone", "email", "address", "id_number"]
MOST_GROWTH = 1.25  # of the peak memory, for ten times the rows


@dataclass(frozen=True)
class Ran:
    """One run of the command line."""

    seconds: float
    megabytes: float
    said: str


def run(product: Product) -> list[Row]:
    """CSV with few rows and many, the same again, Excel."""
    few, many = product.folder / "few.csv", product.folder / "many.csv"
    _write_csv(few, FEW)
    _write_csv(many, MANY)
    excel = product.folder / "many.xlsx"
    _write_excel(excel, MANY)
    with product.database() as dsn:
        small = _import(product, dsn, few)
        bare = _bare_copy(dsn, many)
        large = _import(product, dsn, many)
        again = _import(product, dsn, many)
        sheet = _import(product, dsn, excel)
    for ran in (large, again, sheet):
        assert "done" in ran.said, ran.said
    assert f"{MANY - FEW:,} added" in large.said, large.said
    assert f"{MANY:,} unchanged" in again.said, again.said
    return _rows(small, large, again, sheet, bare)


def _rows(small: Ran, large: Ran, again: Ran, sheet: Ran, bare: float) -> list[Row]:
    def speed(seconds: float) -> str:
        return f"{MANY / seconds:,.0f} rows/s"

    growth = large.megabytes / small.megabytes
    return [
        Row(
            "peak memory, 100,000 rows beside 10,000 (CSV)",
            f"{large.megabytes:.0f} MB",
            f"{small.megabytes:.0f} MB",
            growth,
            f"at most {MOST_GROWTH}",
            growth <= MOST_GROWTH,
        ),
        Row("first import, beside a bare COPY", speed(large.seconds), speed(bare), bare / large.seconds),
        Row("the same file again", speed(again.seconds), speed(bare), bare / again.seconds),
        Row("the same rows from Excel", speed(sheet.seconds), f"{sheet.megabytes:.0f} MB peak"),
    ]


def _people(count: int) -> Iterator[list[str]]:
    """Invented; identity numbers are valid by check digit, in an area that does not exist."""
    for number in range(count):
        born = f"{1950 + number % 50}{1 + number // 50 % 12:02d}{1 + number // 600 % 28:02d}"
        area, order = 999_000 + number // 16_800, number % 1000
        body = f"{area}{born}{order:03d}"
        document = body + ric.calc_check_digit(body + "0")
        phone = f"+86142{number:08d}"
        yield [
            f"B{number:07d}",
            f"测试客户{number}",
            phone,
            f"c{number}@example.com",
            f"演示路 {number} 号",
            document,
        ]


def _write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(_people(count))


def _write_excel(path: Path, count: int) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for person in _people(count):
        sheet.append(person)
    book.save(path)


def _import(product: Product, dsn: str, path: Path) -> Ran:
    """`python -m backend.imports customers`, with the peak memory that the system counted for that process."""
    log = product.folder / "import.log"
    with log.open("w", encoding="utf-8") as said:
        started = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, "-m", "backend.imports", "customers", str(path), "--keep-good"],
            cwd=ROOT,
            env=product.environment(dsn),
            stdout=said,
            stderr=said,
        )
        _, _, usage = os.wait4(child.pid, 0)
    return Ran(time.monotonic() - started, usage.ru_maxrss / 1024, log.read_text(encoding="utf-8"))


def _bare_copy(dsn: str, path: Path) -> float:
    """Seconds to COPY the file's rows into a table of texts with a primary key."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE bare_customers (external_id text PRIMARY KEY, name text, phone text, email text, "
            "address text, id_number text)"
        )
        started = time.monotonic()
        into = "COPY bare_customers FROM STDIN CSV HEADER"
        with path.open("rb") as file, connection.cursor() as cursor, cursor.copy(into) as copy:
            while piece := file.read(64 * 1024):
                copy.write(piece)
        return time.monotonic() - started
