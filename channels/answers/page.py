"""The page behind a link in a short message: one answer from the articles, and the way to the chat."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from typing import cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from backend.conversations.models import Interaction
from backend.core.db import SessionDep
from backend.core.language import Language, localise
from backend.core.texts import say
from channels.answers import links

STATIC = Path(__file__).with_name("static")
FOLDERS = {"answers": STATIC}
PAGE = Path(__file__).with_name("page.html")
HEADERS = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}

router = APIRouter(include_in_schema=False)


@router.get("/a/{token}")
async def read_answer(token: str, session: SessionDep, request: Request) -> Response:
    """The answer that the link names; 404, with the way to the chat, when it is none of ours or has expired."""
    outbound_id = links.read_token(request.app.state.vault, token)
    entry = None
    if outbound_id is not None:
        entry = await session.scalar(select(Interaction).where(Interaction.outbound_id == outbound_id))
    if entry is None or not links.is_open(entry):
        preferred = request.headers.get("accept-language", "")
        language: Language = "en" if preferred.lower().startswith("en") else "zh-Hans"
        return _page(language, say("answer_gone", language), "", 404)
    language = cast(Language, entry.language)
    note = say("answer_note", language, days=links.DAYS)
    return _page(language, localise(entry.text, language), note, 200)


def _page(language: Language, text: str, note: str, status: int) -> HTMLResponse:
    values = {
        "language": language,
        "title": say("answer_title", language),
        "text": text,
        "note": note,
        "chat": say("answer_chat", language),
    }
    page = Template(PAGE.read_text(encoding="utf-8"))
    filled = page.substitute({name: escape(value) for name, value in values.items()})
    return HTMLResponse(filled, status, headers=HEADERS)
