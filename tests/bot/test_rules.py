"""Our policy predicts what Rasa's does, whatever has been said before."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.rules import RecentRules

CONFIG = """
recipe: default.v1
assistant_id: rules
language: zh
pipeline: [{name: KeywordIntentClassifier}]
policies: [{name: bot.components.rules.RecentRules, core_fallback_action_name: action_default_fallback}]
"""
DOMAIN = """
version: "3.1"
intents: [thank, claim, cancel, affirm]
slots: {level: {type: categorical, values: [low, high], mappings: [{type: custom}]},
        step: {type: text, influence_conversation: false, mappings: [{type: custom}]}}
forms: {report_form: {required_slots: [step]}}
actions: [action_claim, action_cancel, action_after]
responses: {utter_thank: [{text: 不客气}], utter_high: [{text: 好}], utter_start: [{text: 开始}]}
"""
DATA = """
version: "3.1"
nlu: [{intent: thank, examples: "- 谢谢\\n"}, {intent: claim, examples: "- 理赔\\n"}]
rules:
- {rule: first, conversation_start: true, steps: [{intent: affirm}, {action: utter_start}]}
- {rule: thank, steps: [{intent: thank}, {action: utter_thank}]}
- {rule: two, steps: [{intent: claim}, {action: action_claim}, {action: utter_thank}]}
- {rule: high, condition: [{slot_was_set: [{level: high}]}], steps: [{intent: affirm}, {action: utter_high}]}
- {rule: form, steps: [{intent: cancel}, {action: report_form}, {active_loop: report_form}]}
- rule: leave
  condition: [{active_loop: report_form}]
  steps: [{intent: cancel}, {action: action_cancel}, {action: action_listen}]
- rule: done
  condition: [{active_loop: report_form}]
  steps: [{action: report_form}, {active_loop: null}, {action: action_after}]
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Agent:
    from rasa.api import train

    folder = tmp_path_factory.mktemp("rules")
    for name, text in {"config.yml": CONFIG, "domain.yml": DOMAIN, "data.yml": DATA}.items():
        (folder / name).write_text(text, encoding="utf-8")
    files = [str(folder / name) for name in ("domain.yml", "config.yml", "data.yml")]
    return Agent.load(str(Path(str(train(*files, output=str(folder)).model))))


def policy_of(agent: Agent) -> RecentRules:
    nodes = agent.processor.graph_runner._instantiated_nodes.values()
    return next(node._component for node in nodes if isinstance(node._component, RecentRules))


def conversation(agent: Agent, chance: random.Random) -> list[Event]:
    """Something that may have happened: what people say, what the bot does, slots and the form, in any order."""
    events: list[Event] = [ActionExecuted("action_session_start"), ActionExecuted("action_listen")]
    said = ("thank", "claim", "cancel", "affirm")
    did = ("action_listen", "utter_thank", "action_claim", "report_form", "action_cancel", "action_after")
    for _ in range(chance.randrange(1, 25)):
        events += chance.choice(
            [
                [UserUttered("谢谢", {"name": chance.choice(said)}), ActionExecuted(chance.choice(did))],
                [ActionExecuted("action_listen"), UserUttered("理赔", {"name": chance.choice(said)})],
                [SlotSet("level", chance.choice(["low", "high", None]))],
                [ActionExecuted("report_form"), ActiveLoop(chance.choice(["report_form", None]))],
                [ActionExecuted(chance.choice(did))],
            ]
        )
    return events


def test_it_predicts_what_rasas_policy_predicts(trained: Agent) -> None:
    ours, domain = policy_of(trained), trained.domain
    context = trained.processor.graph_runner._execution_context
    rasas = RulePolicy(ours.config, ours._model_storage, ours._resource, context, lookup=ours.lookup)
    chance, predicted = random.Random(7), set()
    for _ in range(400):
        tracker = DialogueStateTracker.from_events("1", conversation(trained, chance), domain.slots)
        mine = ours.predict_action_probabilities(tracker, domain)
        theirs = rasas.predict_action_probabilities(tracker, domain)
        assert (mine.probabilities, mine.events) == (theirs.probabilities, theirs.events)
        assert mine.is_end_to_end_prediction == theirs.is_end_to_end_prediction
        predicted.add(domain.action_names_or_texts[mine.max_confidence_index])
    assert len(predicted) >= 7, "the conversations meet too few of the rules"


def test_it_looks_back_no_further_than_the_longest_rule(trained: Agent) -> None:
    ours, domain = policy_of(trained), trained.domain
    short, long = (
        DialogueStateTracker.from_events(
            "1",
            [ActionExecuted("action_listen"), UserUttered("谢谢", {"name": "thank"})] * turns,
            domain.slots,
        )
        for turns in (5, 50)
    )
    assert len(ours._prediction_states(long, domain)) == len(ours._prediction_states(short, domain)) <= 4
