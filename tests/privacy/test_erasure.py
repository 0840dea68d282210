"""Erasure, the person's copy, retention: all by one list, which no column escapes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import time_machine
from sqlalchemy import JSON, Date, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import ClaimDraft, ClaimFile
from backend.claims.sweeping import sweep
from backend.conversations.bindings import bind
from backend.conversations.models import (
    Contact,
    Conversation,
    HiddenNumber,
    InboundMedia,
    InboundMessage,
    Interaction,
)
from backend.core import clock, files
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.errors import NotFound
from backend.customers.models import Customer
from backend.models import metadata
from backend.privacy import retention
from backend.privacy.personal import HELD, IMPERSONAL
from tests.claims.reporting import picture
from tests.factories import ID_NUMBER, customer_says, make_customer
from tests.hiring import Hire
from tests.insurance import make_claim, make_policy
from tests.tickets.matters import fresh, hand_over

SECRET_WORDS = "我昨天在人民广场摔伤了"


def columns_with_content() -> Iterator[tuple[str, str]]:
    keys = {"id"}
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, (String, JSON, Date)) and column.name not in keys:
                yield table.name, column.name


def test_every_column_is_personal_or_says_that_it_is_not() -> None:
    removed = {held.table for held in HELD if held.empties is None}
    emptied = {(held.table, name) for held in HELD for name in held.empties or ()}
    impersonal = {(table, name) for table, names in IMPERSONAL.items() for name in names}
    found = {one for one in columns_with_content() if one[0] not in removed}
    assert found - emptied - impersonal == set(), "name these in backend/privacy/personal.py"
    assert (emptied | impersonal) - set(columns_with_content()) == set(), "these are not there any more"


@pytest.fixture
async def person(session: AsyncSession, vault: Vault) -> Customer:
    """A customer with an ended policy who said something, with an identity number in it, on a verified contact."""
    customer = await make_customer(session, vault, email="fang@example.com")
    await customer_says(session, vault, f"{SECRET_WORDS}，证件 {ID_NUMBER}")
    contact = (await session.scalars(select(Contact))).one()
    await bind(session, contact, customer.id)
    await session.commit()
    return customer


async def found_in(session: AsyncSession, words: str) -> list[str]:
    """The tables in which these words stand."""
    tables = []
    async with fresh(session) as own:
        for table in metadata.sorted_tables:
            query = text(f"SELECT count(*) FROM {table.name} AS t WHERE t::text LIKE :words")
            if await own.scalar(query, {"words": f"%{words}%"}):
                tables.append(table.name)
    return tables


async def test_nothing_is_left_of_an_erased_person_but_the_counts(
    person: Customer,
    hire: Hire,
    session: AsyncSession,
) -> None:
    admin = await hire(role="admin")
    assert await found_in(session, SECRET_WORDS) != []
    interactions = len((await session.scalars(select(Interaction.id))).all())
    done = await admin.post(f"/customers/{person.id}/erasure", {"scope": "whole"})
    assert done["rows"]["interactions"] >= 1
    for words in (SECRET_WORDS, "王芳", "fang@example.com", "14000000001", "+12125550142"):
        assert await found_in(session, words) == [], words
    assert (await session.scalars(select(HiddenNumber))).all() == []
    assert len((await session.scalars(select(Interaction.id))).all()) == interactions
    assert (await session.scalars(select(Customer.erased_at))).one() is not None
    await admin.post(f"/customers/{person.id}/erasure", {"scope": "whole"})  # again changes nothing


async def test_a_person_whose_policy_is_in_force_stays_and_only_words_can_go(
    person: Customer,
    hire: Hire,
    session: AsyncSession,
) -> None:
    await make_policy(session, person)
    await session.commit()
    admin = await hire(role="admin")
    refused = await admin.browser.post(f"/api/v1/customers/{person.id}/erasure", json={"scope": "whole"})
    assert (refused.status_code, refused.json()["code"]) == (409, "still_needed")
    assert "policy_in_force" in refused.json()["reasons"]
    await admin.post(f"/customers/{person.id}/erasure", {"scope": "record"})
    assert await found_in(session, SECRET_WORDS) == []
    assert "customers" in await found_in(session, "王芳")


async def test_an_open_ticket_keeps_the_person(
    person: Customer,
    hire: Hire,
    session: AsyncSession,
    vault: Vault,
) -> None:
    await hand_over(session, vault)
    admin = await hire(role="admin")
    refused = await admin.browser.post(f"/api/v1/customers/{person.id}/erasure", json={"scope": "whole"})
    assert refused.json()["reasons"] == ["open_ticket"]


async def test_a_person_gets_everything_without_numbers_that_are_sealed(
    person: Customer,
    hire: Hire,
    session: AsyncSession,
) -> None:
    admin = await hire(role="admin")
    copy = await admin.get(f"/customers/{person.id}/data")
    assert copy["data"]["customers"][0]["name"] == "王芳"
    assert SECRET_WORDS in copy["data"]["interactions"][0]["text"]
    assert ID_NUMBER not in str(copy)
    assert "id_number_sealed" not in str(copy)


async def test_others_may_neither_erase_nor_copy(
    person: Customer,
    hire: Hire,
    service: httpx.AsyncClient,
) -> None:
    for role in ("agent", "supervisor", "auditor"):
        other = await hire(role=role)
        assert (await other.browser.get(f"/api/v1/customers/{person.id}/data")).status_code == 403
        erase = await other.browser.post(f"/api/v1/customers/{person.id}/erasure", json={"scope": "record"})
        assert erase.status_code == 403
    assert (await service.get(f"/api/v1/customers/{person.id}/data")).status_code == 403


async def test_what_is_older_than_its_period_goes(person: Customer, session: AsyncSession) -> None:
    assert await retention.apply(session) == {}
    with time_machine.travel(clock.machine_now() + timedelta(days=1826), tick=True):
        counts = await retention.apply(session)
        assert counts["interactions"] >= 1
        assert counts["hidden_numbers"] == 1
        assert await retention.apply(session) == {}
        await session.commit()
    assert await found_in(session, SECRET_WORDS) == []
    assert (await session.scalars(select(Conversation.id))).all() != []


async def test_an_old_messages_file_goes_unless_a_claim_has_it(
    person: Customer, database: Database, session: AsyncSession, tmp_path: Path
) -> None:
    message = await session.scalar(select(InboundMessage.id))
    claim = await make_claim(session, await make_policy(session, person))
    names = []
    for position, colour in enumerate(("red", "blue")):
        stored = files.keep(tmp_path, picture(colour))
        session.add(
            InboundMedia(
                inbound_id=message,
                position=position,
                kind="image",
                state="stored",
                stored_name=stored.name,
                file_name="病历.png",
            )
        )
        names.append(stored.name)
    loose, document = names
    session.add(claim_file(document, claim_id=claim.id))
    await session.commit()
    with time_machine.travel(clock.machine_now() + timedelta(days=1826), tick=True):
        assert (await retention.apply(session))["inbound_media"] == 2
        await session.commit()
        assert await retention.apply(session) == {}
    assert await found_in(session, "病历") == []
    assert await sweep(database, tmp_path, age=timedelta(0)) == 1
    assert files.path_of(tmp_path, document).exists()
    with pytest.raises(NotFound):
        files.path_of(tmp_path, loose)


async def test_a_report_that_was_never_submitted_goes(person: Customer, session: AsyncSession) -> None:
    for state in ("expired", "confirmed"):
        draft = ClaimDraft(
            customer_id=person.id,
            state=state,
            description="在人民广场追尾",
            started_on="web",
            created_at=clock.now(),
            updated_at=clock.now(),
            expires_at=clock.now(),
        )
        session.add(draft)
        await session.flush()
        session.add(claim_file(f"{state}.png", draft_id=draft.id))
    await session.commit()
    with time_machine.travel(clock.machine_now() + timedelta(days=91), tick=True):
        assert (await retention.apply(session))["claim_drafts"] == 1
        await session.commit()
    assert (await session.scalars(select(ClaimDraft.state))).all() == ["confirmed"]
    assert (await session.scalars(select(ClaimFile.name))).all() == ["confirmed.png"]


def claim_file(name: str, **belongs: int) -> ClaimFile:
    return ClaimFile(
        name=name,
        shown_name="photo",
        content_type="image/png",
        size=1,
        sha256=name,
        received_at=clock.now(),
        received_from="contact:1",
        **belongs,
    )
