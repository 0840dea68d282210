"""Where messages belong, found in one statement and locked: intake is the hot path (docs/decisions/056)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Executable, String, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.conversations.identity import COLUMNS, OPEN_BINDING, Identity, told_by
from backend.conversations.models import Binding, Contact, Conversation, InboundMessage, InboundState
from backend.conversations.overflow import MOST_WAITING
from backend.core import clock


@dataclass(frozen=True)
class Place:
    """A contact's conversation, row-locked, and who it is.

    `known` is the (id, seq) under which the message is stored already, `waiting` how many messages wait there.
    """

    contact_id: int
    channel: str
    is_opted_out: bool
    conversation_id: int
    mode: str
    language: str
    last_seq: int
    code_until: datetime | None
    known: tuple[int, int] | None
    waiting: int
    identity: Identity

    async def rows(self, session: AsyncSession) -> tuple[Contact, Conversation]:
        """The records themselves, for what is done seldom."""
        contact = await session.get_one(Contact, self.contact_id)
        return contact, await session.get_one(Conversation, self.conversation_id, populate_existing=True)


class Key(NamedTuple):
    """One message as its platform names it, and who sent it."""

    channel: str
    account: str
    sender: str
    external_id: str


async def find(session: AsyncSession, keys: Sequence[Key], waits: bool = True) -> dict[Key, Place]:
    """The places of messages of different senders; the first that is heard of a sender has none.

    Waits for whoever holds a lock; or else (`waits` False) leaves out what somebody else holds or just changed.
    """
    columns = zip(*keys, strict=True)
    wanted = dict(zip(Key._fields, map(list, columns), strict=True)) | {"now": clock.now()}
    rows = (await session.execute(FIND if waits else FIND_FREE, wanted)).all()
    if waits and any(row.version != row.seen_version for row in rows):
        # Somebody changed a conversation while we waited for the lock; what else was read is from before that.
        rows = (await session.execute(FIND, wanted)).all()
    return {keys[row.position - 1]: _place(row) for row in rows if waits or row.version == row.seen_version}


def _place(row: Any) -> Place:
    return Place(
        contact_id=row.contact_id,
        channel=row.channel,
        is_opted_out=row.opted_out_at is not None,
        conversation_id=row.conversation_id,
        mode=row.mode,
        language=row.language,
        last_seq=row.last_seq,
        code_until=row.code_until,
        known=(row.known_id, row.known_seq) if row.known_id is not None else None,
        waiting=row.waiting,
        identity=told_by(row),
    )


def _find(skips_locked: bool) -> Executable:
    known, waiting, seen = (
        aliased(InboundMessage),
        aliased(InboundMessage),
        aliased(Conversation, name="seen"),
    )
    arrays = [bindparam(name, type_=ARRAY(String())) for name in Key._fields]
    keys = func.unnest(*arrays).table_valued(*Key._fields, with_ordinality="position")
    wanted = keys.render_derived(name="wanted").c
    unanswered = select(waiting.id).where(
        waiting.conversation_id == Conversation.id, waiting.state == InboundState.STORED
    )
    some = unanswered.limit(MOST_WAITING).correlate(Conversation).subquery()
    is_known = (known.contact_id == Contact.id) & (known.external_id == wanted.external_id)
    return (
        select(
            wanted.position,
            Contact.id.label("contact_id"),
            Contact.channel,
            Contact.opted_out_at,
            Conversation.id.label("conversation_id"),
            Conversation.mode,
            Conversation.language,
            Conversation.last_seq,
            Conversation.code_until,
            # PostgreSQL's own version of the row: the locked one's, and the one's that was seen before waiting.
            literal_column("conversations.xmin::text").label("version"),
            literal_column("seen.xmin::text").label("seen_version"),
            known.id.label("known_id"),
            known.seq.label("known_seq"),
            select(func.count()).select_from(some).scalar_subquery().label("waiting"),
            *COLUMNS,
        )
        .join(
            Contact,
            (Contact.channel == wanted.channel)
            & (Contact.account == wanted.account)
            & (Contact.external_id == wanted.sender),
        )
        .join(Conversation, Conversation.contact_id == Contact.id)
        .join(seen, seen.id == Conversation.id)
        .outerjoin(known, is_known)
        .outerjoin(Binding, OPEN_BINDING)
        .order_by(Conversation.id)  # whoever locks several locks them in the same order
        .with_for_update(of=Conversation, skip_locked=skips_locked)
    )


# Made once: making them costs more than running them.
FIND, FIND_FREE = _find(skips_locked=False), _find(skips_locked=True)
