"""Refusals that a platform tells of: the person stopped our messages there, wherever they said so."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Contact
from backend.core import clock
from backend.notices import consents

# Made once: every SMS asks it.
RECIPIENT = select(Contact).where(
    Contact.channel == bindparam("channel"),
    Contact.account == bindparam("account"),
    Contact.external_id == bindparam("recipient"),
)


async def record_refusal(
    session: AsyncSession, channel: str, account: str, recipient: str, source: str
) -> None:
    """Opt the contact out and keep why; one that we only ever wrote to is made, so that it is remembered."""
    key = {"channel": channel, "account": account, "external_id": recipient}
    await session.execute(insert(Contact).values(**key, created_at=clock.now()).on_conflict_do_nothing())
    contact = (await session.scalars(select(Contact).filter_by(**key))).one()
    if channel == "wechat":
        contact.unfollowed_at = contact.unfollowed_at or clock.now()
    else:
        contact.opted_out_at = contact.opted_out_at or clock.now()
    await consents.record_contact(session, contact.id, given=False, source=source)


async def has_refused(session: AsyncSession, channel: str, account: str, recipient: str) -> bool:
    """Whether this recipient stopped our messages on this channel account."""
    wanted = {"channel": channel, "account": account, "recipient": recipient}
    contact = await session.scalar(RECIPIENT, wanted)
    return contact is not None and contact.has_refused
