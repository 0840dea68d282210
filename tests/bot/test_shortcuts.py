"""Rasa's work, done with less: the same events, and the same outputs of a model's components."""

from __future__ import annotations

import asyncio

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.exceptions import GraphComponentException
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from test_turn import model  # noqa: F401 a fixture

from bot.shortcuts import InOrder, install


def test_every_event_is_found_by_its_name() -> None:
    install()
    names = {one.type_name for one in all_subclasses(Event)}
    for name in names:
        assert Event.resolve_by_type(name).type_name == name
    with pytest.raises(ValueError, match="Unknown event name"):
        Event.resolve_by_type("nonsense")
    assert Event.resolve_by_type.cache_info().currsize >= len(names)


def test_a_model_is_loaded_with_our_runner_and_gives_the_same_as_with_rasas(model: str) -> None:  # noqa: F811
    install()
    processor = Agent.load(model).processor
    assert isinstance(processor.graph_runner, InOrder)
    for text in ("谢谢", "理赔进度", "hello", "什么都不是"):
        outcomes = []
        for run in (InOrder.run, DaskGraphRunner.run):
            processor.graph_runner.run = run.__get__(processor.graph_runner)
            tracker = DialogueStateTracker.from_events("1", [], processor.domain.slots)
            asyncio.run(processor._handle_message_with_tracker(UserMessage(text, message_id="1"), tracker))
            outcomes.append(
                (tracker.latest_message.parse_data, processor._predict_next_with_tracker(tracker))
            )
        (understood, predicted), (theirs, rasas) = outcomes
        assert understood == theirs
        assert (predicted.probabilities, predicted.events) == (rasas.probabilities, rasas.events)


def test_what_a_component_raises_is_raised(model: str) -> None:  # noqa: F811
    install()
    processor = Agent.load(model).processor
    with pytest.raises(GraphComponentException):
        processor._parse_message_with_graph(None, None)
