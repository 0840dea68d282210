"""Imports under /api/v1: upload a table, watch it, cancel it, read its result and the rows it did not take."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from backend.claims.words import shown_name
from backend.core import audit
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import BadRequest, Invalid, TooLarge
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit
from backend.imports import columns, rejections, sealed_file, service
from backend.imports.models import ImportKind, ImportMode, ImportRun, ImportState

router = APIRouter(prefix="/api/v1/imports", tags=["imports"])
Importing = Annotated[Principal, Depends(Allowed("imports:write"))]
RunId = Annotated[int, Path(ge=1, le=2**62)]
Language = Annotated[Literal["zh", "en"], Query(description="Of the texts in the file")]
LARGEST = 200 * 1024 * 1024
FRAME = 64 * 1024
PIECE = 1024 * 1024
CSV = "text/csv; charset=utf-8"
TABLE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
Choice = TypeVar("Choice", ImportKind, ImportMode)


class ImportRead(BaseModel):
    """One import: how far it is, and what became of the rows that are committed."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    kind: ImportKind
    mode: ImportMode
    state: ImportState
    source: str = Field(examples=["core"], description="The system that customer numbers belong to")
    file_name: str
    started_by: str
    rows_read: int = Field(description="The header counts as row 1, as in a spreadsheet")
    added: int
    changed: int
    unchanged: int
    rejected: int
    percent: int
    error: str | None = Field(examples=["unknown_column: 备注"], description="Why the file could not be read")
    error_text: dict[str, str] | None = Field(description="The same for people, `zh` and `en`")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportPage(BaseModel):
    items: list[ImportRead]
    next: str | None = Field(description="`cursor` of the next page; null on the last")


UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "kind"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "CSV (UTF-8 or GB18030) or Excel (.xlsx), at most 200 MB",
                        },
                        "kind": {"type": "string", "enum": list(ImportKind)},
                        "mode": {"type": "string", "enum": list(ImportMode), "default": "all_or_nothing"},
                        "source": {"type": "string", "maxLength": 50, "default": "core"},
                    },
                }
            }
        },
    }
}


def _read(run: ImportRun) -> ImportRead:
    shown = {name: getattr(run, name) for name in ImportRead.model_fields if hasattr(run, name)}
    return ImportRead(**shown, error_text=_error_text(run.error))


def _error_text(error: str | None) -> dict[str, str] | None:
    if error is None:
        return None
    code, _, about = error.partition(": ")
    texts = rejections.texts()
    return {language: f"{texts[language].get(code, code)} {about}".strip() for language in ("zh", "en")}


@router.post("", status_code=201, openapi_extra=UPLOAD, summary="Import a table")
async def begin_import(
    request: Request, session: SessionDep, principal: Importing, key: KeyHeader
) -> ImportRead:
    """Upload a table of customers, policies or claims. Every row is checked; `all_or_nothing` loads it only when all
    rows are good, `keep_good` loads the good ones. Importing the same table again changes nothing."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise BadRequest("Send the length of the upload.")
    if int(length) > LARGEST + FRAME:
        raise TooLarge("This file is larger than 200 MB.")
    settings, vault = request.app.state.settings, request.app.state.vault
    try:
        async with request.form(max_files=1, max_fields=6, max_part_size=FRAME) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid("Send one file in the field `file`.", field="file")
            kind = _chosen(ImportKind, form.get("kind"), "kind")
            mode = _chosen(ImportMode, form.get("mode") or "all_or_nothing", "mode")
            source = _source(form.get("source") or "core")
            name = shown_name(file.filename)
            pieces = _pieces(file)
            stored = await asyncio.to_thread(sealed_file.seal_file, settings.data_dir, vault, pieces)
            size = file.size or 0
    except (MultiPartException, HTTPException) as error:
        raise BadRequest("This is not a form with a file.") from error

    async def write() -> dict[str, Any]:
        run = await service.begin(session, kind, mode, source, name, stored, principal.actor)
        return {"id": run.id}

    asked = {"kind": kind, "mode": mode, "source": source, "name": name, "size": size}
    answer = await once(session, f"api:{principal.name}", key, asked, write)
    run = await service.get_run(session, answer["id"])
    if run.stored_name != stored:  # a retry: the first upload stands
        await asyncio.to_thread(sealed_file.remove, settings.data_dir, stored)
    return _read(run)


def _pieces(file: UploadFile) -> Iterator[bytes]:
    while piece := file.file.read(PIECE):
        yield piece


def _chosen(choices: type[Choice], value: object, field: str) -> Choice:
    try:
        return choices(str(value))
    except ValueError as error:
        raise Invalid(f"Choose one of {', '.join(choices)}.", field=field) from error


def _source(value: object) -> str:
    if not isinstance(value, str) or not value.replace("-", "").replace("_", "").isalnum() or len(value) > 50:
        raise Invalid("A source is a short name of letters and digits.", field="source")
    return value


@router.get("", summary="List imports")
async def list_imports(
    session: SessionDep,
    _: Importing,
    kind: ImportKind | None = None,
    state: ImportState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ImportPage:
    """Newest first."""
    runs, after = await service.list_runs(session, kind, state, cursor, limit)
    return ImportPage(items=[_read(run) for run in runs], next=after)


@router.get("/template", summary="A table to fill in", response_class=Response, responses=TABLE)
async def read_template(_: Importing, kind: ImportKind, language: Language = "zh") -> Response:
    """The header of this kind of table and one invented row."""
    headers = {"Content-Disposition": f'attachment; filename="{kind}-{language}.csv"'}
    return Response(columns.template(kind, language), media_type=CSV, headers=headers)


@router.get("/{run_id}", summary="Read an import")
async def read_import(run_id: RunId, session: SessionDep, _: Importing) -> ImportRead:
    """How far it is, and its result."""
    return _read(await service.get_run(session, run_id))


@router.post("/{run_id}/cancel", summary="Cancel an import")
async def cancel_import(run_id: RunId, session: SessionDep, principal: Importing) -> ImportRead:
    """It stops after the rows it is at: `all_or_nothing` then loads nothing, `keep_good` keeps what it has loaded."""
    return _read(await service.cancel(session, run_id, principal.actor))


@router.get(
    "/{run_id}/report",
    summary="The rows that were not taken",
    response_class=StreamingResponse,
    responses=TABLE,
)
async def read_report(
    run_id: RunId, request: Request, session: SessionDep, principal: Importing, language: Language = "zh"
) -> StreamingResponse:
    """A CSV with each rejected row, its number in the file and what is wrong with it; identity numbers are masked."""
    await service.get_run(session, run_id)
    await audit.record(session, principal.actor, "import.report_read", f"import:{run_id}")
    state = request.app.state
    lines = service.report(state.database, state.vault, run_id, language)
    headers = {"Content-Disposition": f'attachment; filename="import-{run_id}-rejected.csv"'}
    return StreamingResponse(lines, media_type=CSV, headers=headers)
