"""Conversations in PostgreSQL: read as Rasa's own store reads them, written once or not at all."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import class_from_module_path
from rasa.utils.endpoints import read_endpoint_config
from talking import ROOT, SERVICE_PYTHON

from bot.settings import sqlalchemy_url
from bot.trackers import ConversationMoved, Trackers

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [greet]
entities: [place]
slots:
  place: {type: text, mappings: [{type: custom}]}
"""
)
SERVER = """
import sys
from pathlib import Path
from backend.launch.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.dsn, flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of its own, which ends with the tests."""
    folder = tmp_path_factory.mktemp("postgres")
    command = [str(SERVICE_PYTHON), "-c", SERVER, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as server:
        told = (line.strip() for line in server.stdout or ())
        yield sqlalchemy_url(next(line for line in told if line.startswith("postgresql:")))
        server.communicate()


def store(url: str) -> Trackers:
    """Another process's store: nothing but the database is shared."""
    return Trackers(domain=DOMAIN, host=url)


def said(tracker: DialogueStateTracker, text: str) -> DialogueStateTracker:
    """The tracker after one more turn."""
    intent, metadata = {"name": "greet", "confidence": 1.0}, {"message_id": text}
    parsed = {"intent": intent, "entities": [{"entity": "place", "value": "上海"}], "text": text}
    tracker.update(UserUttered(text, intent, parsed["entities"], parsed, metadata=metadata))
    tracker.update(SlotSet("place", text))
    tracker.update(BotUttered("您好“”\u0000", {"buttons": [{"title": "好", "payload": "/greet"}]}))
    tracker.update(ActionExecuted("action_listen"))
    return tracker


async def has_said(url: str, sender: str, *texts: str) -> None:
    for text in texts:
        trackers = store(url)
        tracker = await trackers.retrieve(sender) or trackers.init_tracker(sender)
        await trackers.save(said(tracker, text))


def test_what_was_saved_is_read_as_rasas_own_store_reads_it(url: str) -> None:
    async def inside() -> None:
        await has_said(url, "1:1", "a", "b", "c")
        ours = await store(url).retrieve("1:1")
        theirs = await SQLTrackerStore(domain=DOMAIN, host=url).retrieve("1:1")
        assert [one.as_dict() for one in ours.events] == [one.as_dict() for one in theirs.events]
        assert (ours.get_slot("place"), len(ours.events)) == ("c", 12)
        assert await store(url).retrieve("1:2") is None

    asyncio.run(inside())


def test_a_new_session_begins_where_rasa_begins_it(url: str) -> None:
    async def inside() -> None:
        await has_said(url, "2:1", "a")
        trackers = store(url)
        tracker = await trackers.retrieve("2:1")
        tracker.update(ActionExecuted("action_session_start"))
        tracker.update(SessionStarted())
        await trackers.save(said(tracker, "b"))
        await trackers.save(said(tracker, "c"))
        ours = await store(url).retrieve("2:1")
        theirs = await SQLTrackerStore(domain=DOMAIN, host=url).retrieve("2:1")
        assert [one.as_dict() for one in ours.events] == [one.as_dict() for one in theirs.events]
        assert isinstance(ours.events[0], SessionStarted)

    asyncio.run(inside())


@pytest.mark.parametrize("begun", [(), ("a",)])
def test_of_two_that_go_on_from_the_same_place_only_the_first_is_written(
    url: str, begun: tuple[str, ...]
) -> None:
    async def inside() -> None:
        sender = f"3:{len(begun)}"
        await has_said(url, sender, *begun)
        both = [
            (one, await one.retrieve(sender) or one.init_tracker(sender)) for one in (store(url), store(url))
        ]
        await both[0][0].save(said(both[0][1], "first"))
        with pytest.raises(ConversationMoved):
            await both[1][0].save(said(both[1][1], "second"))
        kept = await store(url).retrieve(sender)
        assert (kept.get_slot("place"), len(kept.events)) == ("first", 4 * (len(begun) + 1))

    asyncio.run(inside())


def test_a_conversation_that_is_erased_during_a_turn_does_not_come_back(url: str) -> None:
    async def inside() -> None:
        await has_said(url, "4:1", "a")
        trackers = store(url)
        tracker = await trackers.retrieve("4:1")
        with trackers.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM events WHERE sender_id = '4:1'")
        with pytest.raises(ConversationMoved):
            await trackers.save(said(tracker, "b"))
        assert await store(url).retrieve("4:1") is None

    asyncio.run(inside())


def test_a_turn_is_not_written_twice_after_old_events_were_removed(url: str) -> None:
    async def inside() -> None:
        await has_said(url, "5:1", "a", "b")
        trackers = store(url)
        tracker = await trackers.retrieve("5:1")
        with trackers.engine.begin() as connection:
            connection.exec_driver_sql(
                "DELETE FROM events WHERE id = (SELECT min(id) FROM events WHERE sender_id = '5:1')"
            )
        await trackers.save(said(tracker, "c"))
        kept = await store(url).retrieve("5:1")
        assert [one.text for one in kept.events if isinstance(one, UserUttered)] == ["b", "c"]
        assert len(kept.events) == 11

    asyncio.run(inside())


def test_rasa_finds_the_store_that_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    # When it does not, it keeps conversations in memory and only warns.
    for name in ("RASA_ACTION_URL", "RASA_DATABASE_URL", "ANDA_SERVICE_TOKEN"):
        monkeypatch.setenv(name, "any")
    configured = read_endpoint_config(str(ROOT / "bot" / "endpoints.yml"), "tracker_store")
    assert class_from_module_path(configured.type) is Trackers
