"""Rules that find numbers, dates, amounts and products in a customer's message."""

from __future__ import annotations

from datetime import date

from bot.entities.amounts import find_amounts
from bot.entities.dates import find_dates
from bot.entities.found import Found, without_overlaps
from bot.entities.numbers import (
    find_business_numbers,
    find_codes,
    find_phone_numbers,
    find_ratings,
    find_references,
)
from bot.entities.people import find_people
from bot.entities.products import find_product_types


def find_entities(text: str, today: date, asked: str | None = None) -> list[Found]:
    """Find the entities of a normalised text, without overlaps.

    `asked` names the slot that the bot has just asked for: a bare number is then read as an answer to it.
    """
    candidates = [
        *find_references(text),
        *find_business_numbers(text, asked),
        *find_phone_numbers(text, asked),
        *find_codes(text, asked),
        *find_dates(text, today),
        *find_amounts(text),
        *find_ratings(text, asked),
        *find_product_types(text),
        *find_people(text),
    ]
    return without_overlaps(candidates)
