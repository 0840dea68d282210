"""A bot that answers as told, and an inbox that is served until nothing is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.models import OutboundMessage
from backend.core.db import Database
from channels.bot_client import BotAnswer, BotFailed, NotAsked, Question
from channels.inbox import Inbox


class FakeBot:
    """Answers with what it was asked, or as told."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.failing: str | None = None
        self.replies: Callable[[Question], list[dict[str, Any]]] = lambda q: [{"text": f"echo {q.text}"}]

    async def ask(self, question: Question) -> BotAnswer:
        self.asked.append(question)
        if self.failing:
            raise NotAsked(self.failing) if self.failing == "not asked" else BotFailed(self.failing)
        return BotAnswer.model_validate(
            {"replies": self.replies(question), "intent": "greet", "confidence": 0.9, "active_form": None}
        )

    async def close(self) -> None:
        pass


async def serve_all(inbox: Inbox, database: Database) -> None:
    async with database.session.begin() as session:
        taken = await leases.take(session, "inbox", 100)
    await asyncio.gather(*(inbox.serve(lease) for lease in taken))


async def outbound(session: AsyncSession) -> list[OutboundMessage]:
    return list(await session.scalars(select(OutboundMessage).order_by(OutboundMessage.id)))
