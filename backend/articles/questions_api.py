"""What customers asked, and trying a question, for the articles' editors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from backend.articles import questions, trial
from backend.articles.content import Language
from backend.articles.questions import Outcome
from backend.articles.schemas import QuestionCount, QuestionPage, QuestionRead, Trial, TrialResult
from backend.core import clock
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.paging import Cursor, Limit, decode_place, encode_cursor

router = APIRouter(prefix="/api/v1/articles", tags=["articles"])
# Questions are parts of conversations.
QuestionReader = Annotated[Principal, Depends(Allowed("interactions:read"))]
Days = Annotated[int, Query(ge=1, le=366, description="So many days back.")]


def _since(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


def _read(row: Any) -> QuestionRead:
    kept = row.KnowledgeQuestion
    found = Outcome.HUMAN if row.ticket else Outcome.ANSWERED
    return QuestionRead(
        id=kept.id,
        asked_at=kept.asked_at,
        question=row.question,
        language=kept.language,
        channel=row.channel,
        outcome=found if kept.is_answered else Outcome.NOTHING,
        product_type=kept.product_type,
        article=kept.topic,
        score=kept.score,
        ticket=row.ticket,
    )


@router.get("/questions", summary="List what customers asked")
async def list_questions(
    session: SessionDep,
    _: QuestionReader,
    outcome: Outcome | None = None,
    language: Language | None = None,
    days: Days = 30,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> QuestionPage:
    """Newest first: questions that found nothing, those a human followed, those that were answered, or all."""
    before = decode_place(cursor)[1:] if cursor else None
    rows = (
        await session.execute(questions.newest(_since(days), outcome, language, before).limit(limit + 1))
    ).all()
    items = [_read(row) for row in rows[:limit]]
    more = len(rows) > limit
    return QuestionPage(
        items=items, next=encode_cursor(items[-1].asked_at.isoformat(), items[-1].id) if more else None
    )


@router.get("/questions/count", summary="Count what customers asked")
async def count_questions(session: SessionDep, _: QuestionReader, days: Days = 30) -> QuestionCount:
    """How many questions found nothing, were followed by a human within half an hour, or were answered."""
    return QuestionCount.model_validate(await questions.count(session, _since(days)))


@router.post(
    "/try",
    summary="Try a question against the index",
    dependencies=[Depends(Allowed("articles:read"), scope="function")],
)
async def try_question(body: Trial, request: Request, session: SessionDep) -> TrialResult:
    """The ten best articles with scores, and the threshold from which on the first is given as the answer."""
    await session.commit()  # who asks has been read; no transaction stays open while another service is asked
    state = request.app.state
    return TrialResult(**await trial.ask(state.http, state.settings, body.model_dump()))
