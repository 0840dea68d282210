"""What a customer hands in through the chat, for the bot (docs/contracts.md): of its own conversation only."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import disputes, documents, files_of, service
from backend.claims.draft_reading import needed_for, still_needed
from backend.claims.draft_schemas import NeededDocument
from backend.claims.models import Claim, ClaimDraft, ClaimFile
from backend.claims.schemas import DisputeRead
from backend.claims.words import plain
from backend.claims.work_schemas import DisputeCreate, Name
from backend.conversations.caller import Caller, CallerDep
from backend.conversations.models import InboundMedia, InboundMessage
from backend.core.db import SessionDep
from backend.core.errors import NotFound
from backend.core.idempotency import KeyHeader, once
from backend.core.numbers import tidy_number
from backend.policies.models import ProductType
from backend.policies.refusal import refuse

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])
VERIFIED = 2
DocumentId = Annotated[int, Path(ge=1, le=2**62, description="As the message with the file names it")]


class AttachedTo(BaseModel):
    kind: str = Field(examples=["claim"], description="`draft` or `claim`")
    number: str | None = Field(description="Of the claim; null for a draft")


class Candidate(BaseModel):
    """A claim that waits for documents."""

    number: str
    product_type: ProductType


class DocumentState(BaseModel):
    """What became of a file of the chat."""

    id: str
    state: str = Field(examples=["stored"], description="`pending`, `stored`, `rejected` or `lost`")
    reason: str | None = Field(examples=["unsupported_file"])
    attached_to: AttachedTo | None
    code: str | None = Field(description="Which document it is, once somebody said so")
    candidates: list[Candidate] = Field(description="Where it could go; empty until the identity is proved")
    still_missing: list[NeededDocument] = Field(description="Of the draft or claim that it belongs to")
    name: str | None = Field(default=None, description="As the customer's device names it, if it does")
    number_today: int = Field(
        default=1, description="Its place among the files that this contact sent on its day"
    )
    sent_today: int = Field(default=1, description="How many those are by now")


class Attach(BaseModel):
    """Where a file belongs and which document it is; the open draft or the one waiting claim unless named."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"code": "invoice"}]})
    claim_number: Name | None = None
    code: Name | None = None


async def _own_media(session: AsyncSession, caller: Caller, media_id: int) -> InboundMedia:
    media = await session.scalar(
        select(InboundMedia)
        .join(InboundMessage, InboundMessage.id == InboundMedia.inbound_id)
        .where(InboundMedia.id == media_id, InboundMessage.contact_id == caller.contact_id)
    )
    if media is None:
        raise NotFound("There is no such document.")
    return media


async def _of_the_day(session: AsyncSession, media: InboundMedia, zone: ZoneInfo) -> tuple[int, int]:
    """Which of the contact's files of its day this is, and how many there are."""
    inbound = await session.get_one(InboundMessage, media.inbound_id)
    begin = datetime.combine(inbound.received_at.astimezone(zone).date(), time(), zone)
    counts = (
        select(func.count().filter(InboundMedia.id <= media.id), func.count())
        .join(InboundMessage, InboundMessage.id == InboundMedia.inbound_id)
        .where(
            InboundMessage.contact_id == inbound.contact_id,
            InboundMessage.received_at >= begin,
            InboundMessage.received_at < begin + timedelta(days=1),
            InboundMedia.kind != "voice",
        )
    )
    number, sent = (await session.execute(counts)).one()
    return number, sent


async def _state(session: AsyncSession, caller: Caller, media: InboundMedia, zone: ZoneInfo) -> DocumentState:
    is_verified = caller.level >= VERIFIED and caller.customer_id is not None
    file = await documents.file_of_media(session, media.id) if is_verified else None
    attached, missing = await _place(session, caller, file)
    waiting = await documents.claims_waiting(session, caller.customer_at(VERIFIED)) if is_verified else []
    number, sent = await _of_the_day(session, media, zone)
    return DocumentState(
        id=str(media.id),
        state=media.state,
        reason=media.reason,
        attached_to=attached,
        code=file.code if file and attached else None,
        candidates=[
            Candidate(number=claim.number, product_type=ProductType(claim.policy.product.type))
            for claim in waiting
        ],
        still_missing=missing,
        name=media.file_name,
        number_today=number,
        sent_today=sent,
    )


async def _place(
    session: AsyncSession, caller: Caller, file: ClaimFile | None
) -> tuple[AttachedTo | None, list[NeededDocument]]:
    if file is None or file.removed_at is not None:
        return None, []
    if file.claim_id is not None:
        query = select(Claim).options(service.DOCUMENTS).where(Claim.id == file.claim_id)
        claim = (await session.scalars(query.execution_options(populate_existing=True))).one()
        if claim.customer_id != caller.customer_id:
            return None, []
        return AttachedTo(kind="claim", number=claim.number), still_needed(claim.documents)
    draft = await session.get_one(ClaimDraft, file.draft_id)
    if draft.customer_id != caller.customer_id:
        return None, []
    files = select(ClaimFile.code).where(ClaimFile.draft_id == draft.id, ClaimFile.removed_at.is_(None))
    here = set(await session.scalars(files))
    return AttachedTo(kind="draft", number=None), [
        one for one in needed_for(draft.type) if one.code not in here
    ]


@bot_router.get("/documents/{document_id}", summary="What became of a file")
async def read_document(
    document_id: DocumentId, caller: CallerDep, session: SessionDep, request: Request
) -> DocumentState:
    """Of the caller's own conversation; where it is attached is told at level 2 only."""
    media = await _own_media(session, caller, document_id)
    return await _state(session, caller, media, request.app.state.settings.zone)


@bot_router.post(
    "/documents/{document_id}/attach", response_model=DocumentState, summary="Say where a file belongs"
)
async def attach_document(
    document_id: DocumentId,
    body: Attach,
    caller: CallerDep,
    session: SessionDep,
    request: Request,
    key: KeyHeader,
) -> DocumentState | JSONResponse:
    """To the named claim, or where it lies already, the open draft, the one claim that waits; 409 `which_claim`
    when that is not clear. With `code` it ticks off that document."""
    customer_id = caller.customer_at(VERIFIED)
    media = await _own_media(session, caller, document_id)
    if body.claim_number is not None:
        claim = await service.find_claim(session, body.claim_number)
        if claim is None or claim.customer_id != customer_id:
            return await refuse(session, caller, "claim", body.claim_number, exists=claim is not None)

    async def write() -> dict[str, Any]:
        zone = request.app.state.settings.zone
        await files_of.attach_for_customer(session, customer_id, media, body.claim_number, body.code, zone)
        return (await _state(session, caller, media, zone)).model_dump(mode="json")

    asked = {"document": document_id} | body.model_dump(mode="json")
    return DocumentState(**await once(session, f"contact:{caller.contact_id}", key, asked, write))


@bot_router.post("/claims/{number}/disputes", response_model=DisputeRead, summary="Dispute a decision")
async def dispute_claim(
    number: Annotated[str, Path(max_length=100)],
    body: DisputeCreate,
    caller: CallerDep,
    session: SessionDep,
    request: Request,
    key: KeyHeader,
) -> DisputeRead | JSONResponse:
    """The customer does not accept the decision: a ticket, answered within five working days. 409 `not_decided`,
    `dispute_open`."""
    customer_id = caller.customer_at(VERIFIED)
    found = await service.find_claim(session, number)
    if found is None or found.customer_id != customer_id:
        return await refuse(session, caller, "claim", number, exists=found is not None)

    async def write() -> dict[str, Any]:
        claim = await service.locked_claim(session, found.number)
        raised_by, zone = f"contact:{caller.contact_id}", request.app.state.settings.zone
        dispute = await disputes.raise_dispute(
            session, claim, plain(body.reason) or "", raised_by, caller.conversation_id, zone
        )
        return DisputeRead.model_validate(dispute, from_attributes=True).model_dump(mode="json")

    asked = {"claim": tidy_number(number, "C")} | body.model_dump(mode="json")
    return DisputeRead(**await once(session, f"contact:{caller.contact_id}", key, asked, write))
