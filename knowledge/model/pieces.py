"""Which of the 250,000 pieces are kept: all Chinese ones, all signs and digits, and a list of Latin ones."""

import re
import unicodedata
from collections.abc import Iterable
from importlib.resources import files

from knowledge.model.packed import PackedModel

HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff〇]+")
TWO_LETTERS = re.compile("[a-zA-Z]{2}")  # rare names and codes can always be spelled
LATIN_PIECES = "latin_pieces.txt"


def is_kept_by_rule(piece: str) -> bool:
    """Whether a piece belongs to every vocabulary for Chinese and English, whatever the words."""
    text = piece.lstrip("▁")
    if not text or HAN.fullmatch(text) or TWO_LETTERS.fullmatch(text):
        return True
    if text.isascii():
        return len(text) == 1 or not re.search("[a-zA-Z]", text)
    return all(unicodedata.category(sign)[0] in "PSN" for sign in text)


def listed_pieces() -> set[str]:
    """The Latin pieces chosen by `python -m knowledge.model.choose_pieces`."""
    return set((files("knowledge.model") / LATIN_PIECES).read_text("utf-8").splitlines())


def kept_ids(model: PackedModel, listed: Iterable[str]) -> list[int]:
    """Ids in the full vocabulary of the pieces to keep, ascending."""
    wanted = set(listed)
    special = {
        model.special.begin,
        model.special.end,
        model.special.pad,
        model.special.unknown,
        model.special.mask,
    }
    return [
        i for i, piece in enumerate(model.pieces) if i in special or piece in wanted or is_kept_by_rule(piece)
    ]
