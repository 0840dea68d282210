"""Key rotation: every sealed value is sealed again with the first key of ANDA_ENCRYPTION_KEYS.

A column says of itself that it is sealed, and for what: `mapped_column(info={"sealed": purpose})`. A blind index names
the column that it indexes: `info={"indexes": "id_number_sealed", "index_purpose": purpose}`, where `{column}` in the
purpose is filled from the row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.core.db import Base, Database

AT_ONCE = 500


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values, and the blind indexes made from it."""

    table: Table
    column: Column[Any]
    purpose: str
    indexes: list[Column[Any]]

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"


def sealed_columns() -> list[SealedColumn]:
    """Every sealed column of the product's tables."""
    return [
        SealedColumn(
            table,
            column,
            column.info["sealed"],
            [one for one in table.columns if one.info.get("indexes") == column.name],
        )
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if "sealed" in column.info
    ]


async def rotate(
    database: Database, known: Vault, new: Vault, retire: bool, tell: Callable[[str, int], None]
) -> None:
    """Seal what `known` opens with the current key of `new`; when a key is retired, make the indexes anew too.

    Killed in the middle it is begun again without harm. `tell` hears each column's name and how many values of it
    are done.
    """
    for sealed in sealed_columns():
        done, last = 0, None
        while True:
            async with database.session.begin() as session:
                last, count = await _some(session, sealed, known, new, retire, last)
            done += count
            tell(sealed.name, done)
            if last is None:
                break


async def _some(
    session: AsyncSession, sealed: SealedColumn, known: Vault, new: Vault, retire: bool, after: Any
) -> tuple[Any, int]:
    (key,) = sealed.table.primary_key.columns
    query = select(sealed.table).where(sealed.column.is_not(None)).order_by(key).limit(AT_ONCE)
    rows = (await session.execute(query if after is None else query.where(key > after))).mappings().all()
    count = 0
    for row in rows:
        old = row[sealed.column.name]
        values = _changed(sealed, known, new, retire, dict(row))
        if values:
            await session.execute(
                update(sealed.table).where(key == row[key.name], sealed.column == old).values(values)
            )
            count += 1
    return (rows[-1][key.name] if rows else None), count


def _changed(
    sealed: SealedColumn, known: Vault, new: Vault, retire: bool, row: dict[str, Any]
) -> dict[str, str]:
    old = row[sealed.column.name]
    if new.is_current(old) and not retire:
        return {}
    text = known.open(old, sealed.purpose)
    values = {} if new.is_current(old) else {sealed.column.name: new.seal(text, sealed.purpose)}
    if retire:
        for index in sealed.indexes:
            purpose = index.info["index_purpose"].format(**row)
            values[index.name] = new.blind_index(text, purpose)
    return values
