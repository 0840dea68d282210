"""Whether a newly trained model takes the place of the one in force: measured on the same sentences (decision 023)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.measuring import TOLERATED, Answer, compare, measure, split_fingerprint
from bot.versions import Versions

_LISTED = 20


def _say(line: str) -> None:
    print(f"bot model: {line}", flush=True)


class Trial:
    """A new model against the one in force; `may_stay` says whether that one fits the present dialogue."""

    def __init__(
        self,
        versions: Versions,
        may_stay: bool,
        measure: Callable[[Path], list[Answer]] = measure,
        say: Callable[[str], None] = _say,
    ) -> None:
        """Take the models, how they are measured, and who hears of it."""
        self._versions, self._may_stay, self._measure, self._say = versions, may_stay, measure, say

    def decide(self, version: str, about: dict[str, Any], force: bool = False) -> bool:
        """Put the new model in force unless it is worse; say which, and why. The one before is kept to go back to."""
        new = self._measure(self._versions.model(version))
        right, split = sum(one.is_right for one in new), split_fingerprint()
        self._say(f"{version} has {right} of {len(new)} sentences of the fixed split right")
        bar = 0
        if self._may_stay and self._versions.current:
            bar = self._bar(new, split)
        elif self._versions.current:
            self._say("the dialogue itself has changed: the model before cannot stay, whatever it understood")
        is_worse = right < bar - TOLERATED
        if is_worse and not force:
            self._refuse(version, about, bar)
            return False
        best = right if force else max(right, bar)
        self._versions.note(version, {**about, "split": split, "right": right, "best": best})
        self._versions.put_in_force(version)
        self._say(f"{version} answers from now on" + (", although it is worse" if is_worse else ""))
        return True

    def _bar(self, new: list[Answer], split: str) -> int:
        """Return how many sentences the best model so far had right; tell how the new one differs from the present."""
        current = self._versions.current or ""
        old = self._measure(self._versions.model(current))
        found = compare(old, new)
        point, low, high = found.difference
        self._say(
            f"{current}, now in force, has {sum(one.is_right for one in old)}: the difference is {point:+.1f} points "
            f"(95 % interval {low:+.1f} to {high:+.1f})"
        )
        for one in found.worse[:_LISTED]:
            self._say(
                f"  worse: “{one.text}” is {one.intent}, understood as {one.found} ({one.confidence:.2f})"
            )
        known = self._versions.about(current)
        earlier = known.get("best", 0) if known.get("split") == split else 0
        return max(sum(one.is_right for one in old), int(earlier))

    def _refuse(self, version: str, about: dict[str, Any], bar: int) -> None:
        self._versions.refuse(version, about)
        self._say(
            f"the new model is worse than the best so far, which had {bar} right, and is not used. "
            "Look at the sentences above and at what was labelled last, or take it all the same: "
            "make train FORCE=--force"
        )
