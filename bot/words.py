"""Cuts mixed Chinese and English text into words, keeping numbers and references whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import jieba

DICTIONARY = Path(__file__).parent / "dictionary.txt"
_PIECE = re.compile(
    r"(?P<reference>⟦[^⟧]{1,64}⟧)"
    r"|(?P<number>(?<![A-Za-z0-9])[PpCcTt]\s?-?\d{10}(?!\d))"
    r"|(?P<digits>[+＋]?\d[\d\s.,/-]*\d|\d)[Xx]?(?![A-Za-z])"
    r"|(?P<latin>[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?|\d+[A-Za-z]+)"
    r"|(?P<han>[\u3400-\u9fff]+)"
    r"|(?P<mark>[?!])"
    r"|(?P<other>[^\s\w.,;:，。；：、()（）\"“”'‘’\[\]【】<>《》~-])"
)
_NUMBER_SHAPES = {"p": "xpolicynumber", "c": "xclaimnumber", "t": "xticketnumber"}


@lru_cache(maxsize=1)
def cutter() -> jieba.Tokenizer:
    """Return jieba with the insurance dictionary, loaded once and warm."""
    jieba.setLogLevel("WARNING")
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    tokenizer.load_userdict(str(DICTIONARY))
    return tokenizer


def _digits_shape(digits: str) -> str:
    count = sum(character.isdigit() for character in digits)
    shapes = {4: "xfourdigits", 6: "xsixdigits", 10: "xtendigits", 11: "xphonedigits"}
    if digits.startswith("+"):
        return "xphonedigits"
    return shapes.get(count, "xdigits" if count < 10 else "xphonedigits")


def words(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield (word, start, shape): the shape stands for the word in the features, numbers share theirs."""
    for match in _PIECE.finditer(text):
        piece, start = match[0], match.start()
        if match.lastgroup == "reference":
            yield piece, start, "xreference" + piece[1:].split(":")[0]
        elif match.lastgroup == "number":
            yield piece, start, _NUMBER_SHAPES[piece[0].lower()]
        elif match.lastgroup == "digits":
            yield piece, start, _digits_shape(piece)
        elif match.lastgroup == "han":
            for word, offset, _ in cutter().tokenize(piece):
                yield word, start + offset, word
        else:
            yield piece, start, piece.lower()
