"""One statement stores a message, its entry in the record and its place in the conversation: intake is the hot path."""

from __future__ import annotations

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import InboundMessage, Kind
from backend.conversations.place import Place

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


async def write(session: AsyncSession, place: Place, inbound: InboundMessage) -> None:
    """Store `inbound` as the next message of its conversation, which is row-locked; gives it its id."""
    row = {name: getattr(inbound, name) for name in _COLUMNS}
    kind = Kind.EVENT if inbound.type == "event" else Kind.MESSAGE
    details = {"type": inbound.type} | inbound.payload
    record = {"channel": place.channel, "kind": kind, "details": details}
    known = {"customer_id": place.identity.customer_id, "level": place.identity.level}
    inbound.id = (await session.execute(STORE, row | record | known)).scalar_one()


_COLUMNS = (
    "contact_id", "conversation_id", "external_id", "seq", "type", "text", "command", "payload", "language",
    "received_at", "state",
)  # fmt: skip
