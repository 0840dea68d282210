"""A segment's filter as a query: bound parameters only, one `EXISTS` a condition."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, literal, not_, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from backend.claims.models import Claim, Stage
from backend.conversations.models import Interaction
from backend.core import clock
from backend.customers.models import Customer, CustomerStanding, CustomerTag
from backend.notices import consents
from backend.notices.models import Consent
from backend.policies.models import Policy, PremiumInstalment, Product
from backend.segments.filters import (
    Conditions,
    ConsentIs,
    DayRange,
    DaysAhead,
    Holding,
    LastContact,
    SegmentFilter,
)
from backend.tickets.models import Ticket, TicketStatus

DONE = (Stage.PAID, Stage.DECLINED, Stage.WITHDRAWN, Stage.CLOSED)
Test = ColumnElement[bool]


def customers_in(wanted: SegmentFilter, zone: ZoneInfo, listed_from: int) -> Select[int]:
    """The ids of the customers whom `wanted` describes today; `listed_from` is where the lapse-risk list begins."""
    today = clock.today(zone)
    tests = _tests(wanted.include, today, zone, listed_from)
    query = select(Customer.id).where(Customer.erased_at.is_(None), *tests)
    if wanted.exclude is not None:
        query = query.where(not_(and_(*_tests(wanted.exclude, today, zone, listed_from))))
    return query


def _tests(given: Conditions, today: date, zone: ZoneInfo, listed_from: int) -> list[Test]:
    tests: list[Test] = [*_person(given, today), *(_holds(one, today) for one in given.holds)]
    if given.tags is not None:
        tests.append(exists().where(CustomerTag.customer_id == Customer.id, CustomerTag.tag.in_(given.tags)))
    if given.customer_since is not None:
        first = select(func.min(Policy.issued_on)).where(Policy.holder_id == Customer.id).scalar_subquery()
        tests.extend(_between(first, given.customer_since))
    if given.has_open_claim is not None:
        is_open = exists().where(Claim.customer_id == Customer.id, Claim.stage.not_in(DONE))
        tests.append(_if(is_open, given.has_open_claim))
    if given.has_open_ticket is not None:
        is_open = exists().where(Ticket.customer_id == Customer.id, Ticket.status != TicketStatus.RESOLVED)
        tests.append(_if(is_open, given.has_open_ticket))
    if given.last_contact is not None:
        tests.append(_contact(given.last_contact, today, zone))
    if given.consent is not None:
        tests.append(_consent(given.consent))
    if given.at_risk_of_lapse is not None:
        is_listed = exists().where(
            CustomerStanding.customer_id == Customer.id, CustomerStanding.risk_points >= listed_from
        )
        tests.append(_if(is_listed, given.at_risk_of_lapse))
    return tests


def _if(test: Test, wanted: bool) -> Test:
    return test if wanted else not_(test)


def _person(given: Conditions, today: date) -> list[Test]:
    # Coalesced, because a test that is neither true nor false would spoil the `not` around an exclusion.
    tests: list[Test] = []
    for column, values in ((Customer.tier, given.tiers), (Customer.language, given.languages)):
        if values is not None:
            tests.append(column.in_(values))
    if given.genders is not None:
        tests.append(func.coalesce(Customer.gender.in_(given.genders), False))
    if given.regions is not None:
        tests.append(or_(*(in_area(area) for area in given.regions)))
    if given.age_from is not None:
        tests.append(func.coalesce(Customer.birth_date <= _years_before(today, given.age_from), False))
    if given.age_to is not None:
        tests.append(func.coalesce(Customer.birth_date > _years_before(today, given.age_to + 1), False))
    if given.birthday_in is not None:
        tests.append(_birthday(given.birthday_in, today))
    return tests


def in_area(area: str) -> Test:
    """Whether the record's region is `area`, or the address names it (a city, a district)."""
    return or_(
        func.coalesce(Customer.region == area, False),
        func.coalesce(Customer.address.contains(area, autoescape=True), False),
    )


def _years_before(day: date, years: int) -> date:
    year = day.year - years
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(year, 2, 28) if is_leap_day else day.replace(year=year)


def _birthday(ahead: DaysAhead, today: date) -> Test:
    days = [today + timedelta(days=n) for n in range(ahead.from_days, min(ahead.to_days, 366) + 1)]
    day_of_year = tuple_(extract("month", Customer.birth_date), extract("day", Customer.birth_date))
    return func.coalesce(day_of_year.in_([(day.month, day.day) for day in days]), False)


def _between(value: ColumnElement[date] | InstrumentedAttribute[date], days: DayRange) -> list[Test]:
    tests: list[Test] = []
    if days.since is not None:
        tests.append(func.coalesce(value >= days.since, False))
    if days.until is not None:
        tests.append(func.coalesce(value <= days.until, False))
    return tests


def _ahead(value: InstrumentedAttribute[date], days: DaysAhead, today: date) -> Test:
    return value.between(today + timedelta(days=days.from_days), today + timedelta(days=days.to_days))


def _holds(given: Holding, today: date) -> Test:
    tests: list[Test] = [Policy.holder_id == Customer.id, Policy.status.in_(given.statuses)]
    if given.product_types is not None:
        of_type = select(Product.id).where(Product.type.in_(given.product_types))
        tests.append(Policy.product_id.in_(of_type))
    if given.product_codes is not None:
        tests.append(Policy.product_id.in_(select(Product.id).where(Product.code.in_(given.product_codes))))
    if given.issued is not None:
        tests.extend(_between(Policy.issued_on, given.issued))
    if given.ends is not None:
        tests.extend(_between(Policy.end_date, given.ends))
    if given.ends_in is not None:
        tests.append(_ahead(Policy.end_date, given.ends_in, today))
    unpaid = [PremiumInstalment.policy_id == Policy.id, PremiumInstalment.paid_date.is_(None)]
    if given.premium_due_in is not None:
        due = _ahead(PremiumInstalment.due_date, given.premium_due_in, today)
        tests.append(exists().where(*unpaid, due))
    if given.is_overdue:
        tests.append(exists().where(*unpaid, PremiumInstalment.due_date < today))
    return exists().where(*tests)


def _contact(given: LastContact, today: date, zone: ZoneInfo) -> Test:
    days = given.within_days if given.within_days is not None else given.not_within_days
    since = datetime.combine(today - timedelta(days=days or 0), time(), zone)
    tests = [
        Interaction.customer_id == Customer.id,
        Interaction.direction == "inbound",
        Interaction.occurred_at >= since,
    ]
    if given.channels is not None:
        tests.append(Interaction.channel.in_(given.channels))
    return _if(exists().where(*tests), given.within_days is not None)


def _consent(given: ConsentIs) -> Test:
    """The customer's latest word for every channel; a refusal on one channel only does not count here."""
    latest = (
        select(Consent.given)
        .where(
            Consent.customer_id == Customer.id, Consent.purpose == given.purpose, Consent.channel.is_(None)
        )
        .order_by(Consent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    said = func.coalesce(latest, literal(consents.DEFAULTS[given.purpose]))
    return _if(said.is_(True), given.given)
