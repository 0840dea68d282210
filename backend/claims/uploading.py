"""One uploaded file of a multipart request, within our limits."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from backend.claims.documents import Received
from backend.claims.words import shown_name
from backend.core import files
from backend.core.errors import BadRequest, Invalid

FRAME = 64 * 1024  # boundaries, headers and small fields around the file

# For `openapi_extra`: the form is read by hand, so that its size is known before a byte of it is.
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "JPEG, PNG, WebP or PDF, at most 10 MB",
                        },
                        "code": {
                            "type": "string",
                            "maxLength": 100,
                            "description": "Which document it is",
                            "examples": ["invoice"],
                        },
                    },
                }
            }
        },
    }
}


async def receive_upload(request: Request, received_from: str) -> tuple[Received, str | None]:
    """The stored file and the `code` that came with it.

    Raises `TooLarge`, `UnsupportedFile`, `Invalid` without a file, `BadRequest` for what is no form.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise BadRequest("Send the length of the upload.")
    if int(length) > files.LARGEST + FRAME:
        raise files.TooLarge("This file is larger than 10 MB.")
    try:
        async with request.form(max_files=1, max_fields=4, max_part_size=FRAME) as form:
            file, code = form.get("file"), form.get("code")
            if not isinstance(file, UploadFile):
                raise Invalid("Send one file in the field `file`.", field="file")
            if code is not None and not (isinstance(code, str) and len(code) <= 100):
                raise Invalid("This is no kind of document.", field="code")
            data = await file.read()
            name = shown_name(file.filename)
    except (MultiPartException, HTTPException) as error:
        raise BadRequest("This is not a form with a file.") from error
    folder = request.app.state.settings.data_dir
    stored = await asyncio.to_thread(files.keep, folder, data)
    return Received(stored, name, received_from), (code or None) if isinstance(code, str) else None
