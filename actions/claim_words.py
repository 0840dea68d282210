"""What a customer's account of a loss tells beside dates and amounts: the kind of cover, of claim, and the place."""

from __future__ import annotations

from actions.words import pattern, tells, without


def product_of(text: str) -> str | None:
    """Guess which kind of cover a loss falls under; None when the text does not tell."""
    return tells("product", text)


def type_of(text: str, types: list[str]) -> str | None:
    """Guess the kind of claim among those of the product; None when several are possible."""
    return types[0] if len(types) == 1 else tells("claim_type", text, set(types))


def place_of(text: str) -> str | None:
    """Find where it happened, as the customer put it."""
    found = pattern("place").search(text)
    return next((group for group in found.groups() if group), None) if found else None


def is_account(text: str) -> bool:
    """Say whether a message tells what happened, beyond the wish to report it."""
    return not text.startswith("/") and len(without("filler_report", text)) >= 3
