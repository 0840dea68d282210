"""Pictures and PDF files of a claim: handed in by the customer or an agent, ticking off what is needed."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import ticking
from backend.claims.catalogue import catalogue
from backend.claims.models import Claim, ClaimDraft, ClaimFile, DraftState, Stage
from backend.claims.schemas import missing
from backend.claims.service import DOCUMENTS, POLICY
from backend.conversations.identity import identity_of
from backend.conversations.models import Contact, InboundMedia, InboundMessage
from backend.core import clock
from backend.core.errors import Conflict, Invalid
from backend.core.files import StoredFile

STORED = "stored"  # of an inbound medium
VERIFIED = 2


class WhichClaim(Conflict):
    """The document fits several claims, or none: name one."""

    code = "which_claim"


@dataclass(frozen=True)
class Received:
    """A stored file, what it is called where it is shown, and who gave it."""

    stored: StoredFile
    shown_name: str
    received_from: str  # contact:42, agent:3
    media_id: int | None = None


async def hand_in(session: AsyncSession, inbound_id: int, media_id: int) -> None:
    """A stored medium of a customer's message goes to the open draft, else to the one claim that waits for documents.

    Otherwise, and while the contact has not proved who they are, it stays loose with the conversation.
    The same medium again changes nothing.
    """
    media = await session.get_one(InboundMedia, media_id)
    if media.state != STORED or await file_of_media(session, media_id) is not None:
        return
    inbound = await session.get_one(InboundMessage, inbound_id)
    identity = await identity_of(session, await session.get_one(Contact, inbound.contact_id))
    if identity.level < VERIFIED or identity.customer_id is None:
        return
    received = as_received(media, inbound.contact_id)
    draft = await open_draft_of(session, identity.customer_id)
    if draft is not None:
        await add_to_draft(session, draft, received, None)
        return
    waiting = await claims_waiting(session, identity.customer_id)
    if len(waiting) == 1:
        await _add(session, received, None, claim_id=waiting[0].id)


def as_received(media: InboundMedia, contact_id: int) -> Received:
    """A stored medium of this contact's message."""
    stored = StoredFile(
        media.stored_name or "", media.content_type or "", media.size or 0, media.sha256 or ""
    )
    return Received(stored, media.file_name or media.kind, f"contact:{contact_id}", media.id)


async def file_of_media(session: AsyncSession, media_id: int) -> ClaimFile | None:
    """What became of a customer's medium: its place in a draft or claim."""
    return await session.scalar(select(ClaimFile).where(ClaimFile.media_id == media_id))


async def open_draft_of(session: AsyncSession, customer_id: int) -> ClaimDraft | None:
    """The customer's open draft, locked until the transaction ends; None when it expired."""
    query = select(ClaimDraft).where(
        ClaimDraft.customer_id == customer_id,
        ClaimDraft.state == DraftState.OPEN,
        ClaimDraft.expires_at > clock.now(),
    )
    return await session.scalar(query.with_for_update().execution_options(populate_existing=True))


async def claims_waiting(session: AsyncSession, customer_id: int) -> list[Claim]:
    """The customer's claims that wait for documents, newest first, with policy and documents."""
    query = (
        select(Claim)
        .options(POLICY, DOCUMENTS)
        .where(
            Claim.customer_id == customer_id,
            Claim.stage.in_((Stage.REPORTED, Stage.AWAITING_DOCUMENTS)),
        )
        .order_by(Claim.id.desc())
    )
    return [claim for claim in await session.scalars(query) if missing(claim)]


async def add_to_draft(
    session: AsyncSession, draft: ClaimDraft, received: Received, code: str | None
) -> ClaimFile:
    """Keep the file with the draft; it goes on to the claim with it."""
    if code is not None:
        check_code(code)
    return await _add(session, received, code, draft_id=draft.id)


async def put_in_draft(
    session: AsyncSession, draft: ClaimDraft, file: ClaimFile | None, received: Received, code: str | None
) -> None:
    """Name a file that the draft has, or add it."""
    if file is None:
        await add_to_draft(session, draft, received, code)
    elif code is not None:
        check_code(code)
        file.code = code
        await session.flush()


def check_code(code: str) -> None:
    """Raises `Invalid` for what is no kind of document."""
    if code not in catalogue().documents:
        raise Invalid("There is no such kind of document.", field="code")


async def add_to_claim(
    session: AsyncSession, claim: Claim, received: Received, code: str | None, zone: ZoneInfo
) -> ClaimFile:
    """Attach the file to a locked claim (documents loaded); with a code it ticks off that document.

    The same content again is the file that is there. Raises `ClaimDecided`, `Invalid` for an unknown code.
    """
    ticking.check_open(claim)
    known = await session.scalar(
        select(ClaimFile).where(
            ClaimFile.claim_id == claim.id,
            ClaimFile.sha256 == received.stored.sha256,
            ClaimFile.removed_at.is_(None),
        )
    )
    file = known or await _add(session, received, None, claim_id=claim.id)
    file.media_id = file.media_id or received.media_id
    if code is not None:
        await ticking.name_file(session, claim, file, code, zone)
    return file


async def _add(
    session: AsyncSession,
    received: Received,
    code: str | None,
    claim_id: int | None = None,
    draft_id: int | None = None,
) -> ClaimFile:
    file = ClaimFile(
        claim_id=claim_id,
        draft_id=draft_id,
        media_id=received.media_id,
        code=code,
        name=received.stored.name,
        shown_name=received.shown_name,
        content_type=received.stored.content_type,
        size=received.stored.size,
        sha256=received.stored.sha256,
        received_at=clock.now(),
        received_from=received.received_from,
    )
    session.add(file)
    await session.flush()
    return file
