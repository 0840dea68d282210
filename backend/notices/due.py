"""What the calendar decides: premiums, renewals, anniversaries, birthdays, documents and new policies.

Asked every few minutes; a day on which nobody asked is caught up with, and nothing is decided twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, cast, extract, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, Stage
from backend.core import business, clock
from backend.customers.models import Customer
from backend.notices.deciding import Plan, decide
from backend.notices.triggers import follow_up_of_policy
from backend.policies.models import IN_FORCE, Policy, PremiumInstalment, Product

# A policy recorded later than this after its issue is history (an import), not news.
NEWS_DAYS = 10
BATCH = 500


async def decide_due(session: AsyncSession, zone: ZoneInfo, today: date | None = None) -> int:
    """Everything the calendar asks for `today`, which is the business day unless said; how many are new."""
    leads: dict[str, list[int]] = await business.setting(session, "notice_lead_days")
    today = today or clock.today(zone)
    plans = [
        *await _premiums_due(session, today, zone, leads["premium_due"]),
        *await _premiums_overdue(session, today, zone, leads["premium_overdue"]),
        *await _renewals(session, today, zone, leads["renewal"]),
        *await _anniversaries(session, today, zone),
        *await _birthdays(session, today, zone),
        *await _documents(session, leads["documents_missing"]),
        *await _new_policies(session, today, leads["follow_up_policy"]),
    ]
    decided = 0
    for start in range(0, len(plans), BATCH):
        decided += await decide(session, plans[start : start + BATCH])
    return decided


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone)


def _passed(days: Iterable[int], since: int) -> int | None:
    """The latest of the `days` that `since` has reached, so that one late reminder stands for those missed."""
    return max((day for day in days if day <= since), default=None)


async def _premiums_due(session: AsyncSession, today: date, zone: ZoneInfo, leads: list[int]) -> list[Plan]:
    last = today + timedelta(days=max(leads, default=-1))
    plans = []
    for policy, due in await _unpaid(session, today, last):
        lead = min(day for day in leads if due - timedelta(days=day) <= today)
        plans.append(
            Plan(
                "premium_due",
                f"policy:{policy.number}",
                f"{due}:{lead}",
                policy.holder_id,
                {"due_date": str(due)},
                expires_at=_end_of(due, zone),
            )
        )
    return plans


async def _unpaid(session: AsyncSession, first: date, last: date) -> list[tuple[Policy, date]]:
    query = (
        select(Policy, PremiumInstalment.due_date)
        .join(PremiumInstalment, PremiumInstalment.policy_id == Policy.id)
        .where(
            PremiumInstalment.paid_date.is_(None),
            PremiumInstalment.due_date.between(first, last),
            Policy.status.in_(IN_FORCE),
        )
    )
    return [(policy, due) for policy, due in await session.execute(query)]


async def _premiums_overdue(
    session: AsyncSession, today: date, zone: ZoneInfo, days: list[int]
) -> list[Plan]:
    """Only where the terms know a grace period, whose end is what the notice is for."""
    plans = []
    query = (
        select(Policy.number, Policy.holder_id, PremiumInstalment.due_date, Product.grace_days)
        .join(PremiumInstalment, PremiumInstalment.policy_id == Policy.id)
        .join(Product, Product.id == Policy.product_id)
        .where(
            PremiumInstalment.paid_date.is_(None),
            PremiumInstalment.due_date < today,
            PremiumInstalment.due_date + cast(Product.grace_days, Integer) >= today,
            Policy.status.in_(IN_FORCE),
        )
    )
    for number, holder_id, due, grace_days in await session.execute(query):
        passed = _passed(days, (today - due).days)
        if passed is None:
            continue
        until = _end_of(due + timedelta(days=grace_days or 0), zone)
        details = {"due_date": str(due)}
        plans.append(
            Plan(
                "premium_overdue", f"policy:{number}", f"{due}:{passed}", holder_id, details, expires_at=until
            )
        )
    return plans


async def _renewals(session: AsyncSession, today: date, zone: ZoneInfo, leads: list[int]) -> list[Plan]:
    last = today + timedelta(days=max(leads, default=-1))
    query = select(Policy).where(Policy.end_date.between(today, last), Policy.status.in_(IN_FORCE))
    return [
        Plan(
            "renewal",
            f"policy:{policy.number}",
            f"{policy.end_date}:{min(day for day in leads if policy.end_date - timedelta(days=day) <= today)}",
            policy.holder_id,
            {"end_date": str(policy.end_date)},
            expires_at=_end_of(policy.end_date, zone),
        )
        for policy in await session.scalars(query)
    ]


def _same_day_of_year(today: date) -> list[tuple[int, int]]:
    """(month, day); those born on 29 February celebrate on the 28th of other years."""
    days = [(today.month, today.day)]
    is_leap = (date(today.year, 3, 1) - timedelta(days=1)).day == 29
    return [*days, (2, 29)] if days == [(2, 28)] and not is_leap else days


async def _anniversaries(session: AsyncSession, today: date, zone: ZoneInfo) -> list[Plan]:
    day = tuple_(extract("month", Policy.issued_on), extract("day", Policy.issued_on))
    query = select(Policy).where(
        day.in_(_same_day_of_year(today)),
        extract("year", Policy.issued_on) < today.year,
        Policy.status.in_(IN_FORCE),
    )
    return [
        Plan(
            "anniversary",
            f"policy:{policy.number}",
            str(today.year),
            policy.holder_id,
            {"years": today.year - policy.issued_on.year},
            expires_at=_end_of(today, zone),
        )
        for policy in await session.scalars(query)
    ]


async def _birthdays(session: AsyncSession, today: date, zone: ZoneInfo) -> list[Plan]:
    """Of those who hold a policy in force."""
    day = tuple_(extract("month", Customer.birth_date), extract("day", Customer.birth_date))
    holds = select(Policy.id).where(Policy.holder_id == Customer.id, Policy.status.in_(IN_FORCE))
    query = select(Customer.id).where(day.in_(_same_day_of_year(today)), holds.exists())
    return [
        Plan("birthday", f"customer:{who}", str(today.year), who, expires_at=_end_of(today, zone))
        for who in await session.scalars(query)
    ]


async def _documents(session: AsyncSession, days: list[int]) -> list[Plan]:
    query = select(Claim).where(
        Claim.stage == Stage.AWAITING_DOCUMENTS,
        or_(*(Claim.stage_since <= clock.now() - timedelta(days=day) for day in days)),
    )
    plans = []
    for claim in await session.scalars(query):
        passed = _passed(days, (clock.now() - claim.stage_since).days)
        if passed is not None:
            occasion = f"{claim.stage_since:%Y-%m-%d}:{passed}"
            plans.append(Plan("documents_missing", f"claim:{claim.number}", occasion, claim.customer_id))
    return plans


async def _new_policies(session: AsyncSession, today: date, days: list[int]) -> list[Plan]:
    """Also those that came in without anybody saying so."""
    query = select(Policy).where(
        Policy.issued_on.between(today - timedelta(days=NEWS_DAYS), today), Policy.status.in_(IN_FORCE)
    )
    policies = list(await session.scalars(query))
    return [follow_up_of_policy(policy, day) for policy in policies for day in days[:1]]
