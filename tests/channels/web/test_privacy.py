"""Who may see what was said: the present person; and what holds when Redis is away or somebody floods us."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.conversations.models import Binding
from backend.core import clock, live
from channels.web.limits import Limits
from channels.web.page import origin_check
from tests.channels.web.visits import Chat, Visit, until


async def texts(visit: Visit) -> list[str]:
    return [item["text"] for item in (await visit.call("history"))["items"]]


async def test_the_present_person_sees_the_way_to_the_binding_and_since(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("before")
    await chat.bind()
    await visit.say("after")
    assert await texts(visit) == ["before", "after"]


async def test_after_a_binding_ended_nothing_of_before_is_shown(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("before")
    await chat.bind()
    await visit.say("bound")
    await chat.answer("your claim", notify=False)
    await chat.unbind()
    await visit.say("next person")
    assert await texts(visit) == ["next person"]
    back = await chat.visit(visit.token)
    assert await texts(back) == ["next person"]
    assert back.heard == []


async def test_a_binding_that_ran_out_hides_as_one_that_was_ended(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("bound")
    await chat.bind()
    async with chat.app.state.database.session.begin() as session:
        binding = (await session.scalars(select(Binding))).one()
        binding.expires_at = clock.now()
    await chat.answer("late answer to the one before", notify=False)
    async with chat.app.state.database.session.begin() as session:
        binding = (await session.scalars(select(Binding))).one()
        binding.expires_at = clock.now()
    await visit.say("next person")
    assert await texts(visit) == ["next person"]


async def test_a_renewed_binding_keeps_the_history(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("bound")
    await chat.bind()
    await chat.bind()
    assert await texts(visit) == ["bound"]


async def test_without_redis_nothing_is_lost(chat: Chat) -> None:
    working = chat.app.state.redis
    chat.app.state.redis = chat.web._visitors._client = live.connect("redis://127.0.0.1:1/0")
    visit = await chat.visit()
    assert (await visit.say("still here"))["ok"]
    await chat.answer("so are we")
    assert await visit.texts(1) == ["so are we"]
    await visit.acknowledge()
    assert await chat.rows("SELECT state FROM outbound_messages") == [("delivered",)]
    await chat.app.state.redis.aclose()
    chat.app.state.redis = chat.web._visitors._client = working


async def test_who_floods_is_asked_to_wait_and_others_are_served(chat: Chat) -> None:
    chat.web._limits = Limits(chat.app.state.redis, is_on=True)
    visit, other = await chat.visit(), await chat.visit()
    answers = [await visit.say("x") for _ in range(21)]
    assert (answers[-1]["ok"], answers[-1]["error"]) == (False, "too_many")
    assert 1 <= answers[-1]["retry_after"] <= 60
    assert all(answer["ok"] for answer in answers[:20])
    assert (await other.say("x"))["ok"]


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [(None, True), ("https://insurer.example", True), ("https://evil.example", False), ("null", False)],
)
async def test_sockets_open_from_our_page_and_listed_sites_only(
    chat: Chat, origin: str | None, is_allowed: bool
) -> None:
    check = origin_check(chat.app.state.settings)
    assert check(origin, {"HTTP_HOST": "chat.example"}) is is_allowed
    assert check("https://chat.example", {"HTTP_HOST": "chat.example"})


async def test_a_page_left_open_is_cleared_when_the_verification_ends(chat: Chat) -> None:
    visit, other = await chat.visit(), await chat.visit()
    await visit.say("mine")
    await chat.bind()
    await chat.web._visitors.expire()  # as the sweep does every few seconds
    assert "session_expired" not in visit.events
    await chat.unbind()
    await chat.web._visitors.expire()
    await until(lambda: "session_expired" in visit.events)
    visit.events.clear()
    await chat.web._visitors.expire()
    assert "session_expired" not in visit.events + other.events


async def test_a_session_in_use_goes_on_and_one_that_nobody_came_back_to_is_over(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("mine")
    with time_machine.travel(clock.now() + timedelta(days=29), tick=True):
        renewed = await chat.visit(visit.token)
        assert renewed.token != visit.token
        assert [item["text"] for item in (await renewed.call("history"))["items"]] == ["mine"]
        widget = await chat.visit(visit.token, is_ours=False)
        assert widget.token == visit.token  # an existing widget takes another id for another session
    with time_machine.travel(clock.now() + timedelta(days=31), tick=True):
        late = await chat.visit(visit.token)
        assert (await late.call("history"))["items"] == []
        again = await chat.visit(renewed.token)
        assert [item["text"] for item in (await again.call("history"))["items"]] == ["mine"]
