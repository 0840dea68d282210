"""What the lexical search compares: stems of Latin words, single and paired Chinese characters."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import opencc
import Stemmer

RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff〇]+|[a-z0-9]+(?:['’][a-z]+)?")
STOP_WORDS = """
a an the is are was were be been am do does did have has had i me my we our you your he she it its they them their this
that these those of to in on at by for with from as and or but if so can could will would shall should may might must
there here what which who whom when where why how any some just please
"""
ENGLISH_STOP_WORDS = frozenset(STOP_WORDS.split())


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """The text with half-width signs and Simplified characters; otherwise as it was written."""
    simplified: str = _to_simplified().convert(unicodedata.normalize("NFKC", text))
    return simplified


def words(text: str) -> list[str]:
    """Terms of a text for BM25, with repetitions; the same function serves texts and questions."""
    return list(_terms(simplify(text).lower()))


def _terms(text: str) -> Iterator[str]:
    for run in RUN.findall(text):
        if run[0].isascii():
            word = run.replace("’", "'").split("'")[0]
            if word not in ENGLISH_STOP_WORDS:
                yield _stemmer().stemWord(word)
        else:
            yield from run
            yield from (first + second for first, second in pairwise(run))
