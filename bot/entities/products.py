"""The six product types, in the words people use for them."""

from __future__ import annotations

import re

from bot.entities.found import Found

_COVER = r"(?= (?:insurance|polic(?:y|ies)|plan|cover(?:age)?|assurance|claims?|one|premium|renewal))"
WORDS = {
    "critical_illness": r"重疾险?|重大疾病险?|大病保?险|康泽|防癌险?|critical[\s-]illness|evercare|serious illness"
    rf"|\bCI\b{_COVER}",
    "medical": r"百万医疗|医疗险?|医疗保险|住院险|健康险|安心百万|peace medical|medical|health",
    "accident": r"意外险|意外伤害险?|意外保险|平安行|everyday accident"
    rf"|(?:personal )?accident{_COVER}|\bPA{_COVER}",
    "life": rf"定期?寿险?|寿险|人寿险?|身故险|长佑|long shelter|term life|\blife{_COVER}",
    "home": r"家财险?|家庭财产险?|房屋?险|财产险|宜家|homestead"
    rf"|home(?: contents)?{_COVER}|(?:house|household|property|contents|flat){_COVER}",
    "auto": r"车险|汽车保险|机动车险|交强险|商业险|第三者责任险?|三者险?|车损险?|安行|safe journey"
    rf"|(?:car|auto|motor|vehicle){_COVER}|\bauto\b|(?:third[\s-]party) (?:liability|cover)",
}
_PATTERNS = {product: re.compile(pattern, re.IGNORECASE) for product, pattern in WORDS.items()}


def find_product_types(text: str) -> list[Found]:
    """Find product types; the value is one of auto, critical_illness, medical, accident, life, home."""
    return [
        Found("product_type", product, *match.span())
        for product, pattern in _PATTERNS.items()
        for match in pattern.finditer(text)
    ]
