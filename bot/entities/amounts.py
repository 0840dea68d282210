"""Amounts of money in yuan, as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.entities.found import Found

_CURRENCY = r"(?:¥|￥|CNY|RMB|人民币)"
_FACTORS = {
    "百": 100,
    "千": 1_000,
    "k": 1_000,
    "thousand": 1_000,
    "万": 10_000,
    "w": 10_000,
    "百万": 1_000_000,
    "million": 1_000_000,
}
_NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_FACTOR = r"(百万|百|千|万|thousand|million|k(?![a-z])|w(?![a-z]))?"
_UNIT = r"(?:块钱?|元|圆|yuan|kuai|rmb|cny|人民币)"
_WITH_SIGN = re.compile(rf"{_CURRENCY}\s?{_NUMBER}\s?{_FACTOR}", re.IGNORECASE)
_WITH_UNIT = re.compile(rf"(?<![A-Za-z0-9.,]){_NUMBER}\s?{_FACTOR}\s?多?\s?{_UNIT}", re.IGNORECASE)
_WITH_FACTOR = re.compile(
    rf"(?<![A-Za-z0-9.,]){_NUMBER}\s?(百万|万|千)(?![\u6b65\u4e00\u91cc])", re.IGNORECASE
)
_HAN = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1_000}
_HAN_AMOUNT = re.compile(r"([零一二两三四五六七八九十百千万]{1,12})多?(?:块钱?|元|圆)")


def han_number(text: str) -> int | None:
    """Read a Chinese numeral below 100 million ("两千三百", "一万五"); None when it is not one."""
    total = section = digit = 0
    last_unit = 1
    for character in text:
        if character in _HAN:
            digit = _HAN[character]
        elif character in _HAN_UNITS:
            last_unit = _HAN_UNITS[character]
            section += (digit or 1) * last_unit
            digit = 0
        elif character == "万":
            total += (section + digit or 1) * 10_000
            section, digit, last_unit = 0, 0, 10_000
        else:
            return None
    if digit and last_unit > 10 and text[-2:-1] != "零":
        digit *= last_unit // 10
    return total + section + digit


def _value(number: str, factor: str | None) -> str:
    amount = Decimal(number.replace(",", "")) * _FACTORS.get((factor or "").lower(), 1)
    return f"{amount:.2f}"


def find_amounts(text: str) -> list[Found]:
    """Find amounts; the value is in yuan with two decimals, such as `3200.00`."""
    found = []
    for pattern in (_WITH_SIGN, _WITH_UNIT, _WITH_FACTOR):
        found += [Found("amount", _value(m[1], m[2]), *m.span()) for m in pattern.finditer(text)]
    for match in _HAN_AMOUNT.finditer(text):
        value = han_number(match[1])
        if value:
            found.append(Found("amount", f"{value:.2f}", *match.span()))
    return found
