"""A customer who talks with a bot that answers as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import redis.asyncio as redis
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.models import InboundMessage
from backend.core import live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from backend.review.collecting import collect
from backend.review.models import ReviewItem
from channels.bot_client import BotAnswer, Question
from channels.inbox import Inbox
from tests.factories import customer_says
from tests.hiring import hire

__all__ = ["hire"]
Talk = Callable[..., Awaitable[int]]
Look = Callable[[], Awaitable[dict[str, ReviewItem]]]


class ScriptedBot:
    """Understands a message as the test says."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = {}

    async def ask(self, question: Question) -> BotAnswer:
        return BotAnswer.model_validate({"replies": [{"text": "好的"}], "confidence": 0.95} | self.answer)


@pytest.fixture
async def talk(
    database: Database, settings: Settings, session: AsyncSession, vault: Vault
) -> AsyncIterator[Talk]:
    """One turn: what is said, and what the bot makes of it; gives the message's id."""
    client: redis.Redis = live.connect(settings.redis_url)
    bot = ScriptedBot()
    inbox = Inbox(database, client, bot, settings.zone)  # type: ignore[arg-type]

    async def turn(
        text: str, intent: str, confidence: float = 0.95, *, by: str = "+12125550142", **more: Any
    ) -> int:
        command = more.pop("command", None)
        bot.answer = {"intent": intent, "confidence": confidence} | more
        said = await customer_says(session, vault, text, sender=by)
        if command:
            pressed = update(InboundMessage).where(InboundMessage.id == said.inbound_id)
            await session.execute(pressed.values(command=command))
            await session.commit()
        async with database.session.begin() as own:
            taken = await leases.take(own, "inbox", 100)
        for lease in taken:
            await inbox.serve(lease)
        return said.inbound_id

    yield turn
    await client.aclose()


@pytest.fixture
def look(database: Database, session: AsyncSession) -> Look:
    """Lets the worker's job look twice, and gives the items by their text."""

    async def at_the_list() -> dict[str, ReviewItem]:
        for _ in range(2):
            async with database.session.begin() as own:
                await collect(own)
        session.expire_all()
        items = await session.scalars(select(ReviewItem).order_by(ReviewItem.id))
        return {item.text: item for item in items}

    return at_the_list
