"""The page behind a link to a file: its name, one question, and the file."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from typing import cast
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from backend.core import files
from backend.core.db import SessionDep
from backend.core.errors import BadRequest, TooLarge
from backend.core.language import Language
from backend.core.texts import say
from channels.answers import file_links, links
from channels.answers.file_links import SentFile
from channels.answers.page import HEADERS

PAGE = Path(__file__).with_name("file.html")
GONE = Path(__file__).with_name("page.html")
LONGEST_FORM = 200
# Nothing in a file may run, whatever opens it.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

router = APIRouter(include_in_schema=False)


@router.get("/f/{token}")
async def ask(token: str, session: SessionDep, request: Request) -> Response:
    """What the file is, and the question that opens it; 404 for what is none of ours, expired or another's."""
    sent = await file_links.find(session, request.app.state.vault, token)
    if sent is None:
        return _gone(request)
    if await file_links.is_locked_now(session, sent):
        return _page(sent, "file_locked", 429)
    return _page(sent)


@router.post("/f/{token}")
async def open_file(token: str, session: SessionDep, request: Request) -> Response:
    """The file, when the characters are right."""
    vault = request.app.state.vault
    sent = await file_links.find(session, vault, token)
    if sent is None:
        return _gone(request)
    if await file_links.is_locked_now(session, sent):
        return _page(sent, "file_locked", 429)
    if not await file_links.proves(session, vault, sent, await _typed(request)):
        return _page(sent, "file_wrong", 403)
    path = files.path_of(request.app.state.settings.data_dir, sent.file.stored_name)
    how = "attachment" if sent.file.content_type == files.PDF else "inline"
    shown = f"{how}; filename*=UTF-8''{quote(sent.file.file_name, safe='')}"
    headers = HEADERS | {"Content-Disposition": shown, "Content-Security-Policy": SANDBOX}
    return FileResponse(path, media_type=sent.file.content_type, headers=headers)


async def _typed(request: Request) -> str:
    """The form's one field, of a body that is as small as ours."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise BadRequest("Send the form of this page.")
    if int(length) > LONGEST_FORM:
        raise TooLarge("Send the form of this page.")
    fields = parse_qs((await request.body()).decode("utf-8", "replace"))
    return fields.get("last4", [""])[0]


def _page(sent: SentFile, wrong: str | None = None, status: int = 200) -> HTMLResponse:
    language = cast(Language, sent.entry.language)
    values = {
        "language": language,
        "title": say("file_title", language),
        "name": sent.file.file_name,
        "wrong": say(wrong, language) if wrong else "",
        "ask": say("file_ask", language),
        "open": say("file_open", language),
        "note": say("file_note", language, days=links.DAYS),
        "chat": say("answer_chat", language),
        "needs": "needed" if sent.owner else "not-needed",
    }
    page = Template(PAGE.read_text(encoding="utf-8"))
    filled = page.substitute({name: escape(value) for name, value in values.items()})
    return HTMLResponse(filled, status, headers=HEADERS)


def _gone(request: Request) -> HTMLResponse:
    preferred = request.headers.get("accept-language", "")
    language: Language = "en" if preferred.lower().startswith("en") else "zh-Hans"
    values = {
        "language": language,
        "title": say("file_title", language),
        "text": say("file_gone", language),
        "note": "",
        "chat": say("answer_chat", language),
    }
    page = Template(GONE.read_text(encoding="utf-8"))
    return HTMLResponse(page.substitute({n: escape(v) for n, v in values.items()}), 404, headers=HEADERS)
