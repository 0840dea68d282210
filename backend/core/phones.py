"""Phone numbers as people type them."""

from __future__ import annotations

import unicodedata

import phonenumbers

REGIONS = ("CN", "US")


def phone_candidates(typed: str) -> list[str]:
    """The E.164 numbers that a typed phone may mean (China, or North America); empty when it is none."""
    compact = "".join(c for c in unicodedata.normalize("NFKC", typed) if c.isdigit() or c == "+")
    candidates = []
    for region in REGIONS:
        try:
            number = phonenumbers.parse(compact, region)
        except phonenumbers.NumberParseException:
            continue
        # In China mobiles have 11 digits; nobody chats or gets a code on a landline.
        is_landline = number.country_code == 86 and len(str(number.national_number)) != 11
        if phonenumbers.is_possible_number(number) and not is_landline:
            candidates.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return list(dict.fromkeys(candidates))
