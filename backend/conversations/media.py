"""What customers send beside words: noted with the message, fetched at once, kept, and handed in as documents.

The steps are transactions of their own: the fetching itself, in channels/media.py, is in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import (
    Contact,
    Conversation,
    InboundMedia,
    InboundMessage,
    Interaction,
    MediaState,
)
from backend.core import clock
from backend.core.crypto import Vault
from backend.core.files import StoredFile

REF_PURPOSE = "inbound_media.platform_ref"
# What can be a document at all; a voice or a video is noted, not fetched.
DOCUMENTS = frozenset({"image", "file"})
NOT_A_DOCUMENT = "not_a_document"
# The bot's turn waits so long for a message's files; what comes later is attached when it comes.
TURN_WAITS = timedelta(seconds=8)
# Whoever took a file to fetch has so long before another worker may.
FETCH_TIME = timedelta(seconds=40)
RETRY_AFTER = [2, 5, 15, 60, 300, 900, 3600]
GIVE_UP_AFTER = timedelta(days=3)  # WeChat deletes media then


@dataclass(frozen=True)
class IncomingMedia:
    """A file of an incoming message: fetched already (`stored`), or what the platform calls it (`ref`)."""

    kind: str
    ref: str = ""
    content_type: str = ""
    name: str = ""
    stored: StoredFile | None = None


@dataclass(frozen=True)
class Fetch:
    """A file to fetch now, and where."""

    media_id: int
    channel: str
    ref: str


async def note(
    session: AsyncSession, vault: Vault, inbound: InboundMessage, items: Sequence[IncomingMedia]
) -> list[InboundMedia]:
    """Write down a new message's files; names are clean already. Those stored before are handed in at once."""
    rows = [_row(vault, inbound.id, position, item) for position, item in enumerate(items)]
    session.add_all(rows)
    await session.flush()
    return rows


def _row(vault: Vault, inbound_id: int, position: int, item: IncomingMedia) -> InboundMedia:
    row = InboundMedia(
        inbound_id=inbound_id,
        position=position,
        kind=item.kind,
        platform_ref=vault.seal(item.ref, REF_PURPOSE) if item.ref else None,
        content_type=item.content_type or None,
        file_name=item.name or None,
        state=MediaState.PENDING,
    )
    if item.stored is not None:
        _fill(row, item.stored)
    elif item.kind not in DOCUMENTS:
        row.state, row.reason = MediaState.REJECTED, NOT_A_DOCUMENT
    return row


def _fill(row: InboundMedia, stored: StoredFile) -> None:
    row.state, row.reason, row.fetched_at = MediaState.STORED, None, clock.now()
    row.stored_name, row.content_type = stored.name, stored.content_type
    row.size, row.sha256 = stored.size, stored.sha256
    row.platform_ref = None


async def of_message(session: AsyncSession, inbound_id: int) -> list[InboundMedia]:
    """The files of a message, in order."""
    found = select(InboundMedia).where(InboundMedia.inbound_id == inbound_id).order_by(InboundMedia.position)
    return list(await session.scalars(found.execution_options(populate_existing=True)))


def shown(rows: Sequence[InboundMedia]) -> list[dict[str, Any]]:
    """As the record shows them."""
    return [
        {
            "media_id": row.id,
            "kind": row.kind,
            "name": row.stored_name,
            "file_name": row.file_name,
            "content_type": row.content_type,
            "state": row.state,
            "reason": row.reason,
        }
        for row in rows
    ]


async def hand_in(session: AsyncSession, rows: Sequence[InboundMedia]) -> None:
    """Offer stored files to the claims area, which attaches them or keeps them loose."""
    from backend.claims import documents  # it knows conversations, which know it here alone

    for row in rows:
        if row.state == MediaState.STORED:
            await documents.hand_in(session, row.inbound_id, row.id)


async def waits_for(
    session: AsyncSession, inbound: InboundMessage, files: Sequence[InboundMedia]
) -> timedelta | None:
    """How long the bot's turn still waits for this message's files; None when it need not."""
    if not any(file.state == MediaState.PENDING for file in files):
        return None
    now = (await session.scalars(select(func.now()))).one()
    left = inbound.created_at + TURN_WAITS - now
    return left if left > timedelta() else None


async def take(session: AsyncSession, vault: Vault, limit: int) -> list[Fetch]:
    """Files that are to be fetched now; nobody else fetches them for a while."""
    due = (
        select(InboundMedia)
        .where(InboundMedia.state == MediaState.PENDING, InboundMedia.due_at <= func.now())
        .order_by(InboundMedia.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    fetches = []
    for row in await session.scalars(due):
        row.attempts += 1
        row.due_at = cast(Any, func.now() + FETCH_TIME)
        channel = await session.scalar(
            select(Contact.channel)
            .join(InboundMessage, InboundMessage.contact_id == Contact.id)
            .where(InboundMessage.id == row.inbound_id)
        )
        ref = vault.open(row.platform_ref, REF_PURPOSE) if row.platform_ref else ""
        fetches.append(Fetch(row.id, channel or "", ref))
    return fetches


async def store(session: AsyncSession, media_id: int, stored: StoredFile) -> bool:
    """The file is here: hand it in. False when somebody else's fetch came first; the caller removes its copy."""
    row, inbound = await _locked(session, media_id)
    if row.state != MediaState.PENDING:
        return False
    _fill(row, stored)
    await session.flush()
    await hand_in(session, [row])
    await _settled(session, inbound)
    return True


async def refuse(session: AsyncSession, media_id: int, state: MediaState, reason: str) -> None:
    """It cannot be a document (`rejected`), or the platform has it no more (`lost`)."""
    row, inbound = await _locked(session, media_id)
    if row.state == MediaState.PENDING:
        row.state, row.reason, row.platform_ref = state, reason, None
        await session.flush()
        await _settled(session, inbound)


async def retry(session: AsyncSession, media_id: int, reason: str) -> None:
    """It could not be fetched now: later, until the platform has it no more."""
    row, _ = await _locked(session, media_id)
    if row.state != MediaState.PENDING:
        return
    if clock.machine_now() - row.created_at > GIVE_UP_AFTER:
        await refuse(session, media_id, MediaState.LOST, reason)
        return
    row.reason = reason
    wait = RETRY_AFTER[min(row.attempts, len(RETRY_AFTER)) - 1]
    row.due_at = cast(Any, func.now() + timedelta(seconds=wait))


async def _locked(session: AsyncSession, media_id: int) -> tuple[InboundMedia, InboundMessage]:
    """The file and its message; the conversation is locked first, as everywhere."""
    conversation = (
        select(Conversation)
        .join(InboundMessage, InboundMessage.conversation_id == Conversation.id)
        .join(InboundMedia, InboundMedia.inbound_id == InboundMessage.id)
        .where(InboundMedia.id == media_id)
    )
    await session.scalars(conversation.with_for_update(of=Conversation))
    row = await session.get_one(InboundMedia, media_id, with_for_update=True)
    return row, await session.get_one(InboundMessage, row.inbound_id)


async def _settled(session: AsyncSession, inbound: InboundMessage) -> None:
    """Show it in the record, and wake the bot's turn that may wait for it."""
    entry = await session.scalar(
        select(Interaction).where(Interaction.inbound_id == inbound.id, Interaction.position == 0)
    )
    if entry is not None:
        entry.details = entry.details | {"media": shown(await of_message(session, inbound.id))}
    conversation = await session.get_one(Conversation, inbound.conversation_id)
    if conversation.inbox_due_at is not None:
        conversation.inbox_due_at = cast(Any, func.now())


async def conversation_of(session: AsyncSession, media_id: int) -> int | None:
    """The conversation that a file came in."""
    return await session.scalar(
        select(InboundMessage.conversation_id)
        .join(InboundMedia, InboundMedia.inbound_id == InboundMessage.id)
        .where(InboundMedia.id == media_id)
    )
