"""One message in, replies out, once: over a small trained model and a fake action server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from rasa.core.agent import Agent
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.channel import read_inbound
from bot.remote_actions import install
from bot.turn import (
    BadCommand,
    Inbound,
    TurnFailed,
    asked_for,
    parse_command,
    pressed,
    primary_store,
    take_turn,
)
from bot.wording import Wording

CONTRACT = json.loads((Path(__file__).parents[1] / "contracts" / "worker_to_bot.json").read_text("utf-8"))
CONFIG = """
recipe: default.v1
assistant_id: small
language: zh
pipeline:
- {name: bot.components.normaliser.Normaliser}
- {name: KeywordIntentClassifier}
- {name: FallbackClassifier, threshold: 0.3}
policies: [{name: RulePolicy, enable_fallback_prediction: false}]
"""
DOMAIN = """
version: "3.1"
intents: [thank, query_claim, greet]
actions: [action_query_claim]
responses:
  utter_thank: [{metadata: zh, text: 不客气, buttons: [{title: 菜单, payload: /greet}]}, {metadata: en, text: welcome}]
  utter_claim: [{metadata: zh, text: "进度 {stage}"}, {metadata: en, text: "stage {stage}"}]
"""
DATA = """
version: "3.1"
nlu:
- {intent: thank, examples: "- 谢谢\\n- thanks\\n"}
- {intent: query_claim, examples: "- 理赔进度\\n- claim\\n"}
- {intent: greet, examples: "- 你好\\n- hello\\n"}
rules:
- {rule: a, steps: [{intent: thank}, {action: utter_thank}]}
- {rule: b, steps: [{intent: query_claim}, {action: action_query_claim}]}
"""


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    from rasa.api import train

    folder = tmp_path_factory.mktemp("small")
    for name, text in {"config.yml": CONFIG, "domain.yml": DOMAIN, "data.yml": DATA}.items():
        (folder / name).write_text(text, encoding="utf-8")
    trained = train(
        str(folder / "domain.yml"), str(folder / "config.yml"), str(folder / "data.yml"), str(folder)
    )
    assert trained.model
    return str(trained.model)


class ActionServer:
    """Answers every action alike; may be told to fail."""

    def __init__(self) -> None:
        self.calls = 0
        self.is_broken = False

    async def answer(self, request: web.Request) -> web.Response:
        self.calls += 1
        if self.is_broken:
            return web.json_response({"error": "x"}, status=500)
        return web.json_response(
            {"events": [], "responses": [{"response": "utter_claim", "stage": "审核中", "buttons": []}]}
        )


class Bench:
    """An agent over the small model with its fake action server."""

    def __init__(self, model: str, url: str, actions: ActionServer) -> None:
        self.actions = actions
        self.store = InMemoryTrackerStore(None)
        self.agent = Agent(
            generator=Wording(),
            tracker_store=FailSafeTrackerStore(self.store),
            lock_store=InMemoryLockStore(),
            action_endpoint=EndpointConfig(url),
        )
        self.agent.load_model(model)

    async def say(self, text: str, message_id: str = "1", **changes: object) -> dict:
        body = {**CONTRACT["request"], "text": text, "message_id": message_id, **changes}
        return await take_turn(self.agent, read_inbound(body))


def with_bench(test):  # type: ignore[no-untyped-def]
    """Run an async test with a bench."""

    def run(model: str, unused_tcp_port: int) -> None:
        async def inside() -> None:
            async for bench in _bench(model, unused_tcp_port):
                await test(bench)

        asyncio.run(inside())

    return run


async def _bench(model: str, port: int, actions: ActionServer | None = None) -> AsyncIterator[Bench]:
    install()
    actions = actions or ActionServer()
    app = web.Application()
    app.router.add_post("/webhook", actions.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield Bench(model, f"http://127.0.0.1:{port}/webhook", actions)
    finally:
        await runner.cleanup()


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_what_the_last_question_asks_for_is_told_by_its_response() -> None:
    question = BotUttered("哪一天出的险？", metadata={"utter_action": "utter_ask_claim_incident_date"})
    remark = BotUttered("好的", metadata={"utter_action": "utter_noted"})
    assert asked_for([question, remark]) == "claim_incident_date"
    assert asked_for([remark]) is None


def test_same_message_again_gets_the_same_replies_without_a_turn(model: str, unused_tcp_port: int) -> None:
    async def test(bench: Bench) -> None:
        first = await bench.say("理赔进度")
        again = await bench.say("理赔进度")
        assert list(first) == CONTRACT["response_keys"]
        assert first["replies"] == [{"text": "进度 审核中"}]
        assert (first["replayed"], again["replayed"]) == (False, True)
        assert again["replies"] == first["replies"]
        assert bench.actions.calls == 1

    with_bench(test)(model, unused_tcp_port)


def test_failed_action_fails_the_turn_and_leaves_no_trace(model: str, unused_tcp_port: int) -> None:
    async def test(bench: Bench) -> None:
        await bench.say("谢谢", "1")
        before = len((await bench.store.retrieve("42:3")).events)
        bench.actions.is_broken = True
        with pytest.raises(TurnFailed, match="action_query_claim"):
            await bench.say("理赔进度", "2")
        assert len((await bench.store.retrieve("42:3")).events) == before
        bench.actions.is_broken = False
        retried = await bench.say("理赔进度", "2")
        assert (retried["replayed"], retried["replies"][0]["text"]) == (False, "进度 审核中")

    with_bench(test)(model, unused_tcp_port)


def test_empty_reply_is_a_failure(model: str, unused_tcp_port: int) -> None:
    async def test(bench: Bench) -> None:
        with pytest.raises(TurnFailed, match="empty"):
            await bench.say("你好")

    with_bench(test)(model, unused_tcp_port)


def test_store_that_is_away_is_a_failure_and_not_memory(model: str, unused_tcp_port: int) -> None:
    async def test(bench: Bench) -> None:
        async def away(sender_id: str) -> None:
            raise ConnectionError

        bench.store.retrieve = away
        with pytest.raises(ConnectionError):
            await bench.say("谢谢")

    with_bench(test)(model, unused_tcp_port)


def test_typed_text_is_never_a_command_but_a_button_is(model: str, unused_tcp_port: int) -> None:
    async def test(bench: Bench) -> None:
        for number, text in enumerate(("/query_claim", " /query_claim", "／query_claim")):
            with pytest.raises(TurnFailed):
                await bench.say(text, f"t{number}")
        pressed = await bench.say("", "2", command='/query_claim{"claim_number": "C2026000101"}')
        assert pressed["intent"] == "query_claim"
        assert pressed["entities"] == [{"entity": "claim_number", "value": "C2026000101"}]

    with_bench(test)(model, unused_tcp_port)


def test_buttons_and_language_are_kept(model: str, unused_tcp_port: int) -> None:
    async def test(bench: Bench) -> None:
        chinese = await bench.say("谢谢", "1")
        english = await bench.say("thanks", "2", language="en")
        assert chinese["replies"] == [{"text": "不客气", "buttons": [{"title": "菜单", "payload": "/greet"}]}]
        assert english["replies"] == [{"text": "welcome"}]

    with_bench(test)(model, unused_tcp_port)


def test_results_of_actions_are_not_validated_again() -> None:
    from rasa.core.actions.action import RemoteAction

    install()
    assert RemoteAction("action_x", None)._validate_action_result({"events": "nonsense"}) is True


def test_no_model_is_a_failure() -> None:
    agent = Agent(tracker_store=InMemoryTrackerStore(None), lock_store=InMemoryLockStore())
    inbound = read_inbound(CONTRACT["request"])
    with pytest.raises(TurnFailed, match="no model"):
        asyncio.run(take_turn(agent, inbound))


@pytest.mark.parametrize(
    "command",
    ["query_claim", "/unknown", "/query_claim{", "/query_claim[1]", "/Query_Claim", "//query_claim"],
)
def test_strange_commands_are_refused(command: str) -> None:
    with pytest.raises(BadCommand):
        parse_command(command, {"query_claim"})


@pytest.mark.parametrize(
    "field", ["message_id", "sender_id", "text", "language", "channel", "level", "received_at"]
)
def test_missing_fields_are_named(field: str) -> None:
    body = {key: value for key, value in CONTRACT["request"].items() if key != field}
    with pytest.raises(ValueError, match=field):
        read_inbound(body)


def test_long_text_is_shortened_before_the_tracker() -> None:
    assert isinstance(read_inbound({**CONTRACT["request"], "text": "长" * 100_000}), Inbound)
    assert len(read_inbound({**CONTRACT["request"], "text": "长" * 100_000}).text) == 4_000


def test_primary_store_is_found() -> None:
    store = InMemoryTrackerStore(None)
    assert primary_store(FailSafeTrackerStore(store)) is store


def test_typing_a_button_of_the_last_answer_means_pressing_it() -> None:
    before = BotUttered("?", {"buttons": [{"title": "发票", "payload": "/old"}]})
    menu = BotUttered(
        "?",
        {"buttons": [{"title": "损失照片", "payload": "/greet"}, {"title": "Photos", "payload": "/thank"}]},
    )
    tracker = DialogueStateTracker.from_events("1", [before, UserUttered("x"), menu, BotUttered("……")])
    typed = {text: pressed(tracker, text) for text in ("損失照片", " photos", "发票", "照片", "")}
    assert typed == {"損失照片": "/greet", " photos": "/thank", "发票": None, "照片": None, "": None}
