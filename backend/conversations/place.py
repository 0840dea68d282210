"""Where a message belongs, found in one statement and locked: intake is the hot path (docs/decisions/056)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Executable, bindparam, case, func, literal_column, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.conversations.identity import Identity, of_owners
from backend.conversations.models import Binding, Contact, Conversation, InboundMessage, InboundState
from backend.conversations.overflow import MOST_WAITING
from backend.core import clock
from backend.customers.models import Customer


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


async def find(
    session: AsyncSession, channel: str, account: str, sender: str, external_id: str
) -> Place | None:
    """The sender's place; None when this is the first that is heard of them. Waits for whoever holds the lock."""
    key = {"channel": channel, "account": account, "sender": sender, "external_id": external_id}
    found: Any = None
    for _ in range(2):
        found = (await session.execute(FIND, key | {"now": clock.now()})).first()
        if found is None:
            return None
        if found.version == found.seen_version:
            break
        # Somebody changed the conversation while we waited for the lock; what else was read is from before that.
    return Place(
        contact_id=found.contact_id,
        channel=channel,
        is_opted_out=found.opted_out_at is not None,
        conversation_id=found.conversation_id,
        mode=found.mode,
        language=found.language,
        last_seq=found.last_seq,
        code_until=found.code_until,
        known=(found.known_id, found.known_seq) if found.known_id is not None else None,
        waiting=found.waiting,
        identity=Identity(2, found.customer_id, found.verified_at)
        if found.customer_id is not None
        else of_owners(found.owners or []),
    )


def _find() -> Executable:
    known, waiting, seen = (
        aliased(InboundMessage),
        aliased(InboundMessage),
        aliased(Conversation, name="seen"),
    )
    unanswered = select(waiting.id).where(
        waiting.conversation_id == Conversation.id, waiting.state == InboundState.STORED
    )
    some = unanswered.limit(MOST_WAITING).correlate(Conversation).subquery()
    owners = select(Customer.id).where(Customer.phone == Contact.external_id).limit(2).correlate(Contact)
    is_open = Binding.ended_at.is_(None) & (Binding.expires_at > bindparam("now"))
    return (
        select(
            Contact.id.label("contact_id"),
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
            Binding.customer_id,
            Binding.verified_at,
            case(
                (Contact.channel == "sms", func.array(owners.scalar_subquery(), type_=ARRAY(BigInteger()))),
                else_=null(),
            ).label("owners"),
        )
        .join(Conversation, Conversation.contact_id == Contact.id)
        .join(seen, seen.id == Conversation.id)
        .outerjoin(known, (known.contact_id == Contact.id) & (known.external_id == bindparam("external_id")))
        .outerjoin(Binding, (Binding.contact_id == Contact.id) & is_open)
        .where(
            Contact.channel == bindparam("channel"),
            Contact.account == bindparam("account"),
            Contact.external_id == bindparam("sender"),
        )
        .with_for_update(of=Conversation)
    )


FIND = _find()  # made once: making it costs more than running it
