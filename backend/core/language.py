"""Which language a customer's text is in, and Traditional characters for those who write them."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, cast

import opencc

Language = Literal["zh-Hans", "zh-Hant", "en"]
DEFAULT: Language = "zh-Hans"
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
# What people open an English conversation with; any other single word ("ok", a brand, a slip) decides nothing.
ENGLISH_BY_ITSELF = re.compile(r"\W*(?:hello|hi|hey|help|english)\W*", re.IGNORECASE)
# Numbers of policies and references of hidden numbers are not language.
NEUTRAL = re.compile(
    r"⟦[^⟧]{0,40}⟧|(?<![A-Za-z])[PCTpct]\d{6,}|https?://\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]+"
)


@cache
def _converter(configuration: str) -> opencc.OpenCC:
    return opencc.OpenCC(configuration)


def detect(text: str, inherited: Language | None = None) -> Language:
    """The language of `text`; numbers, emoji, single letters and a single Latin word inherit the conversation's."""
    words = NEUTRAL.sub(" ", text)
    han, latin = len(HAN.findall(words)), len(LATIN_WORD.findall(words))
    if not han and not latin:
        return inherited or DEFAULT
    if not han and latin == 1 and inherited and not ENGLISH_BY_ITSELF.fullmatch(words):
        return inherited
    # One Chinese character carries about as much as a Latin word, and who mixes writes mainly in Chinese.
    if han * 2 < latin:
        return "en"
    if cast(str, _converter("t2s").convert(words)) != words:
        return "zh-Hant"
    if inherited == "zh-Hant" and cast(str, _converter("s2t").convert(words)) == words:
        return "zh-Hant"  # the same characters in both scripts decide nothing
    return "zh-Hans" if han else "en"


def localise(text: str, language: Language) -> str:
    """Chinese text in the script of `language`; English stays as it is."""
    return cast(str, _converter("s2tw").convert(text)) if language == "zh-Hant" else text
