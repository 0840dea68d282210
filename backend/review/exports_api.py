"""Training data of labelled messages under /api/v1/review/exports."""

from __future__ import annotations

import logging
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy import select

from backend.core import audit
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit, decode_id, encode_cursor
from backend.review import service
from backend.review.exporting import training_data
from backend.review.models import ReviewExport
from backend.review.schemas import ExportPage, ExportRead

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1/review/exports", tags=["review"])
Reader = Annotated[Principal, Depends(Allowed("review:read"))]
Reviewer = Annotated[Principal, Depends(Allowed("review:write"))]
ExportId = Annotated[int, Path(ge=1, lt=2**63)]
YAML = "application/yaml"
# What the file is once it is read: Rasa's training data.
TRAINING_DATA = {
    "type": "object",
    "required": ["version", "nlu"],
    "properties": {
        "version": {"type": "string"},
        "nlu": {
            "type": ["array", "null"],
            "items": {
                "type": "object",
                "required": ["intent", "metadata", "examples"],
                "properties": {
                    "intent": {"type": "string"},
                    "metadata": {"type": "object", "properties": {"language": {"type": "string"}}},
                    "examples": {"type": "string", "description": "One a line, each after `- `."},
                },
            },
        },
    },
}


def _file(export_id: int) -> str:
    return f"review-{export_id}.yml"


def _folder(request: Request) -> File:
    """Where the bot's training looks for the insurer's own data."""
    return File(request.app.state.settings.data_dir) / "training"


def _shown(made: ReviewExport, folder: File) -> ExportRead:
    name = _file(made.id)
    return ExportRead(
        id=made.id,
        examples=made.examples,
        file=name,
        created_at=made.created_at,
        is_placed=(folder / name).is_file(),
    )


@router.post("", status_code=201, summary="Export what was labelled")
async def export_labelled(
    request: Request, session: SessionDep, principal: Reviewer, key: KeyHeader
) -> ExportRead:
    """Every labelled message that was not exported yet, each once, as a file of Rasa training data.

    It is put into the product's folder of training data, where the next `make train` takes it up; it can be downloaded
    at any time. When nothing is new: 409 `nothing_to_export`."""

    async def write() -> dict[str, Any]:
        made = await service.export(session, principal.agent_id)
        await audit.record(
            session, principal.actor, "review.exported", f"review_export:{made.id}", count=made.examples
        )
        return {"id": made.id}

    export_id: int = (await once(session, f"{principal.actor}:review.export", key, {}, write))["id"]
    made = await session.get_one(ReviewExport, export_id)
    text = training_data(await service.exported(session, export_id))
    # The labels are marked before the file is there: a crash in between leaves a file to download, never a double one.
    await session.commit()
    _place(_folder(request), _file(export_id), text)
    return _shown(made, _folder(request))


def _place(folder: File, name: str, text: str) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / f"{name}.new"
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(folder / name)
    except OSError as error:
        log.warning("export_not_placed", extra={"file": name, "error": type(error).__name__})


@router.get("", summary="List exports")
async def list_exports(
    request: Request, session: SessionDep, _: Reader, limit: Limit = 50, cursor: Cursor = None
) -> ExportPage:
    """Newest first."""
    query = select(ReviewExport)
    if cursor:
        query = query.where(ReviewExport.id < decode_id(cursor))
    found = list(await session.scalars(query.order_by(ReviewExport.id.desc()).limit(limit + 1)))
    page = found[:limit]
    following = encode_cursor(page[-1].id) if len(found) > limit else None
    return ExportPage(items=[_shown(made, _folder(request)) for made in page], next=following)


@router.get(
    "/{export_id}/file",
    summary="Download an export",
    response_class=Response,
    responses={200: {"content": {YAML: {"schema": TRAINING_DATA}}}},
)
async def download_export(export_id: ExportId, session: SessionDep, principal: Reader) -> Response:
    """The file of Rasa training data. What was erased since is not in it any more."""
    text = training_data(await service.exported(session, export_id))
    await audit.record(session, principal.actor, "review.downloaded", f"review_export:{export_id}")
    headers = {"Content-Disposition": f'attachment; filename="{_file(export_id)}"'}
    return Response(text, media_type=f"{YAML}; charset=utf-8", headers=headers)
