"""The addresses for files of the web chat: hand one in, get one's own back, and what an agent sent."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path as FilePath
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import FileResponse
from PIL import Image, ImageOps
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect
from starlette.types import Message

from backend.core.errors import BadRequest
from backend.core.files import LARGEST, TooLarge
from channels.web.uploads import Upload, Uploads

router = APIRouter(tags=["web chat"])
LARGEST_BODY = LARGEST + 64 * 1024  # the file and the fields around it
SMALL = 640  # pixels of a preview's longer side
SANDBOX = "default-src 'none'; sandbox"
FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "message_id": {"type": "string", "maxLength": 100},
                    "session_id": {"type": "string"},
                    "language": {"type": "string", "examples": ["zh-Hans"]},
                },
            }
        }
    },
}


async def read_form(request: Request) -> FormData:
    """The multipart form; raises `TooLarge` as soon as more is announced, or has come, than a file may have."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > LARGEST_BODY:
        raise TooLarge("This file is larger than 10 MB.")
    come = 0

    async def receive_counted() -> Message:
        nonlocal come
        message = await request.receive()
        come += len(message.get("body", b""))
        if come > LARGEST_BODY:
            raise TooLarge("This file is larger than 10 MB.")
        return message

    try:
        return await Request(request.scope, receive_counted).form(max_files=1, max_fields=8)
    except ClientDisconnect as error:
        raise BadRequest("The upload was broken off.") from error


def preview(path: FilePath) -> bytes:
    """A small JPEG of a stored picture, the right way up; blocks."""
    with Image.open(path) as picture:
        picture.draft("RGB", (SMALL, SMALL))
        small = ImageOps.exif_transpose(picture)
        small.thumbnail((SMALL, SMALL))
        written = io.BytesIO()
        small.convert("RGB").save(written, "JPEG", quality=80)
    return written.getvalue()


@router.post(
    "/channels/web/uploads",
    status_code=201,
    response_model=Upload,
    summary="Hand in a picture or a PDF in the web chat",
    description=(
        "The session id that the socket confirmed goes in the header `X-Anda-Session` or the field `session_id`. "
        "The same `message_id` again stores nothing and answers 200. JPEG, PNG, WebP and PDF up to 10 MB. "
        "Errors: 401 no session, 413 `too_large`, 415 `unsupported_file`, 429 with `retry_after`."
    ),
    openapi_extra={"requestBody": FORM},
)
async def hand_in(
    request: Request, response: Response, x_anda_session: Annotated[str | None, Header()] = None
) -> Upload:
    """Store the file and note it as the customer's message; answered after the commit."""
    uploads: Uploads = request.app.state.web_uploads
    sender = uploads.sender_of(x_anda_session) if x_anda_session else None
    form = await read_form(request)
    try:
        upload, is_new = await uploads.take(sender or uploads.sender_of(form.get("session_id")), form)
    finally:
        await form.close()
    response.status_code = 201 if is_new else 200
    return upload


@router.get(
    "/channels/web/uploads/{media_id}",
    response_class=FileResponse,
    summary="A file that this session's person handed in",
    description="Only with the session id in `X-Anda-Session`, and only while that person's verification lasts.",
)
async def show(
    media_id: int,
    request: Request,
    x_anda_session: Annotated[str | None, Header()] = None,
    size: Literal["full", "small"] = "full",
) -> Response:
    """The file itself, or a small JPEG of a picture."""
    uploads: Uploads = request.app.state.web_uploads
    row, path = await uploads.find(uploads.sender_of(x_anda_session), media_id)
    return await _given(path, row.content_type or "", row.file_name or "document", size)


@router.get(
    "/channels/web/files/{outbound_id}",
    response_class=FileResponse,
    summary="A file that was sent to this session's person",
    description="Only with the session id in `X-Anda-Session`, and only while that person's verification lasts.",
)
async def show_sent(
    outbound_id: Annotated[int, Path(ge=1, le=2**62)],
    request: Request,
    x_anda_session: Annotated[str | None, Header()] = None,
    size: Literal["full", "small"] = "full",
) -> Response:
    """The file itself, or a small JPEG of a picture."""
    uploads: Uploads = request.app.state.web_uploads
    row, path = await uploads.find_sent(uploads.sender_of(x_anda_session), outbound_id)
    return await _given(path, row.content_type, row.file_name, size)


async def _given(path: FilePath, content_type: str, name: str, size: str) -> Response:
    headers = {"Content-Security-Policy": SANDBOX, "Cache-Control": "private, no-store"}
    if size == "small" and content_type.startswith("image/"):
        return Response(await asyncio.to_thread(preview, path), media_type="image/jpeg", headers=headers)
    return FileResponse(path, media_type=content_type or None, filename=name, headers=headers)
