"""Takes out of a customer's words what could tell who they are, and notes what stood there.

The door has taken out identity and card numbers before. Training needs the shape of a sentence: so numbers become
zeros, and names the name that stands for anybody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

LONGEST = 500
_BEFORE = r"(?<![A-Za-z0-9])"
_REFERENCE = re.compile(r"⟦(id|bank|otp):[^⟧]{1,64}⟧")
_EMAIL = re.compile(r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_BUSINESS = re.compile(_BEFORE + r"([PpCcTt])[\s.:#-]{0,2}\d(?:[\s-]?\d){9}(?!\d)")
_DATE = re.compile(r"\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")
_DIGITS = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){4,}")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]([A-Z])[·\s]?[A-Z0-9]{5,6}"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
ENTITY_OF = {"p": "policy_number", "c": "claim_number", "t": "ticket_number"}
REFERENCE_ENTITY = {"id": "id_last4", "bank": "bank_account", "otp": "otp"}
ANYBODY_ZH, ANYBODY_EN = "张三", "Jane Doe"


class Masked(NamedTuple):
    """The text and the entities in it, as `{"entity", "start", "end"}`."""

    text: str
    entities: list[dict[str, Any]]


class _Found(NamedTuple):
    start: int
    end: int
    stand_in: str
    entity: str | None


def mask(text: str, names: Iterable[str] = ()) -> Masked:
    """The text in one line, with stand-ins for numbers, addresses of mail, plates and these names."""
    text = one_line(text)[:LONGEST]
    taken: list[_Found] = []
    for found in _finds(text, names):
        if not any(found.start < other.end and other.start < found.end for other in taken):
            taken.append(found)
    masked, position, entities = "", 0, []
    for found in sorted(taken):
        masked += text[position : found.start]
        start, position = len(masked), found.end
        masked += found.stand_in
        if found.entity:
            entities.append({"entity": found.entity, "start": start, "end": len(masked)})
    return Masked(masked + text[position:], entities)


def one_line(text: str) -> str:
    """The text in NFKC, with single spaces and nothing that cannot be seen."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    return "".join(character for character in text if character.isprintable())


def pattern_of(text: str, entities: list[dict[str, Any]]) -> str:
    """What is left of a text without its entities, marks and spaces; empty when it says nothing by itself."""
    parts, position = [], 0
    for one in sorted(entities, key=lambda one: one["start"]):
        parts += [text[position : one["start"]], "#"]
        position = one["end"]
    kept = re.sub(r"[^\w#]|_", "", "".join([*parts, text[position:]])).lower()
    return kept if re.search(r"[^\W\d_]", kept) else ""


def _finds(text: str, names: Iterable[str]) -> Iterator[_Found]:
    """What is found first keeps its place."""
    yield from _each(
        _REFERENCE, text, lambda match: f"⟦{match[1]}:0⟧", lambda match: REFERENCE_ENTITY[match[1]]
    )
    yield from _each(_EMAIL, text, lambda _: "name@example.com", lambda _: None)
    yield from _names(text, names)
    yield from _each(
        _BUSINESS, text, lambda match: f"{match[1].upper()}2000000000", lambda m: ENTITY_OF[m[1].lower()]
    )
    yield from _each(_PLATE, text, lambda match: f"{match[0][0]}{match[1]}00000", lambda _: None)
    for match in _DIGITS.finditer(text):
        if not _DATE.fullmatch(match[0]):
            yield _Found(*match.span(), re.sub(r"\d", "0", match[0]), _phone(match[0]))


def _each(
    pattern: re.Pattern[str],
    text: str,
    stand_in: Callable[[re.Match[str]], str],
    entity: Callable[[re.Match[str]], str | None],
) -> Iterator[_Found]:
    for match in pattern.finditer(text):
        yield _Found(*match.span(), stand_in(match), entity(match))


def _names(text: str, names: Iterable[str]) -> Iterator[_Found]:
    for name in sorted({one_line(name) for name in names}, key=len, reverse=True):
        if len(name) < 2:
            continue
        is_han = _HAN.search(name) is not None
        word = re.escape(name) if is_han else rf"\b{re.escape(name)}\b"
        for match in re.finditer(word, text, re.IGNORECASE):
            yield _Found(*match.span(), ANYBODY_ZH if is_han else ANYBODY_EN, "person")


def _phone(digits: str) -> str | None:
    count = sum(character.isdigit() for character in digits)
    return "phone_number" if digits.startswith("+") or count in (10, 11) else None
