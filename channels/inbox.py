"""The inbox: a conversation's stored messages are answered one at a time, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import redis.asyncio as redis
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.leases import Lease
from backend.core import failpoints, live
from backend.core.db import Database
from channels import turns, waiting
from channels.bot_client import BotAnswer, BotClient, BotFailed, NotAsked
from channels.ready import Ways
from channels.serving import Serving
from channels.typing import Typing


@dataclass(frozen=True)
class Sending:
    """The outbox of this process, to which an answer is handed over."""

    serving: Serving
    ways: Ways


@dataclass(frozen=True)
class Asked:
    """A turn that was begun, and what is to be said, which is being asked for already."""

    turn: turns.Turn
    answer: Awaitable[BotAnswer]


class Inbox:
    """Serves leased conversations by asking the bot."""

    def __init__(
        self,
        database: Database,
        client: redis.Redis,
        bot: BotClient,
        zone: ZoneInfo,
        typing: Typing | None = None,
        sending: Sending | None = None,
    ) -> None:
        self._database, self._client, self._bot, self._zone = database, client, bot, zone
        self._typing, self._sending = typing, sending

    async def take(self, session: AsyncSession, limit: int) -> list[tuple[Lease, *tuple[Asked | None, ...]]]:
        """Lease conversations that are due; one that is due alone is begun in the same transaction."""
        taken = await waiting.take(session, limit)
        if len(taken) != 1:
            return [(held.lease,) for held in taken]
        return [(taken[0].lease, self._ask(await turns.begin_held(session, taken[0])))]

    async def serve(self, lease: Lease, *begun: Asked | None) -> None:
        """Answer this conversation's messages until none is left or the bot fails; no transaction waits for the bot.

        `begun` is what `take` began of it.
        """
        while True:
            if begun:
                (asked,), begun = begun, ()
            else:
                async with self._database.session.begin() as session:
                    asked = self._ask(await turns.begin(session, lease))
            if asked is None:
                await live.announce(self._client, "interaction", lease.conversation_id)
                return
            turn = asked.turn
            if self._typing is not None:
                self._typing.soon(lease.conversation_id, turn.question.channel)
            try:
                said = await asked.answer
            except BotFailed as error:
                await self._fail(lease, turn, str(error), not isinstance(error, NotAsked))
                return
            failpoints.reached("after_bot")
            ways = self._sending.ways if self._sending and self._sending.serving.has_room else None
            try:
                async with self._database.session.begin() as session:
                    answered = await turns.answer(session, lease, turn, said, ways)
            except DBAPIError as error:  # an answer that cannot be stored must not be asked for for ever
                await self._fail(lease, turn, type(error).__name__)
                return
            if self._sending and answered.leaving:
                self._sending.serving.start(*answered.leaving)
            await self._tell(lease, wakes=not answered.leaving)
            if answered.is_last:
                return

    def _ask(self, turn: turns.Turn | None) -> Asked | None:
        """Ask while the transaction that began the turn is written out.

        If that fails, the answer is lost, and the same message gives the same answer when it is asked again.
        """
        if turn is None:
            return None
        answer = asyncio.create_task(self._answer(turn))
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may wait for it
        return Asked(turn, answer)

    async def _answer(self, turn: turns.Turn) -> BotAnswer:
        return turns.canned(turn) if turn.canned else await self._bot.ask(turn.question)

    async def _fail(self, lease: Lease, turn: turns.Turn, error: str, was_asked: bool = True) -> None:
        async with self._database.session.begin() as session:
            ticket = await turns.fail(session, lease, turn, error, self._zone, was_asked)
        await self._tell(lease, ticket)

    async def _tell(self, lease: Lease, ticket: str | None = None, wakes: bool = True) -> None:
        if wakes:
            await live.wake(self._client, live.OUTBOX)
        await live.announce(
            self._client, "ticket" if ticket else "interaction", lease.conversation_id, ticket
        )
