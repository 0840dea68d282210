"""What the calendar asks for: premiums, renewals, anniversaries, birthdays, documents, follow-ups."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from backend.claims.models import Stage
from backend.notices import consents
from backend.notices.models import Purpose
from backend.policies.models import Policy, PremiumInstalment
from tests.insurance import make_claim, make_policy
from tests.notices.office import Office

# Dates that call for nothing by themselves on 23 November 2026.
QUIET: dict[str, Any] = {"issued_on": date(2024, 3, 1), "end_date": date(2027, 2, 28)}


async def kinds(office: Office) -> list[tuple[str, str]]:
    return [(notice.kind, notice.occurrence) for notice in await office.notices()]


async def test_a_premium_is_announced_14_days_and_3_days_before(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await office.customer()
    await make_policy(office.session, customer, dues=(("2026-12-07", None),), **QUIET)
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T02:00:00Z")
    await office.work.decide()
    assert await kinds(office) == [], "fifteen days before"
    for day in ("2026-11-23", "2026-11-24", "2026-12-03", "2026-12-04", "2026-12-06"):
        monkeypatch.setenv("ANDA_NOW", f"{day}T02:00:00Z")
        await office.work.decide()
    assert await kinds(office) == [("premium_due", "2026-12-07:14"), ("premium_due", "2026-12-07:3")]


async def test_it_says_amount_and_day_to_a_proved_person(office: Office) -> None:
    customer = await office.customer()
    await office.proved_on(customer, "wechat")
    await make_policy(office.session, customer, dues=(("2026-12-01", None),), **QUIET)
    await office.work.decide()
    await office.beat()
    ((_, text),) = office.platform.said()
    assert "4,200.00元" in text
    assert "2026年12月1日" in text
    assert "P2024000123" in text


async def test_a_premium_that_was_paid_meanwhile_is_not_announced(office: Office) -> None:
    customer = await office.customer()
    await make_policy(office.session, customer, dues=(("2026-12-01", None),), **QUIET)
    await office.work.decide()
    await office.session.execute(update(PremiumInstalment).values(paid_date=date(2026, 11, 23)))
    await office.session.commit()
    await office.beat()
    assert await office.states() == [("premium_due", "expired", "premium_paid")]
    assert office.platform.received == []


async def test_an_overdue_premium_names_the_end_of_the_grace_period(office: Office) -> None:
    customer = await office.customer()
    await office.proved_on(customer, "wechat")
    await make_policy(
        office.session, customer, product="critical_illness", dues=(("2026-11-20", None),), **QUIET
    )
    await office.work.decide()
    await office.beat()
    ((_, text),) = office.platform.said()
    assert "宽限期到 2027年1月19日" in text


async def test_a_renewal_is_announced_30_days_before_the_end_unless_renewed(office: Office) -> None:
    customer = await office.customer()
    await make_policy(office.session, customer, **(QUIET | {"end_date": date(2026, 12, 23)}))
    await office.work.decide()
    assert await kinds(office) == [("renewal", "2026-12-23:30")]
    await office.session.execute(update(Policy).values(end_date=date(2027, 12, 23)))
    await office.session.commit()
    await office.beat()
    assert await office.states() == [("renewal", "expired", "renewed")]


async def test_two_workers_and_a_day_of_beats_decide_once(office: Office) -> None:
    customer = await office.customer()
    await make_policy(office.session, customer, dues=(("2026-12-01", None),), **QUIET)
    await asyncio.gather(*(office.work.decide() for _ in range(4)))
    await office.work.decide()
    assert len(await office.notices()) == 1


async def test_greetings_go_to_those_who_asked_for_them(office: Office) -> None:
    asked = await office.customer(1, birth_date=date(1990, 11, 23))
    never_asked = await office.customer(2, birth_date=date(1985, 11, 23))
    for number, who in enumerate((asked, never_asked)):
        await make_policy(office.session, who, f"P202400020{number}", **QUIET)
    await consents.record(office.session, [Purpose.GREETINGS], True, "chat", customer_id=asked.id)
    await office.session.commit()
    await office.work.decide()
    await office.beat()
    assert [message.recipient for message in office.platform.received] == [asked.phone]
    assert await office.states() == [
        ("birthday", "sent", "usual_order"),
        ("birthday", "suppressed", "no_consent"),
    ]


async def test_born_on_the_29th_of_february(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = await office.customer(birth_date=date(1992, 2, 29))
    await make_policy(office.session, customer, **QUIET)
    monkeypatch.setenv("ANDA_NOW", "2027-02-28T02:00:00Z")
    await office.work.decide()
    assert "birthday" in [kind for kind, _ in await kinds(office)]


async def test_an_anniversary_counts_the_years(office: Office) -> None:
    customer = await office.customer()
    await office.proved_on(customer, "wechat")
    await make_policy(office.session, customer, **(QUIET | {"issued_on": date(2023, 11, 23)}))
    await consents.record(office.session, [Purpose.GREETINGS], True, "chat", customer_id=customer.id)
    await office.session.commit()
    await office.work.decide()
    await office.beat()
    assert "3 年" in office.platform.said()[0][1]


async def test_documents_are_asked_for_again_after_3_and_10_days(office: Office) -> None:
    customer = await office.customer()
    await office.proved_on(customer, "wechat")
    policy = await make_policy(office.session, customer, **QUIET)
    since = datetime(2026, 11, 19, 2, tzinfo=UTC)
    await make_claim(office.session, policy, stage=Stage.AWAITING_DOCUMENTS, stage_since=since)
    await office.work.decide()
    await office.beat()
    assert await kinds(office) == [("documents_missing", "2026-11-19:3")]
    assert "维修发票" in office.platform.said()[0][1]


async def test_a_new_policy_is_followed_up_three_days_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await office.customer()
    await make_policy(office.session, customer, **(QUIET | {"issued_on": date(2026, 11, 23)}))
    await office.session.commit()
    await office.work.decide()
    await office.beat()
    assert await kinds(office) == [("follow_up_policy", "2026-11-23")], "found on every look: one"
    assert office.platform.received == []
    monkeypatch.setenv("ANDA_NOW", "2026-11-26T02:01:00Z")
    await office.beat()
    assert len(office.platform.received) == 1


async def test_at_most_three_reminders_a_week(office: Office) -> None:
    customer = await office.customer()
    for number in range(5):
        await make_policy(
            office.session, customer, f"P202400020{number}", dues=(("2026-12-05", None),), **QUIET
        )
    await office.work.decide()
    await office.beat()
    assert len(office.platform.received) == 3
    waiting = [notice for notice in await office.notices() if notice.state == "planned"]
    assert [(one.reason, one.planned_for.date().isoformat()) for one in waiting] == [
        ("cap_reached", "2026-11-30")
    ] * 2


async def test_a_day_without_workers_is_caught_up_with_one_reminder(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await office.customer()
    await make_policy(office.session, customer, dues=(("2026-12-07", None),), **QUIET)
    monkeypatch.setenv("ANDA_NOW", "2026-12-05T02:00:00Z")
    await office.work.decide()
    assert await kinds(office) == [("premium_due", "2026-12-07:3")]
