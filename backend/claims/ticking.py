"""Which document a file is, and what that ticks off; what a claim still needs."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import progress
from backend.claims.models import Claim, ClaimDocument, ClaimFile
from backend.claims.service import DOCUMENTS
from backend.claims.transitions import OPEN
from backend.core import clock
from backend.core.errors import Conflict, Invalid, NotFound


class ClaimDecided(Conflict):
    """Documents are taken until a claim is decided."""

    code = "claim_decided"


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
