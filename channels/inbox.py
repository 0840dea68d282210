"""The inbox: a conversation's stored messages are answered one at a time, in order."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import redis.asyncio as redis
from sqlalchemy.exc import DBAPIError

from backend.conversations.leases import Lease
from backend.core import failpoints, live
from backend.core.db import Database
from channels import turns
from channels.bot_client import BotClient, BotFailed, NotAsked
from channels.typing import Typing


class Inbox:
    """Serves leased conversations by asking the bot."""

    def __init__(
        self,
        database: Database,
        client: redis.Redis,
        bot: BotClient,
        zone: ZoneInfo,
        typing: Typing | None = None,
    ) -> None:
        self._database, self._client, self._bot, self._zone = database, client, bot, zone
        self._typing = typing

    async def serve(self, lease: Lease) -> None:
        """Answer this conversation's messages until none is left or the bot fails; no transaction spans the bot."""
        while True:
            async with self._database.session.begin() as session:
                turn = await turns.begin(session, lease)
            if turn is None:
                await live.announce(self._client, "interaction", lease.conversation_id)
                return
            if self._typing is not None:
                self._typing.soon(lease.conversation_id, turn.question.channel)
            try:
                said = turns.canned(turn) if turn.canned else await self._bot.ask(turn.question)
            except BotFailed as error:
                await self._fail(lease, turn, str(error), not isinstance(error, NotAsked))
                return
            failpoints.reached("after_bot")
            try:
                async with self._database.session.begin() as session:
                    is_more = await turns.answer(session, lease, turn, said)
            except DBAPIError as error:  # an answer that cannot be stored must not be asked for for ever
                await self._fail(lease, turn, type(error).__name__)
                return
            await self._tell(lease)
            if not is_more:
                return

    async def _fail(self, lease: Lease, turn: turns.Turn, error: str, was_asked: bool = True) -> None:
        async with self._database.session.begin() as session:
            ticket = await turns.fail(session, lease, turn, error, self._zone, was_asked)
        await self._tell(lease, ticket)

    async def _tell(self, lease: Lease, ticket: str | None = None) -> None:
        await live.wake(self._client, live.OUTBOX)
        await live.announce(
            self._client, "ticket" if ticket else "interaction", lease.conversation_id, ticket
        )
