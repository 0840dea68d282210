"""Whose a file is, and who may see it; files from conversations on their way to a claim."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import documents, ticking
from backend.claims.models import Claim, ClaimFile
from backend.claims.service import locked_claim
from backend.conversations.models import InboundMedia, InboundMessage, Interaction, OutboundFile
from backend.core.access import Principal
from backend.core.errors import Conflict, Forbidden, NotFound


class NotStored(Conflict):
    """The file has not arrived, or was not taken; `state` says which."""

    code = "not_stored"


@dataclass(frozen=True)
class Shown:
    """What a reader of the file is told, and how the audit log names it."""

    name: str
    content_type: str
    target: str


async def find(session: AsyncSession, name: str, principal: Principal) -> Shown:
    """The file with this handle. Raises `NotFound`, and `Forbidden` for chats without the right to read them."""
    file = await session.scalar(select(ClaimFile).where(ClaimFile.name == name))
    if file is not None:
        return Shown(file.shown_name, file.content_type, f"claim_file:{file.id}")
    sent = await session.scalar(select(OutboundFile).where(OutboundFile.stored_name == name))
    media = await session.scalar(select(InboundMedia).where(InboundMedia.stored_name == name))
    if sent is None and media is None:
        raise NotFound("There is no such file.")
    if "interactions:read" not in principal.scopes:
        raise Forbidden("This needs the right interactions:read.")
    if sent is not None:
        return Shown(sent.file_name, sent.content_type, f"outbound_file:{sent.outbound_id}")
    assert media is not None
    shown = media.file_name or media.kind
    return Shown(shown, media.content_type or "application/octet-stream", f"inbound_media:{media.id}")


async def attach_for_agent(
    session: AsyncSession, claim: Claim, media_id: int, code: str | None, zone: ZoneInfo
) -> ClaimFile:
    """A stored medium of the claim's own customer, attached to the locked claim. Raises `NotFound`."""
    media = await session.get(InboundMedia, media_id)
    if media is None or media.state != documents.STORED:
        raise NotFound("There is no such file.")
    owners = select(Interaction.customer_id).where(
        Interaction.inbound_id == media.inbound_id, Interaction.direction == "inbound"
    )
    if claim.customer_id not in set(await session.scalars(owners)):
        raise NotFound("There is no such file.")
    return await attach(session, claim, media, code, zone)


async def attach(
    session: AsyncSession, claim: Claim, media: InboundMedia, code: str | None, zone: ZoneInfo
) -> ClaimFile:
    """The medium as a file of the locked claim, taken over from a draft or another undecided claim if it was there."""
    inbound = await session.get_one(InboundMessage, media.inbound_id)
    file = await documents.file_of_media(session, media.id)
    if file is not None and file.claim_id != claim.id:
        await ticking.move_to_claim(session, file, claim)
    if file is None:
        received = documents.as_received(media, inbound.contact_id)
        return await documents.add_to_claim(session, claim, received, code, zone)
    if code is not None:
        await ticking.name_file(session, claim, file, code, zone)
    return file


async def attach_for_customer(
    session: AsyncSession,
    customer_id: int,
    media: InboundMedia,
    claim_number: str | None,
    code: str | None,
    zone: ZoneInfo,
) -> None:
    """Put a customer's own medium where they say: a named claim of theirs, else where it lies, else the open draft,
    else the one claim that waits. Raises `WhichClaim`, `NotStored`, `Invalid`, `ClaimDecided`."""
    if media.state != documents.STORED:
        raise NotStored("This file is not here.", state=media.state)
    file = await documents.file_of_media(session, media.id)
    draft = await documents.open_draft_of(session, customer_id)
    if claim_number is None and draft is not None and (file is None or file.draft_id == draft.id):
        inbound = await session.get_one(InboundMessage, media.inbound_id)
        received = documents.as_received(media, inbound.contact_id)
        await documents.put_in_draft(session, draft, file, received, code)
        return
    number = claim_number or await _clear_place(session, customer_id, file)
    await attach(session, await locked_claim(session, number), media, code, zone)


async def _clear_place(session: AsyncSession, customer_id: int, file: ClaimFile | None) -> str:
    """The claim that the file is with, or the only one that waits for documents."""
    if file is not None and file.claim_id is not None:
        claim = await session.get_one(Claim, file.claim_id)
        if claim.customer_id == customer_id:
            return claim.number
    waiting = await documents.claims_waiting(session, customer_id)
    if len(waiting) != 1:
        numbers = [claim.number for claim in waiting]
        raise documents.WhichClaim("Say which claim this belongs to.", claim_numbers=numbers)
    return waiting[0].number
