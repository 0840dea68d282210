"""One statement queues replies, records them, keeps what they offer and notes what they answer: a hot path, too."""

from __future__ import annotations

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from backend.conversations.models import OutboundMessage

# Gives the queued messages in the order of `replies`, which is that of their ids: the outbox sends them so.
QUEUE = select(OutboundMessage).from_statement(
    text("""
    WITH reply AS (
        SELECT * FROM jsonb_to_recordset(:replies) AS reply (
            number int, channel text, account text, recipient text, lane text, kind text, inbound_id bigint,
            position int, key text, agent_id bigint, text text, payload jsonb, speaker text, details jsonb,
            intent text, confidence float, ticket_id bigint, state text, attempts int, first_tried_at timestamptz
        )
    ), numbered AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('outbound_messages', 'id')) AS id, reply.*
        FROM (SELECT * FROM reply ORDER BY number) AS reply
    ), queued AS (
        INSERT INTO outbound_messages (id, conversation_id, channel, account, recipient, lane, kind, inbound_id,
                                       position, key, agent_id, language, text, payload, state, attempts,
                                       first_tried_at, created_at)
        SELECT id, :conversation_id, channel, account, recipient, lane, kind, inbound_id,
               position, key, agent_id, :language, text, payload, state, attempts, first_tried_at, :now
        FROM numbered
        RETURNING *
    ), record AS (
        INSERT INTO interactions (customer_id, contact_id, conversation_id, channel, direction, speaker, kind, text,
                                  details, language, intent, confidence, episode, level, inbound_id, position,
                                  outbound_id, ticket_id, agent_id, occurred_at)
        SELECT :customer_id, :contact_id, :conversation_id, channel, 'outbound', speaker, kind, text,
               details, :language, intent, confidence, :episode, :level, inbound_id, position,
               id, ticket_id, agent_id, :now
        FROM numbered
    ), offered AS (
        INSERT INTO offered_choices (token, conversation_id, outbound_id, position, title, command)
        SELECT token, :conversation_id, id, choice.position, title, command
        FROM jsonb_to_recordset(:choices) AS choice (number int, token text, position int, title text, command text)
        JOIN numbered USING (number)
    ), answer AS (
        SELECT * FROM jsonb_to_recordset(:answers) AS answer (
            inbound_id bigint, intent text, confidence float, episode int, understanding jsonb
        )
    ), answered AS (
        UPDATE inbound_messages
        SET state = 'answered', answered_at = :now, last_error = NULL, episode = answer.episode
        FROM answer WHERE id = answer.inbound_id
    ), understood AS (
        UPDATE interactions
        SET intent = answer.intent, confidence = answer.confidence, episode = answer.episode,
            details = details || understanding
        FROM answer WHERE interactions.inbound_id = answer.inbound_id AND position = 0
    )
    SELECT * FROM queued ORDER BY id
    """)
    .bindparams(*(bindparam(name, type_=JSONB) for name in ("replies", "choices", "answers")))
    .columns(**{column.name: column.type for column in OutboundMessage.__table__.columns})
)
