"""Family names, and short forms of names for places where the whole name is too much."""

from __future__ import annotations

import re

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# The two-character family names in common use.
COMPOUND = re.compile(
    "欧阳|太史|上官|端木|司马|东方|独孤|南宫|夏侯|诸葛|尉迟|皇甫|宇文|长孙|慕容|司徒|司空|令狐|公孙|轩辕|申屠|淳于|濮阳|澹台"
)


def surname_of(name: str) -> str:
    """The family name: the first character (or compound) of a Chinese name, the last word of any other."""
    name = name.strip()
    if not name:
        return ""
    if HAN.match(name):
        return name[:2] if COMPOUND.match(name) and len(name) > 2 else name[:1]
    return name.split()[-1]
