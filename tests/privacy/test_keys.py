"""Key rotation: new values use the new key, old ones are sealed anew, look-ups go on working."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import DecryptionFailed, Vault
from backend.core.db import Base, Database
from backend.customers.models import ID_NUMBER, Customer
from backend.privacy.keys import rotate, sealed_columns
from tests.conftest import KEYS
from tests.factories import make_customer

NEW = "k2:" + base64.b64encode(bytes(range(32, 64))).decode()
NUMBER = "999999199001011235"


async def test_after_rotation_the_old_key_is_needed_for_look_ups_only(
    database: Database, session: AsyncSession, vault: Vault
) -> None:
    customer = await make_customer(session, vault, id_number=NUMBER)
    await session.commit()
    both = Vault(f"{NEW},{KEYS}")
    await rotate(database, both, both, False, lambda *_: None)
    await session.refresh(customer)
    assert customer.id_number(Vault(NEW)) == NUMBER
    assert customer.id_number_index == both.blind_index(NUMBER, ID_NUMBER)


async def test_a_retired_key_is_needed_for_nothing(
    database: Database, session: AsyncSession, vault: Vault
) -> None:
    await make_customer(session, vault, id_number=NUMBER)
    await session.commit()
    told: dict[str, int] = {}
    for _ in range(2):  # again is harmless
        await rotate(database, Vault(f"{NEW},{KEYS}"), Vault(NEW), True, told.__setitem__)
    new = Vault(NEW)
    wanted = select(Customer).where(Customer.id_number_index == new.blind_index(NUMBER, ID_NUMBER))
    found = (await session.scalars(wanted.execution_options(populate_existing=True))).one()
    assert found.id_number(new) == NUMBER
    with pytest.raises(DecryptionFailed):
        found.id_number(vault)
    assert told["customers.id_number_sealed"] == 1


def test_every_column_whose_name_says_sealed_tells_its_purpose() -> None:
    told = {(one.table.name, one.column.name) for one in sealed_columns()}
    named = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name == "sealed" or column.name.endswith("_sealed") or column.name.startswith("sealed_")
    }
    assert named - told == {
        ("audit_entries", "sealed_position"),
        ("audit_entries", "sealed_hash"),
        ("audit_seals", "sealed_at"),
    }
