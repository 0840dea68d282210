"""A suggested reply for the agent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.core.db import SessionDep
from backend.tickets import service, suggesting
from backend.tickets.api import Reader
from backend.tickets.schemas import Accept

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])
Number = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$", examples=["T2026000012"])]


class SuggestionSource(BaseModel):
    """The article that the words are from."""

    article: str
    title: str
    language: str


class SuggestionRead(BaseModel):
    """A draft in the customer's language where the article has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "text": "犹豫期自您签收保单次日起 15 天。",
                    "source": {"article": "cooling-off", "title": "犹豫期", "language": "zh"},
                    "confidence": 0.93,
                }
            ]
        }
    )
    text: str
    source: SuggestionSource
    confidence: float = Field(ge=0, le=1, description="How likely the passage answers")


@router.post(
    "/{number}/suggestion",
    summary="Suggest a reply",
    response_model=None,
    responses={
        200: {"model": SuggestionRead},
        204: {"description": "No article answers what the customer said last"},
    },
)
async def suggest_reply(
    number: Number, _: Accept, session: SessionDep, principal: Reader, request: Request
) -> SuggestionRead | Response:
    """What the articles say to the customer's last messages, for the agent to change and send; nothing is sent.

    503 `unavailable` when the knowledge service does not answer.
    """
    asked = await suggesting.asked(session, await service.ticket_by_number(session, number))
    await session.commit()  # no transaction stays open while another service is asked
    state = request.app.state
    found = await suggesting.suggest(state.http, state.settings, asked)
    if found is None:
        return Response(status_code=204)
    source = SuggestionSource(article=found.article, title=found.title, language=found.language)
    return SuggestionRead(text=found.text, source=source, confidence=found.confidence)
