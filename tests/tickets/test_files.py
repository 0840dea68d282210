"""Files of agents: stored, queued and recorded at once; refused in words; sent once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.sweeping import sweep
from backend.conversations.models import OutboundFile, OutboundMessage
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.files import LARGEST
from backend.core.settings import Settings
from backend.tickets.models import Ticket
from tests.channels.web.uploading import PDF, a_picture
from tests.hiring import AtDesk, Hire
from tests.tickets.matters import hand_over


@pytest.fixture
async def ticket(session: AsyncSession, vault: Vault) -> Ticket:
    return await hand_over(session, vault)


@pytest.fixture
async def li_na(hire: Hire, ticket: Ticket) -> AtDesk:
    """An agent who has the ticket."""
    agent = await hire()
    await agent.post(f"/tickets/{ticket.number}/accept")
    return agent


async def send(agent: AtDesk, ticket: Ticket, data: bytes, name: str = "发票.jpg", key: str = "k1") -> Any:
    return await agent.browser.post(
        f"/api/v1/tickets/{ticket.number}/files",
        files={"file": (name, data)},
        headers={"Idempotency-Key": key, "Origin": "http://testserver"},
    )


def kept(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "files").rglob("*") if path.is_file()]


async def test_a_file_is_queued_and_stands_in_the_conversation(
    li_na: AtDesk, ticket: Ticket, session: AsyncSession, settings: Settings, database: Database
) -> None:
    answer = await send(li_na, ticket, a_picture())
    assert answer.status_code == 201, answer.text
    queued = answer.json()
    assert (queued["state"], queued["file_name"], queued["content_type"]) == (
        "queued",
        "发票.jpg",
        "image/jpeg",
    )
    entry = (await li_na.get(f"/tickets/{ticket.number}/transcript"))["items"][-1]
    assert (entry["outbound_id"], entry["delivery"], entry["agent"]["name"]) == (
        queued["outbound_id"], "queued", "李娜",
    )  # fmt: skip
    (media,) = entry["details"]["media"]
    assert (media["kind"], media["file_name"], media["state"]) == ("image", "发票.jpg", "stored")
    shown = await li_na.browser.get(f"/api/v1/files/{media['name']}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert (await li_na.get(f"/tickets/{ticket.number}"))["first_responded_at"]
    assert await sweep(database, settings.data_dir, age=timedelta(0)) == 0, "it belongs to a message"
    file = (await session.scalars(select(OutboundFile))).one()
    assert [path.name for path in kept(settings)] == [file.stored_name]


async def test_a_retry_sends_once_and_another_file_under_its_key_is_a_conflict(
    li_na: AtDesk, ticket: Ticket, session: AsyncSession, settings: Settings
) -> None:
    first = await send(li_na, ticket, a_picture())
    again = await send(li_na, ticket, a_picture())
    assert again.json() == first.json()
    assert await session.scalar(select(func.count()).select_from(OutboundFile)) == 1
    assert len(kept(settings)) == 1
    other = await send(li_na, ticket, PDF, "另一份.pdf")
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert (await send(li_na, ticket, PDF, "另一份.pdf", "k2")).status_code == 201


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (b"MZ\x90\x00 a program", "photo.jpg", 415, "unsupported_file"),
        (PDF[:-6], "half.pdf", 415, "unsupported_file"),
        (PDF + b"x" * LARGEST, "big.pdf", 413, "too_large"),
    ],
)
async def test_what_cannot_be_sent_is_refused(
    li_na: AtDesk, ticket: Ticket, session: AsyncSession, settings: Settings, data: bytes, name: str,
    status: int, code: str,
) -> None:  # fmt: skip
    answer = await send(li_na, ticket, data, name)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert kept(settings) == []
    assert await session.scalar(select(func.count()).select_from(OutboundMessage)) == 0


async def test_another_agents_ticket_takes_no_file_and_an_auditor_sends_none(
    hire: Hire, li_na: AtDesk, ticket: Ticket, settings: Settings
) -> None:
    other, auditor = await hire(name="张伟"), await hire(role="auditor")
    refused = await send(other, ticket, PDF)
    assert (refused.status_code, refused.json()["code"]) == (409, "ticket_not_open")
    assert (await send(auditor, ticket, PDF)).status_code == 403
    await li_na.post(f"/tickets/{ticket.number}/resolve", {"outcome": "answered"})
    assert (await send(li_na, ticket, PDF)).json()["code"] == "ticket_not_open"
    assert kept(settings) == []


async def test_a_number_in_a_files_name_is_crossed_out(li_na: AtDesk, ticket: Ticket) -> None:
    answer = await send(li_na, ticket, PDF, "11010519491231002X.pdf")
    assert "1101051949" not in answer.json()["file_name"]


async def test_a_stranger_gets_no_file(client: httpx.AsyncClient, li_na: AtDesk, ticket: Ticket) -> None:
    await send(li_na, ticket, a_picture())
    (media,) = (await li_na.get(f"/tickets/{ticket.number}/transcript"))["items"][-1]["details"]["media"]
    assert (await client.get(f"/api/v1/files/{media['name']}")).status_code == 401
