"""What every rule returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """One entity: its name, its value, and where it stands in the normalised text."""

    entity: str
    value: str
    start: int
    end: int

    def overlaps(self, other: Found) -> bool:
        """Say whether the two share a character."""
        return self.start < other.end and other.start < self.end


def without_overlaps(candidates: list[Found]) -> list[Found]:
    """Keep the earlier of two overlapping candidates in the list, and order the rest by position."""
    kept: list[Found] = []
    for candidate in candidates:
        if not any(candidate.overlaps(other) for other in kept):
            kept.append(candidate)
    return sorted(kept, key=lambda found: found.start)
