"""Policy, claim and ticket numbers, phone numbers, codes, ratings, and the door's references."""

from __future__ import annotations

import re

from bot.entities.found import Found

REFERENCE = re.compile(r"⟦(?P<kind>[a-z]+):[^⟧]{1,64}⟧")
REFERENCE_ENTITIES = {"otp": "otp", "id": "id_last4", "bank": "bank_account"}
PREFIXED = {"p": "policy_number", "c": "claim_number", "t": "ticket_number"}
PREFIX_OF = {entity: prefix.upper() for prefix, entity in PREFIXED.items()}

_BEFORE = r"(?<![A-Za-z0-9])"
_PREFIXED = re.compile(_BEFORE + r"([PpCcTt])[\s.:#-]{0,2}(\d(?:[\s-]?\d){9})(?!\d)")
_TEN_DIGITS = re.compile(_BEFORE + r"(\d(?:[\s-]?\d){9})(?![\d-])")
_CHINA_MOBILE = re.compile(r"(?<![\d+])(?:(?:\+|00)\s?86[\s-]?)?(1[3-9]\d(?:[\s-]?\d){8})(?!\d)")
# With dots, dashes or spaces around them only in the usual groups: elsewhere they part other numbers.
_GROUPED_MOBILE = re.compile(
    r"(?<![\d+.])(?:(?:\+|00)\s?86\s?[.\u2010-\u2015-]?\s?)?(1[3-9]\d)(?P<gap>\s?[.\u2010-\u2015-]\s?)(\d{4})(?P=gap)(\d{4})(?!\.?\d)"
)
_INTERNATIONAL = re.compile(r"(?<![\d+])\+\s?(\d(?:[\s().-]{0,2}\d){6,14})(?!\d)")
_NORTH_AMERICA = re.compile(r"(?<!\d)(?:1[\s.-])?\(?([2-9]\d\d)\)?[\s.-]?(\d{3})[\s.-]?(\d{4})(?!\d)")
# Three, three and four digits with something between them are a phone where one is spoken of, and nothing else.
_GROUPED_NORTH_AMERICA = re.compile(
    r"(?<![\d(.-])(?:1[\s.-])?(?:\(([2-9]\d\d)\)\s?|([2-9]\d\d)[\s.-])(\d{3})[\s.-](\d{4})(?![\d-])"
)
_PHONE_CUE = re.compile(r"手机|电话|\b(?:tele)?phone|\bmobile\b|\bcell\b", re.IGNORECASE)
_OTHER_CUE = re.compile(r"保单|理赔|赔案|报案号|工单|polic|claim|ticket", re.IGNORECASE)
_LAST4 = re.compile(_BEFORE + r"(\d[\s-]?\d[\s-]?\d[\s-]?[\dXx])(?![A-Za-z0-9])")
_LAST4_CUE = re.compile(
    r"(?:后四位|后4位|末四位|尾号|last\s*(?:four|4)(?:\s*digits)?)[^0-9]{0,12}(\d{3}[\dXx])(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_OTP = re.compile(_BEFORE + r"(\d[\s-]?\d[\s-]?\d[\s-]?\d[\s-]?\d[\s-]?\d)(?![\d-])")
_OTP_CUE = re.compile(r"(?:验证码|校验码|code)[^0-9]{0,10}(\d{6})(?!\d)", re.IGNORECASE)
_RATING = re.compile(
    r"([1-5一二三四五])\s*(?:分|颗?星|stars?\b|points?\b|/\s*5)|(?:rate|rating|打|评分?)\D{0,6}([1-5])(?!\d)",
    re.IGNORECASE,
)
_CHINESE_DIGITS = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5"}


def _compact(number: str) -> str:
    return re.sub(r"[\s().-]", "", number).upper()


def _whole(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return pattern.fullmatch(text.strip(" .。!！"))


def find_references(text: str) -> list[Found]:
    """Find the references that stand for numbers kept elsewhere; the value is the reference itself."""
    return [
        Found(REFERENCE_ENTITIES[match["kind"]], match[0], *match.span())
        for match in REFERENCE.finditer(text)
        if match["kind"] in REFERENCE_ENTITIES
    ]


def find_business_numbers(text: str, asked: str | None) -> list[Found]:
    """Find P, C and T numbers; ten bare digits count as the number that was just asked for."""
    found = [
        Found(PREFIXED[match[1].lower()], match[1].upper() + _compact(match[2]), *match.span())
        for match in _PREFIXED.finditer(text)
    ]
    if asked in PREFIX_OF and not found:
        bare = _TEN_DIGITS.search(text)
        if bare:
            found.append(Found(asked, PREFIX_OF[asked] + _compact(bare[1]), *bare.span()))
    return found


def find_phone_numbers(text: str, asked: str | None) -> list[Found]:
    """Find mainland mobiles, numbers with a country code, and ten-digit ones when a phone was asked or spoken of."""
    found = [Found("phone_number", _compact(m[1]), *m.span()) for m in _CHINA_MOBILE.finditer(text)]
    found += [Found("phone_number", m[1] + m[3] + m[4], *m.span()) for m in _GROUPED_MOBILE.finditer(text)]
    found += [Found("phone_number", "+" + _compact(m[1]), *m.span()) for m in _INTERNATIONAL.finditer(text)]
    if not found:
        is_spoken_of = _PHONE_CUE.search(text) and not _OTHER_CUE.search(text)
        pattern = _NORTH_AMERICA if asked == "phone" else _GROUPED_NORTH_AMERICA if is_spoken_of else None
        local = pattern.search(text) if pattern else None
        if local:
            found.append(Found("phone_number", "+1" + "".join(filter(None, local.groups())), *local.span()))
    return found


def find_codes(text: str, asked: str | None) -> list[Found]:
    """Find a one-time code and the last four of an identity document."""
    found = [Found("otp", m[1], *m.span(1)) for m in _OTP_CUE.finditer(text)]
    found += [Found("id_last4", m[1].upper(), *m.span(1)) for m in _LAST4_CUE.finditer(text)]
    code = _OTP.search(text) if asked == "otp" else _whole(_OTP, text)
    if code:
        found.append(Found("otp", _compact(code[1]), *code.span(1)))
    last4 = _LAST4.search(text) if asked == "id_last4" else _whole(_LAST4, text)
    if last4:
        found.append(Found("id_last4", _compact(last4[1]), *last4.span(1)))
    return found


def find_ratings(text: str, asked: str | None) -> list[Found]:
    """Find a score from 1 to 5; a bare digit counts when it is the whole message or was asked for."""
    found = []
    for match in _RATING.finditer(text):
        digit = match[1] or match[2]
        found.append(Found("rating", _CHINESE_DIGITS.get(digit, digit), *match.span()))
    bare = re.fullmatch(r"\s*([1-5])\s*", text)
    if bare and not found and asked in (None, "rating"):
        found.append(Found("rating", bare[1], *bare.span(1)))
    return found
