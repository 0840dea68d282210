"""Documents of a claim under /api/v1: upload, name, waive, remove; and the files themselves."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, BackgroundTasks, Depends, Path, Request
from fastapi.responses import FileResponse

from backend.claims import documents, files_of, service, ticking
from backend.claims.api import MAY_READ, Number, Writer, detail
from backend.claims.schemas import AgentClaimRead
from backend.claims.uploading import UPLOAD, receive_upload
from backend.claims.work_schemas import DocumentChange, FileChange, MediaAttach
from backend.core import audit, files
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep

router = APIRouter(prefix="/api/v1", tags=["claims"])
Reader = Annotated[Principal, Depends(Allowed("claims:read"))]
FileId = Annotated[int, Path(ge=1, le=2**62)]
Code = Annotated[str, Path(max_length=100, examples=["invoice"])]
# A picture may be shown in the console; nothing in a file may run, whatever opens it.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@router.post(
    "/claims/{claim_number}/files", status_code=201, openapi_extra=UPLOAD, summary="Upload a document"
)
async def upload(
    claim_number: Number,
    request: Request,
    session: SessionDep,
    principal: Writer,
    background: BackgroundTasks,
) -> AgentClaimRead:
    """A picture (JPEG, PNG, WebP) or PDF of at most 10 MB, told by its content. With a `code` it ticks off that
    document. The same content again is the same file."""
    ticking.check_open(await service.get_claim(session, claim_number))
    received, code = await receive_upload(request, principal.actor)
    claim = await service.locked_claim(session, claim_number)
    zone = request.app.state.settings.zone
    file = await documents.add_to_claim(session, claim, received, code, zone)
    if file.name != received.stored.name:  # the same content was there
        background.add_task(files.remove, request.app.state.settings.data_dir, received.stored.name)
    await audit.record(
        session, principal.actor, "claim.file_added", f"claim:{claim.number}", file=file.id, code=code
    )
    return await detail(session, request, claim_number)


@router.post("/claims/{claim_number}/files/from-message", summary="Take a file from the chat")
async def attach_media(
    claim_number: Number, body: MediaAttach, request: Request, session: SessionDep, principal: Writer
) -> AgentClaimRead:
    """Attach what the claim's customer sent in a conversation; 404 for anybody else's."""
    claim = await service.locked_claim(session, claim_number)
    zone = request.app.state.settings.zone
    file = await files_of.attach_for_agent(session, claim, body.media_id, body.code, zone)
    await audit.record(
        session, principal.actor, "claim.file_added", f"claim:{claim.number}", file=file.id, code=body.code
    )
    return await detail(session, request, claim_number)


@router.patch("/claims/{claim_number}/files/{file_id}", summary="Say which document a file is")
async def name_file(
    claim_number: Number,
    file_id: FileId,
    body: FileChange,
    request: Request,
    session: SessionDep,
    principal: Writer,
) -> AgentClaimRead:
    """Ticks that document off; a claim that has all its documents moves on to review."""
    claim = await service.locked_claim(session, claim_number)
    file = await ticking.file_of_claim(session, claim, file_id)
    await ticking.name_file(session, claim, file, body.code, request.app.state.settings.zone)
    await audit.record(
        session, principal.actor, "claim.file_named", f"claim:{claim.number}", file=file.id, code=body.code
    )
    return await detail(session, request, claim_number)


@router.delete("/claims/{claim_number}/files/{file_id}", summary="Take a file off a claim")
async def remove_file(
    claim_number: Number, file_id: FileId, request: Request, session: SessionDep, principal: Writer
) -> AgentClaimRead:
    """For what was uploaded by mistake; the document it stood for is missing again."""
    claim = await service.locked_claim(session, claim_number)
    await ticking.remove_file(session, claim, file_id)
    await audit.record(session, principal.actor, "claim.file_removed", f"claim:{claim.number}", file=file_id)
    return await detail(session, request, claim_number)


@router.patch("/claims/{claim_number}/documents/{code}", summary="Waive or tick off a document")
async def change_document(
    claim_number: Number,
    code: Code,
    body: DocumentChange,
    request: Request,
    session: SessionDep,
    principal: Writer,
) -> AgentClaimRead:
    """Whether this claim needs the document, or whether it is here without a file (on paper)."""
    claim = await service.locked_claim(session, claim_number)
    zone = request.app.state.settings.zone
    await ticking.change_needed(session, claim, code, body.is_required, body.is_received, zone)
    changes = body.model_dump(exclude_none=True)
    await audit.record(
        session, principal.actor, "claim.document_changed", f"claim:{claim.number}", code=code, **changes
    )
    return await detail(session, request, claim_number)


@router.get(
    "/files/{name}",
    dependencies=MAY_READ,
    response_class=FileResponse,
    summary="Fetch a file",
    responses={
        200: {
            "description": "The picture or PDF",
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in files.CONTENT_TYPES
            },
        }
    },
)
async def serve_file(
    name: Annotated[str, Path(max_length=100)], request: Request, session: SessionDep, principal: Reader
) -> FileResponse:
    """A file of a claim, a draft or a conversation, to those who may read claims; each reading is audited."""
    shown = await files_of.find(session, name, principal)
    path = files.path_of(request.app.state.settings.data_dir, name)
    await audit.record(session, principal.actor, "file.read", shown.target)
    # PDF viewers do not run in a sandbox: such a file is downloaded.
    how = "attachment" if shown.content_type == files.PDF else "inline"
    return FileResponse(
        path,
        media_type=shown.content_type,
        headers={
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(shown.name, safe='')}",
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
