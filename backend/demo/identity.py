"""Identity and phone numbers that pass every check of form and belong to nobody.

Resident identity numbers begin with a province's code and four zeros (110000, 440000 …). The code stands in the
list of administrative divisions, so number and checksum validate; but numbers are issued with a county's code
only, so no real person has one like this.
Phones: +1 numbers are 555-01xx, reserved for fiction, 100 an area code. +86 numbers begin with 142, 143 or 154,
which no operator gives to people: they have the right length (`possible`) and are not `valid`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from stdnum.cn import ric

PROVINCES = {
    "北京": "110000",
    "上海": "310000",
    "江苏": "320000",
    "浙江": "330000",
    "福建": "350000",
    "山东": "370000",
    "湖北": "420000",
    "广东": "440000",
    "四川": "510000",
    "陕西": "610000",
}
AREA_CODES = ("212", "415", "206", "312", "617", "702")
UNASSIGNED = ("142", "143", "154")


def resident_id(province: str, born: date, order: int) -> str:
    """18 characters; `order` (0–999) is odd for men and even for women."""
    body = f"{province}{born:%Y%m%d}{order:03d}"
    return body + ric.calc_check_digit(body + "0")


def fiction_phones() -> Iterator[str]:
    """Every +1 555-01xx number of our area codes."""
    for last in range(100):
        for area in AREA_CODES:
            yield f"+1{area}55501{last:02d}"


def unassigned_phone(index: int) -> str:
    """The `index`-th of the +86 numbers; the same index is the same number."""
    # Spread over the eight digits, so that neighbours do not look like a counter.
    return f"+86{UNASSIGNED[index % len(UNASSIGNED)]}{index * 7919 % 10**8:08d}"
