"""How many segments a text costs, and how a long one is shortened.

GSM-7 carries 160 characters in one segment and 153 each in several, UCS-2 70 and 67 (Twilio's documentation).
"""

from __future__ import annotations

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f|^{}[]~\\€")
BODY_LIMIT = 1600  # over it Twilio answers 21617


def units(text: str) -> int:
    """Length in UTF-16 units: an emoji counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def count_segments(text: str) -> int:
    """Segments that carriers bill for `text`; 0 for an empty one."""
    if all(character in GSM or character in GSM_EXTENDED for character in text):
        length = len(text) + sum(character in GSM_EXTENDED for character in text)
        single, several = 160, 153
    else:
        length, single, several = units(text), 70, 67
    if length <= single:
        return int(length > 0)
    return -(-length // several)


def shorten(text: str, more_url: str, limit: int = BODY_LIMIT) -> str:
    """`text`, or as much of it as fits with the address where the rest can be read."""
    if units(text) <= limit:
        return text
    ending = f"… {more_url}"
    room = limit - units(ending)
    cut = text.encode("utf-16-le", "surrogatepass")[: room * 2].decode("utf-16-le", "ignore")
    return cut.rstrip() + ending
