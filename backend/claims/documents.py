"""Pictures and PDF files of a claim: handed in by the customer or an agent, ticking off what is needed."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import progress
from backend.claims.catalogue import catalogue
from backend.claims.models import Claim, ClaimDocument, ClaimDraft, ClaimFile, DraftState, Stage
from backend.claims.schemas import missing
from backend.claims.service import DOCUMENTS, POLICY
from backend.claims.transitions import OPEN
from backend.conversations.identity import identity_of
from backend.conversations.models import Contact, InboundMedia, InboundMessage
from backend.core import clock
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.files import StoredFile

STORED = "stored"  # of an inbound medium
VERIFIED = 2


class WhichClaim(Conflict):
    """The document fits several claims, or none: name one."""

    code = "which_claim"


class ClaimDecided(Conflict):
    """Documents are taken until a claim is decided."""

    code = "claim_decided"


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
    check_open(claim)
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
        await name_file(session, claim, file, code, zone)
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


async def name_file(session: AsyncSession, claim: Claim, file: ClaimFile, code: str, zone: ZoneInfo) -> None:
    """Say which document a file of this locked claim is; a claim that has all of them then moves on."""
    document = needed_document(claim, code)
    previous = file.code
    file.code = code
    document.received_at = document.received_at or file.received_at
    await session.flush()
    if previous not in (None, code):
        await untick(session, claim, str(previous))
    await progress.check_complete(session, claim, zone)


def needed_document(claim: Claim, code: str) -> ClaimDocument:
    """Raises `Invalid` when this claim has no such document."""
    for document in claim.documents:
        if document.code == code:
            return document
    raise Invalid("This claim does not ask for such a document.", field="code")


async def untick(session: AsyncSession, claim: Claim, code: str) -> None:
    """A document is missing again when no file of it is left. Needs the claim's documents loaded."""
    left = await session.scalar(
        select(ClaimFile.id)
        .where(ClaimFile.claim_id == claim.id, ClaimFile.code == code, ClaimFile.removed_at.is_(None))
        .limit(1)
    )
    if left is None:
        for document in claim.documents:
            if document.code == code:
                document.received_at = None
    await session.flush()


async def change_needed(
    session: AsyncSession,
    claim: Claim,
    code: str,
    is_required: bool | None,
    is_received: bool | None,
    zone: ZoneInfo,
) -> None:
    """Waive a document of a locked, undecided claim or ask for it; tick it off, or on again. Raises `Invalid`."""
    check_open(claim)
    document = needed_document(claim, code)
    if is_required is not None:
        document.is_required = is_required
    if is_received is not None:
        document.received_at = (document.received_at or clock.now()) if is_received else None
    await session.flush()
    await progress.check_complete(session, claim, zone)


def check_open(claim: Claim) -> None:
    """Raises `ClaimDecided`."""
    if claim.stage not in OPEN:
        raise ClaimDecided("This claim is decided; its documents stay as they are.")


async def file_of_claim(session: AsyncSession, claim: Claim, file_id: int) -> ClaimFile:
    """A file of an undecided claim. Raises `NotFound`, `ClaimDecided`."""
    check_open(claim)
    file = await session.scalar(
        select(ClaimFile).where(
            ClaimFile.id == file_id, ClaimFile.claim_id == claim.id, ClaimFile.removed_at.is_(None)
        )
    )
    if file is None:
        raise NotFound("There is no such file.")
    return file


async def move_to_claim(session: AsyncSession, file: ClaimFile, claim: Claim) -> None:
    """Give a file of a draft, or of another undecided claim, to the locked claim. Raises `ClaimDecided`."""
    check_open(claim)
    if file.claim_id is not None:
        query = select(Claim).options(DOCUMENTS).where(Claim.id == file.claim_id).with_for_update(of=Claim)
        other = (await session.scalars(query)).one()
        check_open(other)
        file.removed_at = clock.now()
        await session.flush()
        if file.code is not None:
            await untick(session, other, file.code)
    file.claim_id, file.draft_id, file.code, file.removed_at = claim.id, None, None, None
    await session.flush()


async def remove_file(session: AsyncSession, claim: Claim, file_id: int) -> ClaimFile:
    """Take a wrong file off an undecided claim; it is kept, but neither shown nor counted. Raises `NotFound`."""
    file = await file_of_claim(session, claim, file_id)
    file.removed_at = clock.now()
    await session.flush()
    if file.code is not None:
        await untick(session, claim, file.code)
    return file
