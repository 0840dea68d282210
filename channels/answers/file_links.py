"""Links to a file that an agent sent, for channels that cannot show it: who follows one proves who they are.

Links are forwarded and kept by others, so the address alone opens nothing of a known customer's: the page asks for
the last four characters of the identity document. It lasts `DAYS` days, and ends with the contact's binding.
"""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Binding, Interaction, OutboundFile
from backend.conversations.verification import is_locked, note_failure
from backend.core.crypto import Vault
from backend.customers.models import Customer
from channels.answers.links import read_token, write_token

PURPOSE = "file link"
# Five wrong tries lock a file for so long: a guess of four digits within the link's life stays hopeless.
LOCK = timedelta(days=1)


@dataclass(frozen=True)
class SentFile:
    """A file, the record's entry that it went with, and the customer whose proof it needs."""

    file: OutboundFile
    entry: Interaction
    owner: Customer | None


def path_to(vault: Vault, outbound_id: int, said_at: datetime) -> str:
    """The page of the file that went with this message."""
    return f"/f/{write_token(vault, outbound_id, said_at, PURPOSE)}"


async def find(session: AsyncSession, vault: Vault, token: str) -> SentFile | None:
    """The file that a link of ours names, locked; None when it is none, expired, or of an earlier person."""
    outbound_id = read_token(vault, token, PURPOSE)
    if outbound_id is None:
        return None
    file = await session.get(OutboundFile, outbound_id, with_for_update=True)
    entry = await session.scalar(select(Interaction).where(Interaction.outbound_id == outbound_id))
    if file is None or entry is None or await _is_over(session, entry):
        return None
    owner = await session.get(Customer, entry.customer_id) if entry.customer_id else None
    return SentFile(file, entry, owner if owner and owner.id_number_sealed else None)


async def _is_over(session: AsyncSession, entry: Interaction) -> bool:
    """Whether the contact was unbound, or became somebody else's, since; an expired proof alone ends nothing."""
    another = Binding.customer_id.is_distinct_from(entry.customer_id) & (Binding.bound_at > entry.occurred_at)
    unbound = (Binding.ended_at > entry.occurred_at) & (Binding.end_reason != "replaced")
    ended = select(Binding.id).where(Binding.contact_id == entry.contact_id, or_(another, unbound))
    return await session.scalar(ended.limit(1)) is not None


async def is_locked_now(session: AsyncSession, sent: SentFile) -> bool:
    """Whether too many wrong tries were made."""
    return await is_locked(session, _subjects(sent))


async def proves(session: AsyncSession, vault: Vault, sent: SentFile, typed: str) -> bool:
    """Whether the typed characters end the owner's identity document; a wrong try counts."""
    if sent.owner is None:
        return True
    last4 = unicodedata.normalize("NFKC", typed).strip().upper()
    right = (sent.owner.id_number(vault) or "")[-4:].upper()
    if hmac.compare_digest(last4.encode(), right.encode()):
        return True
    await note_failure(session, _subjects(sent), LOCK)
    return False


def _subjects(sent: SentFile) -> list[str]:
    return [f"file:{sent.file.outbound_id}"]
