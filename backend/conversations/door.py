"""The door: identity, bank-card and one-time-code numbers never enter a text; references do.

`⟦id:7f3a91c2⟧` stands for the number, which is encrypted apart. Trackers, logs and search never hold it.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum import luhn
from stdnum.cn import ric

from backend.conversations.models import HiddenNumber
from backend.core import clock
from backend.core.crypto import Vault

PURPOSE = "hidden_numbers.sealed"
REFERENCE = re.compile(r"⟦(id|bank|otp):([0-9a-f]{8})⟧")
# People group digits by spaces or hyphens, and type them full-width.
LONG_NUMBER = re.compile(r"(?<![0-9])[0-9](?:[ \-]?[0-9]){13,18}(?:[ \-]?[0-9Xx])?(?![0-9])")
GLUED = re.compile(r"[A-Za-z]")
CODE = re.compile(r"(?<![0-9A-Za-z])[0-9]{3}[ \-]?[0-9]{3}(?![0-9A-Za-z])")
FULL_WIDTH = {
    ord(wide): narrow for wide, narrow in zip("０１２３４５６７８９Ｘｘ－　", "0123456789Xx- ", strict=True)
}


def kind_of(number: str, is_glued: bool = False) -> str | None:
    """`id` for a number shaped like a Chinese identity number, `bank` for one with a card's check digit.

    One that letters touch (`is_glued`) may be part of another name: its length alone makes it no card.
    """
    if len(number) == 18 and (ric.is_valid(number) or _has_birth_date(number)):
        return "id"
    if 15 <= len(number) <= 19 and number.isdecimal():
        return "bank" if luhn.is_valid(number) or (len(number) in (16, 19) and not is_glued) else None
    return None


def _has_birth_date(number: str) -> bool:
    """A mistyped identity number is one all the same: its date part tells."""
    return bool(re.fullmatch(r"\d{6}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]", number))


def find_numbers(text: str, expects_code: bool) -> list[tuple[int, int, str, str]]:
    """Start, end, kind and bare digits of every number to hide, in order."""
    plain = text.translate(FULL_WIDTH)
    found = []
    for match in LONG_NUMBER.finditer(plain):
        number = re.sub(r"[ \-]", "", match.group()).upper()
        around = plain[max(match.start() - 1, 0) : match.start()] + plain[match.end() : match.end() + 1]
        if kind := kind_of(number, is_glued=GLUED.search(around) is not None):
            found.append((match.start(), match.end(), kind, number))
    if expects_code:
        taken = [(start, end) for start, end, *_ in found]
        found += [
            (match.start(), match.end(), "otp", re.sub(r"[ \-]", "", match.group()))
            for match in CODE.finditer(plain)
            if not any(start < match.end() and match.start() < end for start, end in taken)
        ]
    return sorted(found)


def replace_numbers(text: str, expects_code: bool, reference: Callable[[str, str], str]) -> str:
    """`text` with each number replaced by `⟦kind:reference(kind, number)⟧`; brackets typed by people are disarmed."""
    text = unicodedata.normalize("NFC", text).replace("⟦", "[").replace("⟧", "]")
    parts, last = [], 0
    for start, end, kind, number in find_numbers(text, expects_code):
        parts += [text[last:start], f"⟦{kind}:{reference(kind, number)}⟧"]
        last = end
    return "".join([*parts, text[last:]])


def mask_numbers(text: str) -> str:
    """`text` with all but the last four characters of each number crossed out: for what people of ours write."""
    parts, last = [], 0
    for start, end, _, number in find_numbers(text, expects_code=False):
        parts += [text[last:start], "*" * (len(number) - 4) + number[-4:]]
        last = end
    return "".join([*parts, text[last:]])


def hide_numbers(
    session: AsyncSession, vault: Vault, conversation_id: int, text: str, expects_code: bool
) -> str:
    """Replace the numbers in `text` and store them sealed in this transaction."""

    def keep(kind: str, number: str) -> str:
        ref = secrets.token_hex(4)
        session.add(
            HiddenNumber(
                ref=ref,
                kind=kind,
                conversation_id=conversation_id,
                sealed=vault.seal(number, PURPOSE),
                blind_index=vault.blind_index(number, f"number.{kind}"),
                created_at=clock.now(),
            )
        )
        return ref

    return replace_numbers(text, expects_code, keep)


async def reveal(session: AsyncSession, vault: Vault, conversation_id: int, text: str) -> str:
    """The number behind a text that is one reference of this conversation; any other text as it is."""
    match = REFERENCE.fullmatch(text.strip())
    if match is None:
        return text
    hidden = await session.scalar(
        select(HiddenNumber).where(
            HiddenNumber.ref == match.group(2), HiddenNumber.conversation_id == conversation_id
        )
    )
    return vault.open(hidden.sealed, PURPOSE) if hidden else ""
