"""Rasa's Socket.IO protocol against a real server: nothing lost, doubled or told to somebody else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from backend.conversations.delivery import read_by_agent
from backend.conversations.models import Mode
from backend.core import business
from tests.channels.web.visits import Chat, until

STORED = "SELECT text, external_id, seq FROM inbound_messages ORDER BY contact_id, seq"


async def test_a_message_is_stored_before_it_is_acknowledged(chat: Chat) -> None:
    visit = await chat.visit()
    assert await visit.say("查保单", "m-1") == {"ok": True, "message_id": "m-1", "seq": 1}
    assert await chat.rows(STORED) == [("查保单", "m-1", 1)]


async def test_a_repeated_message_is_stored_once(chat: Chat) -> None:
    visit = await chat.visit()
    answers = await asyncio.gather(*(visit.say("hello", "m-1") for _ in range(5)))
    assert [answer["seq"] for answer in answers] == [1] * 5
    assert len(await chat.rows(STORED)) == 1


async def test_messages_of_one_socket_keep_their_order(chat: Chat) -> None:
    visit = await chat.visit()
    await asyncio.gather(*(visit.say(str(number), f"m-{number}") for number in range(30)))
    assert [row.text for row in await chat.rows(STORED)] == [str(number) for number in range(30)]


@pytest.mark.parametrize("token", [None, "", "forged", "a.b", "ä.ö", {"a": 1}, 7, "x" * 5000])
async def test_a_session_id_that_is_not_ours_gets_a_fresh_one(chat: Chat, token: Any) -> None:
    visit = await chat.visit(token)
    assert visit.token
    assert visit.token != token


async def test_a_signed_session_id_is_kept_and_stored_as_a_hash_only(chat: Chat) -> None:
    first = await chat.visit()
    await first.say("hi")
    again = await chat.visit(first.token)
    assert again.token == first.token
    await again.say("me again")
    (contact,) = await chat.rows("SELECT external_id FROM contacts")
    assert first.token.partition(".")[0] not in contact.external_id


async def test_the_socket_and_not_the_field_says_whose_message_it_is(chat: Chat) -> None:
    victim, other = await chat.visit(), await chat.visit()
    await victim.say("mine")
    await other.call("user_uttered", {"message": "as them", "session_id": victim.token})
    assert len(await chat.rows("SELECT id FROM contacts")) == 2


@pytest.mark.parametrize(
    "payload",
    [None, "text", [], {}, {"message": None}, {"message": 1}, {"message": "x", "customData": "x"},
     {"message": "x", "customData": {"message_id": 5}}, {"message": "x", "customData": {"message_id": "a\u0000"}}],
)  # fmt: skip
async def test_a_malformed_message_is_refused_and_not_stored(chat: Chat, payload: Any) -> None:
    visit = await chat.visit()
    assert await visit.call("user_uttered", payload) == {"ok": False, "error": "invalid"}
    assert await chat.rows(STORED) == []


async def test_a_message_before_a_session_is_refused(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.call("forget")
    visitor = next(iter(chat.web._visitors._by_sid.values()))
    visitor.sender = None
    assert await visit.say("x") == {"ok": False, "error": "no_session"}


async def test_a_very_long_message_is_stored_and_one_over_a_megabyte_refused(chat: Chat) -> None:
    visit = await chat.visit()
    assert (await visit.say("长" * 100_000, "long"))["ok"]
    assert await visit.say("长" * 400_000, "huge") == {"ok": False, "error": "too_large"}
    assert [row.external_id for row in await chat.rows(STORED)] == ["long"]


async def test_half_a_surrogate_pair_does_no_harm(chat: Chat) -> None:
    visit = await chat.visit()
    assert (await visit.say("a\ud83db"))["ok"]


async def test_the_answer_reaches_every_tab_once_and_is_delivered_when_acknowledged(chat: Chat) -> None:
    one = await chat.visit()
    await one.say("hi")
    two = await chat.visit(one.token)
    number = await chat.answer("您好", agent_id=None)
    assert await one.texts(1) == await two.texts(1) == ["您好"]
    assert one.heard[0]["message_id"] == str(number)
    await one.acknowledge()
    assert await chat.rows("SELECT state FROM outbound_messages") == [("delivered",)]
    await one.acknowledge(seen=True)
    assert await chat.rows("SELECT state FROM outbound_messages") == [("read",)]
    await chat.web._visitors.deliver()
    assert len(one.heard) == len(two.heard) == 1


async def test_without_notices_the_sweep_delivers(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("hi")
    for number in range(3):
        await chat.answer(str(number), notify=False)
    assert await visit.texts(3) == ["0", "1", "2"]


async def test_what_was_said_meanwhile_comes_on_reconnect_in_order(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("hi")
    await visit.client.disconnect()
    for number in range(3):
        await chat.answer(str(number))
    back = await chat.visit(visit.token)
    assert await back.texts(3) == ["0", "1", "2"]


async def test_an_acknowledgement_before_the_worker_committed_is_not_lost(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("hi")
    number = await chat.answer("early")
    await visit.texts(1)
    async with chat.app.state.database.session.begin() as session:
        await session.execute(text("UPDATE outbound_messages SET state = 'sending', platform_id = NULL"))
    await visit.acknowledge()
    assert await chat.rows("SELECT state FROM outbound_messages") == [("sending",)]
    async with chat.app.state.database.session.begin() as session:
        await session.execute(text(f"UPDATE outbound_messages SET state = 'sent', platform_id = '{number}'"))

    async def is_delivered() -> bool:
        return await chat.rows("SELECT state FROM outbound_messages") == [("delivered",)]

    await until(is_delivered)


async def test_nobody_acknowledges_the_messages_of_others(chat: Chat) -> None:
    visit, stranger = await chat.visit(), await chat.visit()
    await visit.say("hi")
    number = await chat.answer("yours")
    await stranger.call("received", {"ids": [str(number)]})
    assert await chat.rows("SELECT state FROM outbound_messages") == [("sent",)]


async def test_a_button_comes_back_as_its_command(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("hi")
    await chat.answer("选一个", buttons=[("查保单", "/query_policies")])
    await visit.texts(1)
    await visit.say(visit.heard[0]["quick_replies"][0]["payload"])
    rows = await chat.rows("SELECT text, command FROM inbound_messages ORDER BY seq")
    assert rows[1] == ("查保单", "/query_policies")


async def test_history_shows_both_sides_and_hides_numbers(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("身份证 11010519491231002X", "m-1")
    await chat.answer("收到", speaker="agent")
    items = (await visit.call("history"))["items"]
    assert [(item["direction"], item["speaker"]) for item in items] == [("in", "customer"), ("out", "agent")]
    assert items[0]["message_id"] == "m-1"
    assert "11010519491231002X" not in items[0]["text"]


async def test_other_tabs_hear_that_something_was_said(chat: Chat) -> None:
    one = await chat.visit()
    two = await chat.visit(one.token)
    await one.say("hi")
    await until(lambda: "changed" in two.events and "bot_typing" in one.events)
    assert "changed" not in one.events


async def test_the_bot_is_not_said_to_type_while_a_person_answers(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("hi")
    await until(lambda: "bot_typing" in visit.events)
    async with chat.app.state.database.session.begin() as session:
        await session.execute(text(f"UPDATE conversations SET mode = '{Mode.HUMAN}'"))
    visit.events.clear()
    tab = await chat.visit(visit.token)
    await visit.say("still there?")
    await until(lambda: "changed" in tab.events)
    assert "bot_typing" not in visit.events


async def test_forgetting_gives_the_next_person_a_fresh_session(chat: Chat) -> None:
    visit = await chat.visit()
    other_tab = await chat.visit(visit.token)
    old = visit.token
    await visit.say("my secret")
    assert (await visit.call("forget"))["ok"]
    await until(lambda: visit.token != old and "session_ended" in other_tab.events)
    assert (await visit.call("history"))["items"] == []
    await chat.answer("for the one who left")
    await chat.web._visitors.deliver()
    assert visit.heard == other_tab.heard == []


async def test_an_agents_typing_reaches_the_customer(chat: Chat) -> None:
    visit, other = await chat.visit(), await chat.visit()
    await visit.say("hi")
    await visit.call("history")
    visit.events.clear()
    (row,) = await chat.rows("SELECT id FROM conversations")
    await chat.app.state.redis.publish(
        "anda:live", f'{{"type": "typing", "conversation": {row.id}, "speaker": "agent"}}'
    )
    await until(lambda: "bot_typing" in visit.events)
    assert "bot_typing" not in other.events


async def test_a_customers_typing_reaches_the_consoles(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("hi")
    pubsub = chat.app.state.redis.pubsub()
    await pubsub.subscribe("anda:live")
    await pubsub.get_message(timeout=5)
    await visit.client.emit("typing")
    message = await pubsub.get_message(timeout=5)
    assert '"typing"' in message["data"]
    await pubsub.aclose()


async def test_the_customer_learns_that_a_person_read_the_message(chat: Chat) -> None:
    visit, other = await chat.visit(), await chat.visit()
    await visit.say("one")
    await visit.say("two")
    (item, _) = (await visit.call("history"))["items"]
    assert (item["state"], item["seq"]) == ("sent", 1)
    (row,) = await chat.rows("SELECT id FROM conversations")
    async with chat.app.state.database.session.begin() as session:
        assert await read_by_agent(session, row.id) == 2
        assert await read_by_agent(session, row.id) is None
    await chat.app.state.redis.publish("anda:live", f'{{"type": "read", "conversation": {row.id}, "seq": 2}}')
    await until(lambda: "read" in visit.events)
    assert "read" not in other.events
    await visit.say("three")
    assert [item["state"] for item in (await visit.call("history"))["items"]] == ["read", "read", "sent"]


async def test_a_reloaded_page_knows_that_the_bot_is_answering(chat: Chat) -> None:
    visit = await chat.visit()
    assert not (await visit.call("history"))["is_answering"]
    await visit.say("hi")
    assert (await visit.call("history"))["is_answering"]
    await chat.answer("done")
    assert not (await visit.call("history"))["is_answering"]


async def test_a_page_that_reports_every_key_tells_consoles_once_a_second(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("hi")
    pubsub = chat.app.state.redis.pubsub()
    await pubsub.subscribe("anda:live")
    await pubsub.get_message(timeout=5)
    for _ in range(20):
        await visit.client.emit("typing")
    await visit.call("history")  # all were heard
    heard = []
    while message := await pubsub.get_message(ignore_subscribe_messages=True, timeout=0.3):
        heard.append(message)
    assert len(heard) == 1
    await pubsub.aclose()


async def test_cards_are_told_as_rasas_template_with_what_our_page_adds(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("hi")
    facts = [{"label": "报案", "value": "11月2日"}]
    await chat.answer(
        "您的理赔",
        payload={"cards": [{"title": "C2026000101", "kind": "claim", "facts": facts, "buttons": 0}]},
    )
    await visit.texts(1)
    attachment = visit.heard[0]["attachment"]
    assert (attachment["type"], attachment["payload"]["template_type"]) == ("template", "generic")
    assert attachment["payload"]["elements"] == [
        {"title": "C2026000101", "kind": "claim", "facts": facts, "buttons": []}
    ]
    again = await chat.visit(visit.token)
    items = (await again.call("history"))["items"]
    assert items[1]["attachment"] == attachment


async def test_when_too_much_waits_a_message_is_refused_with_when_to_say_it_again(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(business.DEFAULTS, "overload", {"posts_at_once": 100, "waiting_messages": 1})
    visit = await chat.visit()
    widget = await chat.visit(is_ours=False)
    await visit.say("one")
    chat.app.state.pace._counted_at = float("-inf")
    answer = await visit.say("two")
    assert (answer["ok"], answer["error"]) == (False, "unavailable")
    assert answer["retry_after"] > 0
    await widget.say("三")
    await until(lambda: any("稍等" in said["text"] for said in widget.heard))
    assert [row.text for row in await chat.rows(STORED)] == ["one"]
