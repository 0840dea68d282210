"""What the worker does for the desk: routing, the standards' clocks, the customers' place in the queue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import cast

import redis.asyncio as redis
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import identity_of
from backend.conversations.models import Contact, Conversation, Mode
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import business, clock, live
from backend.core.db import Database
from backend.core.jobs import Job
from backend.core.language import Language
from backend.core.texts import say
from backend.tickets import bot_tasks, routing, service, standards
from backend.tickets.models import LIVE_KINDS, Ticket, TicketStatus
from handoff.presence import Presence, State


class Desk:
    """The jobs, each a transaction of its own and then the announcements."""

    def __init__(self, database: Database, client: redis.Redis) -> None:
        self._database, self._client = database, client
        self._presence = Presence(client)

    async def route(self) -> None:
        """Let waiting tickets ring; give back what nobody answers. Without Redis nobody knows who is here."""
        try:
            await self._client.ping()
        except RedisError:
            return
        here = [one["id"] for one in await self._presence.everyone() if one["state"] == State.AVAILABLE]
        async with self._database.session.begin() as session:
            changed = await routing.give_back_unanswered(session, here)
            changed += await routing.offer_waiting(session, here)
        await self._announce(changed)

    async def keep_standards(self) -> None:
        """Warn and escalate; end the bot's steps that nobody finished."""
        async with self._database.session.begin() as session:
            changed = await standards.check(session)
            for task in await bot_tasks.expired(session):
                conversation = await service.locked_conversation(session, task.conversation_id)
                await bot_tasks.end(session, conversation, task, "expired")
                changed.append(await session.get_one(Ticket, task.ticket_id))
        await self._announce(changed)

    async def tell_places(self) -> None:
        """Tell those who wait for a person when their place in the queue changed."""
        async with self._database.session.begin() as session:
            told = await _tell_places(session)
        if told:
            await live.wake(self._client, live.OUTBOX)

    async def _announce(self, tickets: Iterable[Ticket]) -> None:
        for ticket in tickets:
            await live.announce(self._client, "ticket", ticket.conversation_id, ticket.number)


async def _tell_places(session: AsyncSession) -> int:
    every = (await business.setting(session, "routing"))["queue_updates"]
    waiting = await session.scalars(
        select(Ticket)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(
            Ticket.status == TicketStatus.QUEUED,
            Ticket.kind.in_(LIVE_KINDS),
            Ticket.channel.in_(every),
            Conversation.mode == Mode.HUMAN,
        )
    )
    told = 0
    for ticket in waiting:
        since = ticket.told_at or ticket.opened_at
        if clock.now() - since < timedelta(seconds=every[ticket.channel]):
            continue
        place = await service.queue_position(session, ticket)
        if place is None or place == ticket.told_position:
            continue
        ticket.told_position, ticket.told_at = place, clock.now()
        await _say_place(session, ticket, place)
        told += 1
    return told


async def _say_place(session: AsyncSession, ticket: Ticket, place: int) -> None:
    conversation = await service.locked_conversation(session, ticket.conversation_id)
    contact = await session.get_one(Contact, ticket.contact_id)
    language = cast(Language, ticket.language)
    text = say("queue_next", language) if place == 1 else say("queue_place", language, ahead=str(place - 1))
    key = f"queue:{ticket.number}:{ticket.told_at}"
    reply = Reply(text=text, speaker="system", key=key, ticket_id=ticket.id)
    await queue_reply(session, conversation, contact, await identity_of(session, contact), reply)


def make_jobs(database: Database, client: redis.Redis) -> list[Job]:
    """Routing every two seconds, standards every fifteen, places in the queue every twenty."""
    desk = Desk(database, client)
    return [
        Job("routing", timedelta(seconds=2), desk.route),
        Job("standards", timedelta(seconds=15), desk.keep_standards),
        Job("queue-places", timedelta(seconds=20), desk.tell_places),
    ]
