"""By when the next step is due."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from backend.claims.models import Claim, Complexity, Stage
from backend.claims.standards import next_step_by

ZONE = ZoneInfo("Asia/Shanghai")


def claim(
    stage: Stage, since: str, complexity: Complexity = Complexity.SIMPLE, review: str | None = None
) -> Claim:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    review_since = moment(review) if review else None
    return Claim(stage=stage, stage_since=moment(since), review_since=review_since, complexity=complexity)


@pytest.mark.parametrize(
    ("case", "due"),
    [
        (claim(Stage.REPORTED, "2026-11-20"), date(2026, 11, 23)),
        (claim(Stage.UNDER_REVIEW, "2026-11-10"), date(2026, 11, 17)),
        (claim(Stage.UNDER_REVIEW, "2026-11-10", Complexity.COMPLEX), date(2026, 11, 24)),
        # National Day holidays, and Saturday 10 October worked instead.
        (claim(Stage.UNDER_REVIEW, "2026-09-29"), date(2026, 10, 12)),
        (claim(Stage.INVESTIGATING, "2026-11-16", review="2026-11-10"), date(2026, 12, 22)),
        (claim(Stage.APPROVED, "2026-11-20"), date(2026, 11, 30)),
        (claim(Stage.AWAITING_DOCUMENTS, "2026-11-20"), None),
        (claim(Stage.PAID, "2026-11-20"), None),
        (claim(Stage.DECLINED, "2026-11-20"), None),
    ],
)
def test_the_next_step_follows_the_service_standards(case: Claim, due: date | None) -> None:
    assert next_step_by(case, ZONE) == due


def test_the_day_is_the_insurers_day() -> None:
    late = claim(Stage.APPROVED, "2026-11-20T16:30:00")  # already the 21st in Shanghai
    assert next_step_by(late, ZONE) == date(2026, 12, 1)
