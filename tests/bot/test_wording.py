"""Answers in the customer's language, composed of parts."""

from __future__ import annotations

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.settings import FOLDER
from bot.wording import Wording

RESPONSES = {
    "utter_list": [
        {"metadata": "zh", "text": "共 {count} 份：\n{items}"},
        {"metadata": "en", "text": "{count} in all:\n{items}"},
    ],
    "utter_item": [
        {"metadata": "zh", "text": "· {name}{note}"},
        {"metadata": "en", "text": "· {name}{note}", "buttons": []},
        {"metadata": "en", "channel": "sms", "text": "{name}"},
    ],
}
ITEMS = [
    {"response": "utter_item", "name": "A", "note": ""},
    {"response": "utter_item", "name": "B", "note": "!"},
]


async def said(language: str, channel: str = "web") -> dict:
    wording = Wording()
    wording.responses = RESPONSES
    tracker = DialogueStateTracker.from_events("1:1", [UserUttered("x", metadata={"language": language})])
    choice = {"title": {"response": "utter_item", "name": "C", "note": ""}, "payload": '/a{"b": "c"}'}
    return await wording.generate("utter_list", tracker, channel, count=2, items=ITEMS, choices=[choice])


@pytest.mark.parametrize(
    ("language", "channel", "text"),
    [
        ("zh-Hans", "web", "共 2 份：\n· A\n· B!"),
        ("zh-Hant", "wechat", "共 2 份：\n· A\n· B!"),
        ("en", "web", "2 in all:\n· A\n· B!"),
        ("en", "sms", "2 in all:\nA\nB"),
    ],
)
def test_parts_are_worded_by_language_and_channel(language: str, channel: str, text: str) -> None:
    import asyncio

    message = asyncio.run(said(language, channel))
    assert message["text"] == text
    assert message["buttons"][0]["payload"] == '/a{"b": "c"}'
    assert "metadata" not in message


def test_every_response_speaks_both_languages() -> None:
    responses = Domain.load(str(FOLDER / "domain")).responses
    assert len(responses) > 100
    for name, variations in responses.items():
        usual = [one for one in variations if "channel" not in one]
        assert sorted(one["metadata"] for one in usual) == ["en", "zh"], name


def test_variables_of_the_two_languages_are_the_same() -> None:
    import re

    for name, variations in Domain.load(str(FOLDER / "domain")).responses.items():
        used = {
            one["metadata"]: set(re.findall(r"\{(\w+)\}", one["text"]))
            for one in variations
            if "channel" not in one
        }
        if name != "utter_which_claim":
            assert used["zh"] == used["en"], name


def test_cards_are_worded_and_give_way_to_buttons_where_none_are_shown() -> None:
    import asyncio

    wording = Wording()
    wording.responses = RESPONSES
    tracker = DialogueStateTracker.from_events("1:1", [UserUttered("x", metadata={"language": "en"})])
    title = {"response": "utter_item", "name": "C", "note": "!"}
    button = {"title": title, "payload": '/a{"b": "c"}'}
    card = {"title": title, "facts": [{"label": title, "value": "2026"}], "buttons": [button]}
    said = {
        channel: asyncio.run(
            wording.generate(
                "utter_list", tracker, channel, count=1, items=[], choices=[button], cards=[card]
            )
        )
        for channel in ("web", "wechat")
    }
    worded = {"title": "· C!", "payload": '/a{"b": "c"}'}
    facts = [{"label": "· C!", "value": "2026"}]
    assert said["web"]["custom"] == {"cards": [{"title": "· C!", "facts": facts, "buttons": [worded]}]}
    assert "buttons" not in said["web"]
    assert (said["wechat"]["buttons"], "custom" in said["wechat"]) == ([worded], False)
