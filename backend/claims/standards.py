"""By when the next step of a claim is due, by the service standards (working days of the public calendar)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from backend.claims.models import Claim, Complexity, Stage
from backend.core.calendar import add_working_days

FIRST_ANSWER_DAYS = 1  # after a report: is it complete, what is missing
DECISION_DAYS = {Complexity.SIMPLE: 5, Complexity.COMPLEX: 10}
DECISION_AT_MOST_DAYS = 30  # with an investigation
PAYMENT_CALENDAR_DAYS = 10  # after the decision


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def next_step_by(claim: Claim, zone: ZoneInfo) -> date | None:
    """The last day for the insurer's next step; None while it waits for the customer and when all is done."""
    since = _day(claim.stage_since, zone)
    review_since = _day(claim.review_since or claim.stage_since, zone)
    match claim.stage:
        case Stage.REPORTED:
            return add_working_days(since, FIRST_ANSWER_DAYS)
        case Stage.UNDER_REVIEW:
            return add_working_days(review_since, DECISION_DAYS[Complexity(claim.complexity)])
        case Stage.INVESTIGATING:
            return add_working_days(review_since, DECISION_AT_MOST_DAYS)
        case Stage.APPROVED:
            return since + timedelta(days=PAYMENT_CALENDAR_DAYS)
        case _:
            return None
