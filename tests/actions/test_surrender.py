"""What gives a policy up, and what does not: only a button or words that leave no doubt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer_or_excuse
from actions.turn import Turn
from tests.actions.test_answers import tracker

OFFERED = "P2024000123"
ACTIONS = {"affirm": "action_affirm", "surrender_policy": "action_surrender", "deny": "action_deny"}


def after_the_offer(text: str, intent: str, **given: Any) -> dict[str, Any]:
    """Return what is said to a message that follows the explanation of what a surrender means."""
    state = tracker(text, "wv1", intent=intent, slots={"policy_number": OFFERED}, **given)
    offer = {"utter_action": "utter_surrender_offer"}
    state.events[:0] = [{"event": "user", "text": "…"}, {"event": "bot", "text": "…", "metadata": offer}]
    dispatcher = CollectingDispatcher()
    asyncio.run(answer_or_excuse(ACTIONS[intent], Turn(dispatcher, state)))
    return dict(dispatcher.messages[0])


@pytest.mark.parametrize(
    "text", ["就这些", "好的", "嗯", "ok", "that's all", "sounds good", "没问题", "我再问问家人"]
)
def test_a_mere_ok_gives_nothing_up_and_is_told_so(crm: Any, text: str) -> None:
    said = after_the_offer(text, "affirm")
    assert (said["response"], crm.matters.changes) == ("utter_surrender_offer", [])
    assert said["lines"] == [{"response": "utter_surrender_not_asked"}]
    assert said["choices"][0]["payload"].endswith('"matter": "confirmed"}')


@pytest.mark.parametrize(
    "text",
    [
        "他说可以随时退保拿回全部的钱",
        "退保能退多少",
        "我不确定要退",
        "跟家人确认了再退",
        "he said I could surrender any time",
        "surrender value please",
        "I'm not sure I want to cancel my policy",
        "go ahead with the policy loan",
    ],
)
def test_a_second_vague_mention_is_answered_with_the_explanation(crm: Any, text: str) -> None:
    said = after_the_offer(text, "surrender_policy")
    assert (said["response"], crm.matters.changes) == ("utter_surrender_offer", [])
    assert len(said["lines"]) > 1


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("是的", "affirm"),
        ("对", "affirm"),
        ("确认退保", "affirm"),
        ("提交吧", "affirm"),
        ("还是要退", "surrender_policy"),
        ("重疾险我要退，别劝我", "surrender_policy"),
        ("yes", "affirm"),
        ("yes, I am sure", "affirm"),
        ("go ahead", "affirm"),
        ("yes, surrender it", "surrender_policy"),
        ("cancel it anyway", "surrender_policy"),
    ],
)
def test_clear_words_give_the_policy_up(crm: Any, text: str, intent: str) -> None:
    assert after_the_offer(text, intent)["response"] == "utter_surrender_asked"
    assert [change["policy_number"] for change in crm.matters.changes] == [OFFERED]


def test_another_policy_is_explained_before_it_is_given_up(crm: Any) -> None:
    said = after_the_offer("医疗险也要退", "surrender_policy", entities={"product_type": "medical"})
    assert (said["response"], said["number"]) == ("utter_surrender_offer", "P2025000045")
    assert crm.matters.changes == []


def test_the_button_gives_the_policy_up_at_once(crm: Any) -> None:
    pressed = {"policy_number": OFFERED, "matter": "confirmed"}
    said = after_the_offer("/surrender_policy", "surrender_policy", entities=pressed)
    assert said["response"] == "utter_surrender_asked"
