"""The bot tells what it looked up and what came of it (docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.dialects.postgresql import insert

from backend.articles.content import TOPIC, ProductType
from backend.articles.models import KnowledgeQuestion
from backend.conversations.bot_api import IdempotencyKeyHeader
from backend.conversations.caller import CallerDep
from backend.core import clock
from backend.core.db import SessionDep

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])


class QuestionAsked(BaseModel):
    """What the search said about the message; its text is the stored message's own and is not sent again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"is_answered": True, "article": "grace-period", "score": 0.93, "product_type": "life"}
            ]
        }
    )
    is_answered: bool
    article: Annotated[str, Field(pattern=TOPIC, max_length=200)] | None = Field(
        default=None, description="The one that was given, or came nearest."
    )
    score: float | None = Field(default=None, ge=0, le=1)
    product_type: ProductType | None = None


class QuestionKept(BaseModel):
    is_new: bool


@bot_router.post("/knowledge-questions", summary="Record what a question found")
async def keep_question(
    body: QuestionAsked, caller: CallerDep, session: SessionDep, key: IdempotencyKeyHeader
) -> QuestionKept:
    """Level 0. One record a message: the same message again changes nothing, whatever the key."""
    row = {
        "inbound_id": caller.message_id,
        "conversation_id": caller.conversation_id,
        "language": "en" if caller.language == "en" else "zh",
        "product_type": body.product_type,
        "is_answered": body.is_answered,
        "topic": body.article,
        "score": body.score,
        "asked_at": clock.now(),
    }
    made = await session.execute(
        insert(KnowledgeQuestion)
        .values(row)
        .on_conflict_do_nothing(index_elements=[KnowledgeQuestion.inbound_id])
        .returning(KnowledgeQuestion.id)
    )
    return QuestionKept(is_new=made.scalar() is not None)
