"""How many segments a text costs, and how a long one is shortened.

GSM-7 carries 160 characters in one segment and 153 each in several, UCS-2 70 and 67 (Twilio's documentation).
"""

from __future__ import annotations

import re

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f|^{}[]~\\€")
BODY_LIMIT = 1600  # over it Twilio answers 21617
# A longer answer of the bot is shortened; what a person wrote never is.
LONGEST_ANSWER = 6
LONGEST_MAINLAND = 8  # carriers of mainland China take no more
# The beginning of a Latin word that was cut, with what stands where it is cut.
LAST_WORD = re.compile(r"(?:(?<=\s)[\x21-\x7e]{1,30}|.)\Z", re.DOTALL)
BREAK = re.compile(r"[。！？；，\s]")


def units(text: str) -> int:
    """Length in UTF-16 units: an emoji counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_gsm(text: str) -> bool:
    return all(character in GSM or character in GSM_EXTENDED for character in text)


def count_segments(text: str) -> int:
    """Segments that carriers bill for `text`; 0 for an empty one."""
    if _is_gsm(text):
        length = len(text) + sum(character in GSM_EXTENDED for character in text)
        single, several = 160, 153
    else:
        length, single, several = units(text), 70, 67
    if length <= single:
        return int(length > 0)
    return -(-length // several)


def fits(text: str, segments: int) -> bool:
    """Whether `text` goes in so many segments, and in one body at all."""
    return units(text) <= BODY_LIMIT and count_segments(text) <= segments


def shorten(text: str, ending: str, segments: int, more_url: str = "") -> str:
    """`text` and `ending` in at most so many segments.

    What does not fit is left out of the text, which then says with `…` and the address where the rest can be read.
    """
    if fits(text + ending, segments):
        return text + ending
    # The one sign `…` would cost a GSM text more than half its room.
    dots = "..." if _is_gsm(text + ending + more_url) else "…"
    rest = f"{dots} {more_url}".rstrip() + ending
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle] + rest, segments) else (low, middle - 1)
    return LAST_WORD.sub("", text[:low] + text[low : low + 1]).rstrip() + rest


def in_bodies(text: str) -> list[str]:
    """All of `text`, in as many bodies as it takes, broken between words or sentences."""
    bodies = []
    while units(text) > BODY_LIMIT:
        cut = text.encode("utf-16-le", "surrogatepass")[: BODY_LIMIT * 2].decode("utf-16-le", "ignore")
        ends = [found.end() for found in BREAK.finditer(cut) if found.end() > len(cut) // 2]
        end = ends[-1] if ends else len(cut)
        bodies.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*filter(None, bodies), text]
