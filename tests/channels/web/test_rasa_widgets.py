"""Existing Rasa widgets, played call by call: botfront's rasa-webchat and Rasa's own chat-widget, and a bare client."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from channels.web.limits import Limits
from tests.channels.web.visits import Chat, Visit, until

STORED = "SELECT text, command, payload FROM inbound_messages ORDER BY contact_id, seq"
LINK = {"title": "条款", "url": "https://insurer.example/terms", "subtitle": "安行家用车险"}


# What the two widgets make of a message, as their published sources decide it.
def webchat_shows(message: dict[str, Any]) -> str:
    """rasa-webchat: by the number of fields; a text that is missing becomes the word "undefined"."""
    message = {**message, "text": str(message.get("text", "undefined"))}
    if list(message) == ["text"]:
        return "text"
    if len(message) == 2 and {"quick_replies", "buttons"} & set(message):
        return "buttons"
    attachment = message.get("attachment", {})
    payload = attachment.get("payload", {})
    if (
        attachment.get("type") == "template"
        and payload.get("template_type") == "generic"
        and payload["elements"]
    ):
        assert all(isinstance(element["buttons"], list) for element in payload["elements"])
        return "carousel"
    return "nothing"


def chat_widget_shows(message: dict[str, Any]) -> str:
    """Rasa's chat-widget: an image, a carousel of its own kind, quick replies, else a text, else an error."""
    assert "type" not in message
    if message.get("attachment", {}).get("type") == "image":
        return "image"
    if message.get("quick_replies"):
        return "quick_replies"
    assert message.get("text"), "it would show an error"
    return "text"


async def uttered(visit: Visit, **payload: Any) -> None:
    """As the widgets do: without asking for an acknowledgement."""
    await visit.client.emit("user_uttered", payload)


async def is_stored(chat: Chat, texts: list[str]) -> None:
    async def are_there() -> bool:
        return [row.text for row in await chat.rows(STORED)] == texts

    await until(are_there)


async def test_rasa_webchat_gets_a_session_says_hello_and_goes_on_after_a_reload(chat: Chat) -> None:
    widget = await chat.visit(None, is_ours=False)  # its storage is empty: session_request {session_id: null}
    session_id = widget.token
    custom = {"language": "en"}
    await uttered(widget, message="/get_started", customData=custom, session_id=session_id)
    await is_stored(chat, [""])
    await uttered(widget, message="my claim", customData=custom, session_id=session_id)
    await is_stored(chat, ["", "my claim"])
    reloaded = await chat.visit(session_id, is_ours=False)
    assert reloaded.token == session_id  # else it would begin anew
    await chat.answer("Under review")
    assert await reloaded.texts(1) == ["Under review"]


async def test_an_opening_payload_is_greeted_and_not_put_into_the_customers_mouth(chat: Chat) -> None:
    widget = await chat.visit(is_ours=False)
    await uttered(widget, message="/get_started", customData={"language": "en"}, session_id=widget.token)
    await is_stored(chat, [""])
    (row,) = await chat.rows("SELECT payload, command FROM inbound_messages")
    assert row.payload == {"opening": "/get_started", "effect": "opened"}
    assert row.command is None
    assert await chat.rows("SELECT language FROM conversations") == [("en",)]
    assert await chat.rows("SELECT given FROM consents") == []


async def test_on_our_page_a_slash_is_what_the_customer_wrote(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("/restart")
    assert (await chat.rows(STORED))[0].text == "/restart"


async def test_a_command_with_entities_stays_words_for_every_widget(chat: Chat) -> None:
    widget = await chat.visit(is_ours=False)
    await uttered(widget, message='/inform{"level": 2}', session_id=widget.token)
    await is_stored(chat, ['/inform{"level": 2}'])
    assert (await chat.rows(STORED))[0].command is None


@pytest.mark.parametrize("name", ["session_id absent", "no payload at all"])
async def test_a_session_request_without_an_id_is_answered(chat: Chat, name: str) -> None:
    widget = await chat.visit(is_ours=False)
    before = widget.token
    if name == "no payload at all":
        await widget.client.emit("session_request")
    else:
        await widget.client.emit("session_request", {})
    await until(lambda: widget.token != before)
    assert (await widget.say("hi"))["ok"]


async def test_rasas_own_chat_widget_names_its_session_itself_and_is_served(chat: Chat) -> None:
    own = str(uuid.uuid4())
    widget = await chat.visit(own, is_ours=False)
    await uttered(widget, message="hello", session_id=own)  # it never reads the id we confirm
    await is_stored(chat, ["hello"])
    await chat.answer("您好")
    assert await widget.texts(1) == ["您好"]


@pytest.mark.parametrize("extra", [
    {"customData": None}, {"customData": {}}, {"metadata": {"page": "/claims"}}, {"metadata": '{"page": "/"}'},
    {"metadata": "not json"}, {"customData": {"language": "en", "nested": {"a": [1]}}},
])  # fmt: skip
async def test_what_widgets_add_does_no_harm(chat: Chat, extra: dict[str, Any]) -> None:
    widget = await chat.visit(is_ours=False)
    assert (await widget.call("user_uttered", {"message": "hi", "session_id": widget.token} | extra))["ok"]


async def test_texts_buttons_and_cards_are_understood_by_both(chat: Chat) -> None:
    widget = await chat.visit(is_ours=False)
    await widget.say("hi")
    await chat.answer("您好")
    await chat.answer("选一个", buttons=[("查保单", "/query_policies"), ("查理赔", "/query_claim")])
    await chat.answer("看这里", payload={"link": LINK})
    await widget.texts(4)
    assert [webchat_shows(message) for message in widget.heard] == ["text", "buttons", "text", "carousel"]
    assert [chat_widget_shows(message) for message in widget.heard] == [
        "text",
        "quick_replies",
        "text",
        "text",
    ]
    assert widget.heard[3]["text"] == "条款 安行家用车险 https://insurer.example/terms"
    (element,) = widget.heard[3]["attachment"]["payload"]["elements"]
    assert element["default_action"] == {"type": "web_url", "url": "https://insurer.example/terms"}


async def test_a_message_with_cards_and_buttons_ends_with_the_buttons(chat: Chat) -> None:
    widget = await chat.visit(is_ours=False)
    await widget.say("hi")
    await chat.answer("还有问题吗？", buttons=[("有", "/yes")], payload={"link": LINK})
    await widget.texts(2)
    assert [webchat_shows(message) for message in widget.heard] == ["carousel", "buttons"]


async def test_the_buttons_of_a_card_come_back_as_their_commands(chat: Chat) -> None:
    widget = await chat.visit(is_ours=False)
    await widget.say("hi")
    cards = [
        {
            "title": "C2026000101",
            "badge": "审核中",
            "facts": [{"label": "报案", "value": "11月2日"}],
            "buttons": 1,
        }
    ]
    buttons = [("全部理赔", "/query_claim"), ("看进度", '/query_claim{"claim_number": "C2026000101"}')]
    await chat.answer("您的理赔", buttons=buttons, payload={"cards": cards})
    await widget.texts(2)
    (element,) = widget.heard[0]["attachment"]["payload"]["elements"]
    assert element["subtitle"] == "审核中 · 报案 11月2日"
    assert [reply["title"] for reply in widget.heard[1]["quick_replies"]] == ["全部理赔"]
    await uttered(widget, message=element["buttons"][0]["payload"], session_id=widget.token)
    await is_stored(chat, ["hi", "看进度"])
    assert (await chat.rows(STORED))[1].command == '/query_claim{"claim_number": "C2026000101"}'


async def test_what_was_sent_to_a_widget_counts_as_delivered_and_comes_once(chat: Chat) -> None:
    widget = await chat.visit(is_ours=False)
    await widget.say("hi")
    await chat.answer("一")
    await chat.answer("二", payload={"link": LINK})

    async def all_delivered() -> bool:
        return {row.state for row in await chat.rows("SELECT state FROM outbound_messages")} == {"delivered"}

    await until(all_delivered)
    again = await chat.visit(widget.token, is_ours=False)
    await again.say("nothing comes twice")
    assert again.heard == []


async def test_a_widget_that_floods_is_told_in_words(chat: Chat) -> None:
    chat.web._limits = Limits(chat.app.state.redis, is_on=True)
    widget = await chat.visit(is_ours=False)
    for _ in range(21):
        await widget.say("你好")
    await until(lambda: any("稍等" in said["text"] for said in widget.heard))


async def test_our_events_are_not_told_to_existing_widgets(chat: Chat) -> None:
    widget = await chat.visit(is_ours=False)
    other = await chat.visit(widget.token, is_ours=False)
    await widget.say("hi")
    await chat.answer("您好")
    await other.texts(1)
    assert set(other.events) <= {"session_confirm", "bot_uttered"}
