"""Messages that arrive while others are being stored share the next transaction: many cost little more than one."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from backend.conversations import intake
from backend.conversations.intake import IncomingMessage, Receipt

log = logging.getLogger(__name__)
MOST = 64
Waiting = list[tuple[IncomingMessage, "asyncio.Future[Receipt | None]"]]


class Together:
    """One api process's transactions for plain messages, one at a time; `state` has database and vault."""

    def __init__(self, state: Any) -> None:
        self._database, self._vault = state.database, state.vault
        self._waiting: Waiting = []
        self._storing: asyncio.Task[None] | None = None

    async def store(self, message: IncomingMessage) -> Receipt | None:
        """The receipt once `message` is committed; None when it must be stored by itself, for whatever reason."""
        stored: asyncio.Future[Receipt | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, stored))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_all())
        return await stored

    async def _store_all(self) -> None:
        while self._waiting:
            batch = self._next()
            receipts = await self._commit([message for message, _ in batch])
            for (_, stored), receipt in zip(batch, receipts, strict=True):
                if not stored.done():  # whoever waited may have gone
                    stored.set_result(receipt)

    def _next(self) -> Waiting:
        """The first waiting message of each sender; the others follow with the next."""
        batch: Waiting = []
        later: Waiting = []
        senders = set()
        for one in self._waiting:
            sender = (one[0].channel, one[0].account, one[0].sender)
            (later if sender in senders or len(batch) == MOST else batch).append(one)
            senders.add(sender)
        self._waiting = later
        return batch

    async def _commit(self, messages: list[IncomingMessage]) -> list[Receipt | None]:
        try:
            async with self._database.session.begin() as session:
                return await intake.receive_together(session, self._vault, messages)
        except Exception as error:  # one message's trouble must never be another's: alone, each tells its own
            noted = {"messages": len(messages), "error": type(error).__name__}
            is_known = isinstance(error, (SQLAlchemyError, OSError))
            log.error("stored_one_by_one", extra=noted, exc_info=not is_known)
        return [None] * len(messages)


def together_of(state: Any) -> Together:
    """The one of this process."""
    if not hasattr(state, "together"):
        state.together = Together(state)
    together: Together = state.together
    return together
