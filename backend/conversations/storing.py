"""One statement stores a message, its entry in the record and its place in the conversation: intake is the hot path."""

from __future__ import annotations

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from backend.conversations.identity import Identity
from backend.conversations.models import Contact, Conversation, InboundMessage, InboundState, Kind

STORE = text("""
    WITH inbound AS (
        INSERT INTO inbound_messages (contact_id, conversation_id, external_id, seq, type, text, command, payload,
                                      language, received_at, state, attempts)
        VALUES (:contact_id, :conversation_id, :external_id, :seq, :type, :text, :command, :payload,
                :language, :received_at, :state, 0)
        RETURNING id
    ), record AS (
        INSERT INTO interactions (customer_id, contact_id, conversation_id, channel, direction, speaker, kind, text,
                                  details, language, level, inbound_id, position, occurred_at)
        SELECT :customer_id, :contact_id, :conversation_id, :channel, 'inbound', 'customer', :kind, :text,
               :details, :language, :level, id, 0, :received_at
        FROM inbound
    ), place AS (
        UPDATE conversations
        SET last_seq = :seq, last_inbound_at = :received_at, language = :language,
            inbox_due_at = CASE WHEN :state = 'stored' THEN coalesce(inbox_due_at, now()) ELSE inbox_due_at END
        WHERE id = :conversation_id
    )
    SELECT id FROM inbound
""").bindparams(bindparam("payload", type_=JSONB), bindparam("details", type_=JSONB))


async def write(
    session: AsyncSession,
    contact: Contact,
    conversation: Conversation,
    identity: Identity,
    inbound: InboundMessage,
) -> None:
    """Store `inbound` as the next message of its conversation, which is row-locked; gives it its id."""
    row = {name: getattr(inbound, name) for name in _COLUMNS}
    kind = Kind.EVENT if inbound.type == "event" else Kind.MESSAGE
    details = {"type": inbound.type} | inbound.payload
    record = {"channel": contact.channel, "kind": kind, "details": details}
    known = {"customer_id": identity.customer_id, "level": identity.level}
    inbound.id = (await session.execute(STORE, row | record | known)).scalar_one()
    set_committed_value(conversation, "last_seq", inbound.seq)
    set_committed_value(conversation, "last_inbound_at", inbound.received_at)
    set_committed_value(conversation, "language", inbound.language)
    if inbound.state == InboundState.STORED:
        session.expire(conversation, ["inbox_due_at"])


_COLUMNS = (
    "contact_id", "conversation_id", "external_id", "seq", "type", "text", "command", "payload", "language",
    "received_at", "state",
)  # fmt: skip
