"""Pictures and PDFs that agents send: stored, queued and recorded in one transaction."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Path, Request
from pydantic import BaseModel, ConfigDict

from backend.claims.uploading import receive_upload
from backend.conversations.outgoing import Attachment
from backend.core import files, live
from backend.core.db import SessionDep
from backend.core.idempotency import KeyHeader, once
from backend.tickets import service
from backend.tickets.api import Writer, agent_id_of

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])
Number = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$", examples=["T2026000012"])]

FILE = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP or PDF, at most 10 MB"}
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": FILE}}
            }
        },
    }
}


class FileQueued(BaseModel):
    """A file on its way; the transcript shows it as `details.media` of its message."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "outbound_id": 42,
                    "state": "queued",
                    "file_name": "分割单.pdf",
                    "content_type": "application/pdf",
                    "size": 81723,
                }
            ]
        }
    )
    outbound_id: int
    state: str
    file_name: str
    content_type: str
    size: int


@router.post(
    "/{number}/files", status_code=201, openapi_extra=FORM, summary="Send the customer a picture or a PDF"
)
async def send_file(
    number: Number,
    request: Request,
    session: SessionDep,
    principal: Writer,
    background: BackgroundTasks,
    key: KeyHeader,
) -> FileQueued:
    """A JPEG, PNG, WebP or PDF of at most 10 MB, told by its content, on the channel the conversation is on.

    A channel that cannot show it sends a link to a page that asks for a proof. Errors: 409 `ticket_not_open` unless
    the ticket is yours, 413 `too_large`, 415 `unsupported_file`.
    """
    agent_id = agent_id_of(principal)
    service.check_own(await service.ticket_by_number(session, number), agent_id)
    received, _ = await receive_upload(request, principal.actor)
    attachment = Attachment(received.stored, received.shown_name)

    async def write() -> dict[str, Any]:
        outbound = await service.reply_to_customer(session, number, agent_id, "", f"file:{key}", attachment)
        queued = {"outbound_id": outbound.id, "state": outbound.state, **outbound.payload["file"]}
        return {"queued": queued, "stored": received.stored.name, "conversation": outbound.conversation_id}

    asked = {"ticket": number.strip().upper(), "sha256": received.stored.sha256}
    done = await once(session, principal.actor, key, asked, write)
    state = request.app.state
    if done["stored"] != received.stored.name:  # it was sent before
        background.add_task(files.remove, state.settings.data_dir, received.stored.name)
    background.add_task(live.wake, state.redis, live.OUTBOX)
    background.add_task(live.announce, state.redis, "interaction", done["conversation"], number)
    return FileQueued(**done["queued"])
