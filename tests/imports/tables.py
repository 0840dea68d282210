"""Tables to import, and what becomes of them."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.core.settings import Settings
from backend.imports import service
from backend.imports.models import ImportKind, ImportMode, ImportRun
from backend.imports.run import Importer, Order

# Valid by date and check digit; the administrative area 999999 does not exist.
ID_NUMBER, OTHER_ID_NUMBER = "999999199001011238", "99999919920202123X"
CUSTOMERS = ["客户编号", "姓名", "手机号", "证件号码", "出生日期"]
WANG = ["300001", "王小明", "+12125550142", ID_NUMBER, "1990-01-01"]
LI = ["300002", "李雷", "+12125550143", "", ""]


def as_csv(*rows: list[str], encoding: str = "utf-8") -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode(encoding)


def as_excel(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


async def run_import(
    settings: Settings,
    session: AsyncSession,
    data: bytes,
    kind: ImportKind = ImportKind.CUSTOMERS,
    mode: ImportMode = ImportMode.KEEP_GOOD,
) -> ImportRun:
    """Import `data` as the command line does, and read the run's end."""
    run = await service.begin(session, kind, mode, "core", "table.csv", None, "command line")
    await session.commit()
    await go_on(settings, run, data)
    await session.refresh(run)
    return run


async def go_on(settings: Settings, run: ImportRun, data: bytes) -> None:
    vault = Vault(settings.encryption_keys.get_secret_value())
    order = Order(run.id, ImportKind(run.kind), ImportMode(run.mode), run.source, run.rows_read)
    importer = Importer(settings.database_url, vault, settings.timezone, date.today())
    await asyncio.to_thread(importer.run, order, io.BytesIO(data), len(data))


def counts(run: ImportRun) -> tuple[str, int, int, int, int]:
    return run.state, run.added, run.changed, run.unchanged, run.rejected


def everything_in(folder: Path) -> bytes:
    """The bytes of all files below."""
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
