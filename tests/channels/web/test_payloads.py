"""What clients may send: anything; what is made of it: an utterance or a named refusal."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.crypto import Vault
from channels.bot_client import BotReply
from channels.web.payloads import LONGEST_MESSAGE, Refused, parse_received, parse_utterance
from channels.web.said import Said, for_widget
from channels.web.tokens import Tokens

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)
LIKELY = st.fixed_dictionaries({}, optional={"message": JSON, "session_id": JSON, "customData": JSON})


@given(JSON | LIKELY)
def test_anything_is_an_utterance_or_refused(data: Any) -> None:
    try:
        said = parse_utterance(data)
    except Refused as refused:
        assert refused.code in ("invalid", "too_large")  # noqa: PT017
    else:
        said.text.encode()  # no half of a surrogate pair is left
        assert 1 <= len(said.message_id) <= 100


@given(st.text())
def test_a_text_arrives_as_it_was_written(text: str) -> None:
    assert parse_utterance({"message": text}).text == text


@pytest.mark.parametrize("surplus", [0, 1])
def test_a_megabyte_is_the_limit(surplus: int) -> None:
    data = {"message": "a" * (LONGEST_MESSAGE + surplus)}
    if surplus:
        with pytest.raises(Refused, match="too_large"):
            parse_utterance(data)
    else:
        assert len(parse_utterance(data).text) == LONGEST_MESSAGE


def test_a_command_typed_by_hand_stays_text() -> None:
    assert parse_utterance({"message": '/inform{"level": 2}'}).choice is None


@given(JSON | st.fixed_dictionaries({"ids": JSON, "seen": JSON}))
def test_acknowledged_ids_are_numbers_or_refused(data: Any) -> None:
    try:
        ids, _ = parse_received(data)
    except Refused:
        return
    assert all(isinstance(number, int) and number >= 0 for number in ids)


def test_a_message_of_text_alone_has_one_field_for_existing_widgets() -> None:
    said = Said(id="1", direction="out", text="hi", at=datetime(2026, 11, 22, tzinfo=UTC))
    assert for_widget(said) == [{"text": "hi"}]


def test_the_buttons_of_the_bots_cards_follow_the_replys_own() -> None:
    card = {
        "title": "C2026000101",
        "kind": "claim",
        "buttons": [{"title": "看进度", "payload": "/query_claim"}],
    }
    buttons = [{"title": "全部", "payload": "/all"}]
    reply = BotReply.model_validate({"text": "您的理赔", "buttons": buttons, "cards": [card]})
    assert [button.title for button in reply.offered] == ["全部", "看进度"]
    assert reply.payload == {"cards": [{"title": "C2026000101", "kind": "claim", "facts": [], "buttons": 1}]}
    assert BotReply(text="hi").payload == {}


def tokens(key: bytes) -> Tokens:
    return Tokens(Vault(f"k:{base64.b64encode(key * 32).decode()}"))


def test_tokens_of_other_keys_and_changed_ones_are_nobodys() -> None:
    ours = tokens(b"a")
    token = ours.issue()
    assert ours.sender_of(token) == ours.sender_of(token) is not None
    assert tokens(b"b").sender_of(token) is None
    assert ours.sender_of("x" + token) is None
    assert ours.sender_of(token[:-1]) is None
    assert ours.sender_of(ours.issue()) != ours.sender_of(token)


@given(JSON)
def test_no_foreign_value_is_a_session(value: Any) -> None:
    assert tokens(b"a").sender_of(value) is None
