"""Everything the product holds of one person, for the person to have (article 45 of the PIPL)."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit
from backend.core.db import Base
from backend.core.errors import NotFound
from backend.customers.models import Customer
from backend.privacy.owners import owners_of
from backend.privacy.personal import HELD

# Numbers stay masked in exports; keys, hashes and sealed values are of no use to anybody.
HIDDEN = re.compile(r"sealed|_index$|blind_index|hash|token|platform_ref|stored_name")


async def person_data(session: AsyncSession, customer_id: int, actor: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table with something of this person, sealed numbers left out. Audited. Raises `NotFound`."""
    if await session.get(Customer, customer_id) is None:
        raise NotFound("There is no such customer.")
    owners = await owners_of(session, customer_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for held in HELD:
        if not held.shown:
            continue
        table = Base.metadata.tables[held.table]
        rows = await session.execute(select(table).where(table.c[held.column].in_(owners[held.owner])))
        found.setdefault(held.table, []).extend(
            {name: _plain(value) for name, value in row.items() if not HIDDEN.search(name)}
            for row in rows.mappings()
        )
    await audit.record(session, actor, "customer.exported", f"customer:{customer_id}")
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
