"""Drafts of claims under /api/v1: an agent goes on with what a customer began, or begins one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import confirming, documents, drafts
from backend.claims.api import MAY_READ, Writer, detail
from backend.claims.draft_reading import draft_read
from backend.claims.draft_schemas import DraftChange, DraftConfirm, DraftFound, DraftRead
from backend.claims.schemas import AgentClaimRead
from backend.claims.uploading import UPLOAD, receive_upload
from backend.core import audit
from backend.core.db import SessionDep
from backend.core.idempotency import KeyHeader, once
from backend.customers.api import CustomerId
from backend.customers.service import get_customer

router = APIRouter(prefix="/api/v1/customers/{customer_id}/claim-draft", tags=["claims"])
CONSOLE = "console"


async def _found(session: AsyncSession, customer_id: int) -> DraftRead:
    await session.flush()
    return draft_read(await drafts.loaded_draft(session, customer_id))


@router.get("", dependencies=MAY_READ, summary="Read the open draft of a claim")
async def read_draft(customer_id: CustomerId, session: SessionDep) -> DraftFound:
    """What this customer has told so far of a loss, on whatever channel."""
    await get_customer(session, customer_id)
    draft = await drafts.find_draft(session, customer_id)
    return DraftFound(draft=draft_read(draft) if draft else None)


@router.patch("", summary="Go on with the draft of a claim")
async def change_draft(
    customer_id: CustomerId,
    body: DraftChange,
    request: Request,
    session: SessionDep,
    principal: Writer,
    key: KeyHeader,
) -> DraftRead:
    """Sets what is named, null clears; begins a draft when none is open."""
    await get_customer(session, customer_id)

    async def write() -> dict[str, Any]:
        zone = request.app.state.settings.zone
        draft = await drafts.change_draft(session, customer_id, CONSOLE, body, zone)
        fields = sorted(body.model_fields_set - {"version"})
        target = f"claim_draft:{draft.id}"
        await audit.record(session, principal.actor, "claim_draft.changed", target, fields=fields)
        return {}

    asked = {"customer": customer_id} | body.model_dump(mode="json", exclude_unset=True)
    await once(session, f"api:{principal.name}", key, asked, write)
    return await _found(session, customer_id)


@router.post("/confirm", status_code=201, summary="Report the claim from its draft")
async def confirm_draft(
    customer_id: CustomerId,
    body: DraftConfirm,
    request: Request,
    session: SessionDep,
    principal: Writer,
    key: KeyHeader,
) -> AgentClaimRead:
    """The draft becomes a claim, once. 409 `incomplete` names what is missing."""
    await get_customer(session, customer_id)

    async def write() -> dict[str, Any]:
        zone = request.app.state.settings.zone
        claim = await confirming.confirm(session, customer_id, body.version, zone, is_told=True)
        await audit.record(session, principal.actor, "claim.reported", f"claim:{claim.number}")
        return {"number": claim.number}

    asked = {"customer": customer_id, "act": "confirm"} | body.model_dump(mode="json")
    answer = await once(session, f"api:{principal.name}", key, asked, write)
    return await detail(session, request, answer["number"])


@router.post("/files", status_code=201, openapi_extra=UPLOAD, summary="Upload a document to the draft")
async def upload(
    customer_id: CustomerId, request: Request, session: SessionDep, principal: Writer
) -> DraftRead:
    """As for a claim; what is handed in goes on to the claim with the draft."""
    await drafts.loaded_draft(session, customer_id)
    received, code = await receive_upload(request, principal.actor)
    draft = await documents.open_draft_of(session, customer_id)
    if draft is None:
        draft = await drafts.loaded_draft(session, customer_id)  # it was closed meanwhile: says so
    file = await documents.add_to_draft(session, draft, received, code)
    await audit.record(
        session, principal.actor, "claim_draft.file_added", f"claim_draft:{draft.id}", file=file.id
    )
    return await _found(session, customer_id)


@router.delete("", status_code=204, summary="Discard the draft of a claim")
async def discard_draft(
    customer_id: CustomerId,
    session: SessionDep,
    principal: Writer,
    version: Annotated[
        int | None, Query(ge=1, le=2**31, description="Only while it has this version")
    ] = None,
) -> None:
    """Nothing is reported; a customer who goes on begins anew."""
    await get_customer(session, customer_id)
    if await drafts.discard(session, customer_id, version):
        await audit.record(session, principal.actor, "claim_draft.discarded", f"customer:{customer_id}")
