"""One statement stores messages, their entries in the record and their places: intake is the hot path."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import InboundMessage, Kind
from backend.conversations.place import Place

STORE = text("""
    WITH said AS (
        SELECT * FROM jsonb_to_recordset(:said) AS said (
            contact_id bigint, conversation_id bigint, external_id text, seq int, type text, text text, command text,
            payload jsonb, language text, received_at timestamptz, state text, customer_id bigint, channel text,
            kind text, details jsonb, level int
        )
    ), inbound AS (
        INSERT INTO inbound_messages (contact_id, conversation_id, external_id, seq, type, text, command, payload,
                                      language, received_at, state, attempts)
        SELECT contact_id, conversation_id, external_id, seq, type, text, command, payload,
               language, received_at, state, 0
        FROM said
        RETURNING id, conversation_id
    ), record AS (
        INSERT INTO interactions (customer_id, contact_id, conversation_id, channel, direction, speaker, kind, text,
                                  details, language, level, inbound_id, position, occurred_at)
        SELECT customer_id, contact_id, conversation_id, channel, 'inbound', 'customer', kind, text,
               details, language, level, inbound.id, 0, received_at
        FROM said JOIN inbound USING (conversation_id)
    ), place AS (
        UPDATE conversations
        SET last_seq = said.seq, last_inbound_at = said.received_at, language = said.language,
            inbox_due_at = CASE WHEN said.state = 'stored' THEN coalesce(inbox_due_at, now()) ELSE inbox_due_at END
        FROM said WHERE conversations.id = said.conversation_id
    )
    SELECT id, conversation_id FROM inbound
""").bindparams(bindparam("said", type_=JSONB))


async def write(session: AsyncSession, messages: Sequence[tuple[Place, InboundMessage]]) -> None:
    """Store each as the next message of its conversation, which is row-locked and no other's here; gives it its id."""
    said = [_said(place, inbound) for place, inbound in messages]
    rows = await session.execute(STORE, {"said": said})
    ids = {row.conversation_id: row.id for row in rows}
    for place, inbound in messages:
        inbound.id = ids[place.conversation_id]


def _said(place: Place, inbound: InboundMessage) -> dict[str, object]:
    return {name: getattr(inbound, name) for name in _COLUMNS} | {
        "received_at": inbound.received_at.isoformat(),
        "channel": place.channel,
        "kind": Kind.EVENT if inbound.type == "event" else Kind.MESSAGE,
        "details": {"type": inbound.type} | inbound.payload,
        "customer_id": place.identity.customer_id,
        "level": place.identity.level,
    }


_COLUMNS = (
    "contact_id", "conversation_id", "external_id", "seq", "type", "text", "command", "payload", "language", "state",
)  # fmt: skip
