"""Conversations in PostgreSQL: Rasa's SQL tracker store with one statement to read one and one to write it.

Rasa's own store asks for the schema at each use, reads a conversation through the object mapper and counts its events
again before it writes. The table stays Rasa's, and a turn begins with what the database holds: nothing is kept in
memory between two turns.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore, create_engine_kwargs
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import create_engine

_READ = """
SELECT id, data FROM events WHERE sender_id = %(sender)s AND id >= coalesce(
  (SELECT max(id) FROM events WHERE sender_id = %(sender)s AND type_name = 'session_started'), 0)
ORDER BY id
"""
_WRITE = """
INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)
SELECT %(sender)s, type_name, timestamp, intent_name, action_name, data
FROM unnest(%(types)s::text[], %(times)s::float8[], %(intents)s::text[], %(actions)s::text[], %(data)s::text[])
  WITH ORDINALITY AS fresh (type_name, timestamp, intent_name, action_name, data, place)
WHERE (SELECT max(id) FROM events WHERE sender_id = %(sender)s) IS NOT DISTINCT FROM %(last)s
ORDER BY place
RETURNING id
"""


class ConversationMoved(Exception):
    """The conversation was written or erased elsewhere since it was read; nothing of this turn is kept."""


@dataclass(frozen=True)
class Stored:
    """What of a tracker lies in the database: so many events, the last of them under this id."""

    events: int = 0
    last: int | None = None


class Trackers(SQLTrackerStore):
    """Reads and writes each conversation in one statement; the rest of Rasa's interface is the parent's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Connect as the parent does; a single statement needs no transaction around it."""
        super().__init__(*args, **kwargs)
        options = create_engine_kwargs(str(self.engine.url))
        self._single = create_engine(self.engine.url, isolation_level="AUTOCOMMIT", **options)

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """Return the tracker of a conversation that has not begun."""
        tracker = super().init_tracker(sender_id)
        tracker.stored = Stored()
        return tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the tracker as the database has it, from its last session on; None when there is none."""
        rows = await asyncio.to_thread(self._execute, _READ, {"sender": sender_id})
        if not rows or not self.domain:
            return None
        events = [json.loads(row.data) for row in rows]
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        tracker.stored = Stored(len(rows), rows[-1].id)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Add the events that are new, all or none. Raises ConversationMoved when the tracker is no longer current."""
        stored = getattr(tracker, "stored", None)
        if stored is None:  # not read through `retrieve`: the parent counts what there is
            await super().save(tracker)
            return
        await self.stream_events(tracker)
        fresh = list(itertools.islice(tracker.events, stored.events, None))
        if not fresh:
            return
        columns = _columns(fresh) | {"sender": tracker.sender_id, "last": stored.last}
        rows = await asyncio.to_thread(self._execute, _WRITE, columns)
        if len(rows) != len(fresh):
            raise ConversationMoved(tracker.sender_id)
        tracker.stored = Stored(stored.events + len(fresh), rows[-1].id)

    def _execute(self, statement: str, values: dict[str, Any]) -> list[Any]:
        """Run one statement; in a thread, so that waiting for the database holds up no other conversation."""
        with self._single.connect() as connection:
            return list(connection.exec_driver_sql(statement, values))


def _columns(events: list[Event]) -> dict[str, list[Any]]:
    """Return the table's columns, as the parent fills them, of these events."""
    written = [event.as_dict() for event in events]
    return {
        "types": [event.type_name for event in events],
        "times": [one.get("timestamp") for one in written],
        "intents": [one.get("parse_data", {}).get("intent", {}).get("name") for one in written],
        "actions": [one.get("name") for one in written],
        "data": [json.dumps(one) for one in written],
    }
