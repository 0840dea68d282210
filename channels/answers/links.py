"""Links to one answer: signed, expiring, and only for answers that hold nothing of the person who asked.

Whoever a link is forwarded to sees what the articles say, which anybody may read. Every other long answer points to
the web chat, where the person proves who they are.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Interaction
from backend.core import clock
from backend.core.crypto import Vault

PURPOSE = "answer link"
DAYS = 7
SIGNATURE = 22  # hexadecimal digits: 88 bits
WEB_CHAT = "/"
# An answer from the articles is the first thing said to a general question; what follows it may be a form's summary.
GENERAL = "ask_faq"
# References to hidden numbers, numbers of policies, claims, tickets and phones.
PERSONAL = re.compile(r"⟦|[PCT]\d{6,}|\d[\d -]{6,}\d")


def is_open(entry: Interaction) -> bool:
    """Whether anybody may read this entry of the record."""
    return (
        entry.direction == "outbound"
        and entry.speaker == "bot"
        and entry.intent == GENERAL
        and entry.position == 1
        and PERSONAL.search(entry.text) is None
    )


async def path_to(session: AsyncSession, vault: Vault, outbound_id: int) -> str:
    """Where the whole of a message can be read: a page of its own when anybody may read it, else the web chat."""
    entry = await session.scalar(select(Interaction).where(Interaction.outbound_id == outbound_id))
    if entry is None or not is_open(entry):
        return WEB_CHAT
    return f"/a/{write_token(vault, outbound_id, entry.occurred_at)}"


def write_token(vault: Vault, outbound_id: int, said_at: datetime, purpose: str = PURPOSE) -> str:
    """What names this message in a link of ours for `DAYS` days."""
    day = (said_at + timedelta(days=DAYS)).toordinal()
    return f"{outbound_id:x}-{day:x}-{_sign(vault, outbound_id, day, purpose)}"


def read_token(vault: Vault, token: str, purpose: str = PURPOSE) -> int | None:
    """The message that a link of ours names, while it lasts; None for anything else."""
    number, _, rest = token.partition("-")
    day, _, signature = rest.partition("-")
    try:
        outbound_id, last_day = int(number, 16), int(day, 16)
    except ValueError:
        return None
    if not hmac.compare_digest(signature.encode(), _sign(vault, outbound_id, last_day, purpose).encode()):
        return None
    return outbound_id if _today(clock.now()) <= last_day else None


def _today(moment: datetime) -> int:
    return moment.toordinal()


def _sign(vault: Vault, outbound_id: int, day: int, purpose: str) -> str:
    return vault.blind_index(f"{outbound_id}-{day}", purpose)[:SIGNATURE]
