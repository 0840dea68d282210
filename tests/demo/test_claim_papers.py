"""The demo's drafts and pictures: seen in the console, none of a person to play."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import ClaimDraft, ClaimFile
from backend.core import files
from backend.core.crypto import Vault
from backend.customers.models import Customer
from backend.demo.load import load
from backend.demo.people import people

TODAY, ZONE = date(2026, 11, 22), ZoneInfo("Asia/Shanghai")


async def test_there_are_drafts_and_pictures(session: AsyncSession, vault: Vault, tmp_path: Path) -> None:
    assert await load(session, vault, TODAY, ZONE, data_dir=tmp_path)
    drafts = list(await session.scalars(select(ClaimDraft)))
    assert {draft.started_on for draft in drafts} == {"wechat", "web", "sms"}
    played = [person.name for person in people(TODAY)]
    names = select(Customer.name).where(Customer.id.in_([draft.customer_id for draft in drafts]))
    assert not set(await session.scalars(names)) & set(played)
    pictures = list(await session.scalars(select(ClaimFile)))
    assert len(pictures) > 20
    assert all(files.path_of(tmp_path, picture.name).is_file() for picture in pictures)
