"""The six product types, in the words people use for them."""

from __future__ import annotations

import re

from bot.entities.found import Found

WORDS = {
    "critical_illness": r"重疾险?|重大疾病险?|大病保?险|康泽|防癌险?|critical[\s-]illness|\bCI\b(?= (?:policy|plan|cover))|"
    r"evercare|serious illness",
    "medical": r"百万医疗|医疗险?|医疗保险|住院险|健康险|安心百万|peace medical|medical|health",
    "accident": r"意外险|意外伤害险?|意外保险|平安行|everyday accident|(?:personal )?accident(?= (?:insurance|policy|plan|cover))|"
    r"\bPA(?= (?:policy|plan|cover))",
    "life": r"定期?寿险?|寿险|人寿险?|身故险|长佑|long shelter|term life|(?<!my )(?<!in )\blife(?= (?:insurance|policy|plan|cover|assurance))",
    "home": r"家财险?|家庭财产险?|房屋?险|财产险|宜家|homestead|home(?= (?:insurance|policy|plan|cover|contents))|"
    r"(?:house|household|property|contents|flat) (?:insurance|policy|cover)",
    "auto": r"车险|汽车保险|机动车险|交强险|商业险|第三者责任险?|三者险?|车损险?|安行|safe journey|"
    r"(?:car|auto|motor|vehicle)(?= (?:insurance|policy|plan|cover))|\bauto\b|(?:third[\s-]party) (?:liability|cover)",
}
_PATTERNS = {product: re.compile(pattern, re.IGNORECASE) for product, pattern in WORDS.items()}


def find_product_types(text: str) -> list[Found]:
    """Find product types; the value is one of auto, critical_illness, medical, accident, life, home."""
    return [
        Found("product_type", product, *match.span())
        for product, pattern in _PATTERNS.items()
        for match in pattern.finditer(text)
    ]
