"""The console's socket: who may connect, and what they hear."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import redis.asyncio as redis
import socketio
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.intake import IncomingMessage, receive
from backend.core import clock, live
from backend.core.access import COOKIE, AgentSession, hash_token
from handoff.live import ConsoleSockets
from handoff.presence import Presence, State
from tests.factories import make_agent
from tests.handoff.conftest import Running

PATIENCE = 30


class Page:
    """An open console, as its socket hears it."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False, request_timeout=PATIENCE)
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        for event in ("ticket", "interaction", "typing", "presence"):
            self.client.on(event, self._keep(event), namespace="/console")

    def _keep(self, event: str) -> Callable[[Any], Awaitable[None]]:
        async def keep(data: Any) -> None:
            await self.heard.put((event, data))

        return keep

    async def tell(self, event: str, data: Any) -> None:
        await self.client.emit(event, data, namespace="/console")

    async def next(self) -> tuple[str, Any]:
        async with asyncio.timeout(PATIENCE):
            return await self.heard.get()

    async def hears(self, event: str, **expected: Any) -> Any:
        """Wait for this event with these values; others before it are passed over."""
        while True:
            name, data = await self.next()
            if name == event and all(data.get(key) == value for key, value in expected.items()):
                return data

    async def present(self) -> list[dict[str, Any]]:
        """The next list of agents who are here."""
        while True:
            name, data = await self.next()
            if name == "presence":
                return list(data)

    async def sees(self, *names: str) -> list[dict[str, Any]]:
        """Wait until exactly these agents are here."""
        while True:
            agents = await self.present()
            if [agent["name"] for agent in agents] == list(names):
                return agents


OpenPage = Callable[..., Awaitable[Page]]


async def signed_in(session: AsyncSession, **agent_values: Any) -> str:
    """The cookie of a new agent's session."""
    agent, token, now = await make_agent(session, **agent_values), secrets.token_urlsafe(16), clock.now()
    session.add(
        AgentSession(
            agent_id=agent.id,
            token_hash=hash_token(token),
            created_at=now,
            expires_at=now + timedelta(hours=1),
        )
    )
    await session.commit()
    return token


@pytest.fixture
async def open_page(running: Running) -> AsyncIterator[OpenPage]:
    pages: list[Page] = []

    async def open_page(token: str, **headers: str) -> Page:
        page = Page()
        pages.append(page)
        given = {"Cookie": f"{COOKIE}={token}", "Origin": running.url} | headers
        await page.client.connect(running.url, headers=given, namespaces=["/console"], wait_timeout=PATIENCE)
        return page

    yield open_page
    for page in pages:
        await page.client.disconnect()


async def test_nobody_connects_without_a_session(open_page: OpenPage) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        await open_page("made-up")


async def test_another_site_cannot_use_an_agents_cookie(open_page: OpenPage, session: AsyncSession) -> None:
    token = await signed_in(session)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await open_page(token, Origin="https://evil.example")


async def test_a_changed_ticket_is_told_to_every_page(
    open_page: OpenPage, session: AsyncSession, running: Running
) -> None:
    page = await open_page(await signed_in(session))
    await page.hears("ticket", ticket=None)  # "read everything again": the subscription has just begun
    await live.announce(running.state.redis, "ticket", 7, "T2026000001")
    assert await page.hears("ticket", ticket="T2026000001") == {"ticket": "T2026000001", "conversation": 7}


async def test_a_conversation_is_heard_by_those_who_watch_it(
    open_page: OpenPage, session: AsyncSession, running: Running
) -> None:
    watcher, other = await open_page(await signed_in(session)), await open_page(await signed_in(session))
    for page, conversations in ((watcher, [7]), (other, [7, None])):
        for conversation in conversations:
            await page.tell("watch", {"conversation": conversation})
        # What a page says is heard in order: once its state was told, its watching holds.
        await page.tell("presence", {"state": "away"})
        while [agent["state"] for agent in await page.present()].count("away") < (
            1 if page is watcher else 2
        ):
            pass
    await live.announce(running.state.redis, "interaction", 7)
    await live.announce(running.state.redis, "ticket", 7, "the last")
    assert await watcher.hears("interaction") == {"ticket": None, "conversation": 7}
    passed_over: list[str] = []
    while (event := await other.next())[1] != {"ticket": "the last", "conversation": 7}:
        passed_over.append(event[0])
    assert "interaction" not in passed_over


async def test_a_page_hears_that_a_listed_conversation_moved(
    open_page: OpenPage, session: AsyncSession, running: Running
) -> None:
    page = await open_page(await signed_in(session))
    await page.hears("ticket", ticket=None, conversation=None)
    await page.tell("follow", {"conversations": [5, 7, "8", None]})
    await page.tell("follow", {"conversations": [7]})
    await page.tell("presence", {"state": "away"})
    while (await page.present())[0]["state"] != "away":
        pass
    for conversation in (5, 7):
        await live.announce(running.state.redis, "interaction", conversation)
    assert (await page.hears("ticket"))["conversation"] == 7


async def test_presence_shows_who_is_here_and_how(open_page: OpenPage, session: AsyncSession) -> None:
    first = await open_page(await signed_in(session, name="安"))
    await first.sees("安")
    second = await open_page(await signed_in(session, name="贝"))
    await first.sees("安", "贝")
    await second.tell("presence", {"state": "away"})
    while (await first.sees("安", "贝"))[1]["state"] != State.AWAY:
        pass
    await second.client.disconnect()
    await first.sees("安")


async def test_typing_is_told_to_those_who_watch(open_page: OpenPage, session: AsyncSession) -> None:
    watcher = await open_page(await signed_in(session, name="安"))
    await watcher.tell("watch", {"conversation": 7})
    typist = await open_page(await signed_in(session, name="贝"))
    await watcher.sees("安", "贝")
    await typist.tell("typing", {"conversation": 7})
    heard = await watcher.hears("typing", conversation=7)
    assert (heard["speaker"], heard["agent"]["name"]) == ("agent", "贝")


async def test_what_an_agent_has_before_their_eyes_is_told_as_read(
    open_page: OpenPage, session: AsyncSession, running: Running
) -> None:
    message = IncomingMessage(channel="web", account="web", sender="s", external_id="m-1", text="你好")
    async with running.state.database.session.begin() as storing:
        receipt = await receive(storing, running.state.vault, message)
    pubsub = running.state.redis.pubsub()
    await pubsub.subscribe(live.LIVE)
    page = await open_page(await signed_in(session, name="安"))
    await page.tell("seen", {"conversation": receipt.conversation_id})  # does not watch it: does not count
    await page.tell("watch", {"conversation": receipt.conversation_id})
    for _ in range(2):
        await page.tell("seen", {"conversation": receipt.conversation_id})
    told = []
    while not any(notice["type"] == "read" for notice in told):
        async with asyncio.timeout(PATIENCE):
            notice = await pubsub.get_message(ignore_subscribe_messages=True, timeout=PATIENCE)
        told += [json.loads(notice["data"])] if notice else []
    assert told[-1] == {"type": "read", "conversation": receipt.conversation_id, "seq": 1}
    await pubsub.aclose()


@pytest.mark.parametrize(
    "nonsense", [None, 1, "x", [], {"conversation": "7"}, {"conversation": {}}, {"state": "x"}]
)
async def test_nonsense_from_a_page_breaks_nothing(
    open_page: OpenPage, session: AsyncSession, running: Running, nonsense: Any
) -> None:
    page = await open_page(await signed_in(session))
    for event in ("watch", "follow", "typing", "presence"):
        await page.tell(event, nonsense)
    await running.state.redis.publish(live.LIVE, "not json")
    await running.state.redis.publish(live.LIVE, "[]")
    await page.hears("ticket", ticket=None)
    async with asyncio.timeout(PATIENCE):
        while True:  # the relay subscribes again after a notice it could not read
            await live.announce(running.state.redis, "ticket", 7, "T1")
            name, data = await page.heard.get()
            if name == "ticket" and data["ticket"] == "T1":
                return


async def test_pages_of_an_ended_session_are_closed(
    open_page: OpenPage, session: AsyncSession, running: Running
) -> None:
    token = await signed_in(session)
    ended, living = await open_page(token), await open_page(await signed_in(session))
    ends = (
        update(AgentSession).where(AgentSession.token_hash == hash_token(token)).values(ended_at=clock.now())
    )
    await session.execute(ends)
    await session.commit()
    sockets: ConsoleSockets = running.state.console_sockets
    await sockets.close_ended()
    await asyncio.wait_for(ended.client.wait(), PATIENCE)
    assert living.client.connected


async def test_presence_works_without_redis() -> None:
    client = redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=1)
    presence = Presence(client)
    await presence.arrive(1, "李娜", State.AVAILABLE)
    assert await presence.everyone() == [{"id": 1, "name": "李娜", "state": "available"}]
    await presence.leave(1)
    assert await presence.everyone() == []
    await client.aclose()
