"""The demo company in a real database."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from stdnum import luhn

from backend.changes.models import ChangeRequest, ChangeState
from backend.claims.models import Claim, ClaimDocument, ClaimEvent, Stage
from backend.core.access import Agent, Role
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.customers.models import (
    ACCOUNT,
    Customer,
    CustomerStanding,
    CustomerTag,
    FamilyMember,
    PaymentAccount,
    Tier,
)
from backend.demo.load import load
from backend.demo.people import people
from backend.launch.postgres import EmbeddedPostgres
from backend.notices.models import Notice
from backend.policies.models import (
    Beneficiary,
    Payment,
    PaymentAllocation,
    Policy,
    PolicyRider,
    PolicyStatus,
    PremiumInstalment,
)
from backend.segments.filters import SegmentFilter
from backend.segments.models import Segment
from backend.segments.service import preview
from backend.tasks.models import Task

TODAY = date(2026, 11, 22)


VAULT = Vault("k1:" + base64.b64encode(bytes(32)).decode())
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
async def demo_database(postgres: EmbeddedPostgres, migrated: str) -> AsyncIterator[Database]:
    """One database with the demo company for all tests here; they only read."""
    with psycopg.connect(
        host=str(postgres.sockets), user="anda", dbname="postgres", autocommit=True
    ) as admin:
        admin.execute(f"CREATE DATABASE test_demo TEMPLATE {migrated} STRATEGY FILE_COPY".encode())
        database = Database(postgres.dsn.replace("/anda?", "/test_demo?"))
        async with database.session.begin() as session:
            assert await load(session, VAULT, TODAY, ZONE)
        yield database
        await database.close()
        admin.execute(b"DROP DATABASE test_demo WITH (FORCE)")


@pytest.fixture
async def loaded(demo_database: Database) -> AsyncIterator[AsyncSession]:
    async with demo_database.session() as session:
        yield session


async def test_it_is_as_large_as_promised(loaded: AsyncSession) -> None:
    async def count(what: type) -> int:
        return await loaded.scalar(select(func.count()).select_from(what)) or 0

    assert await count(Customer) >= 200
    assert await count(Policy) >= 350
    assert await count(Claim) >= 250
    assert await count(ClaimEvent) > await count(Claim)
    stages = set(await loaded.scalars(select(Claim.stage).distinct()))
    assert stages == set(Stage)
    agents = list(await loaded.scalars(select(Agent).where(Agent.role == Role.AGENT)))
    assert len(agents) == 8
    assert {skill for agent in agents for skill in agent.skills} == {"claims", "policy_service", "complaints"}


async def test_loading_again_changes_nothing(loaded: AsyncSession) -> None:
    before = await loaded.scalar(select(func.count()).select_from(Customer))
    assert not await load(loaded, VAULT, TODAY + timedelta(days=1), ZONE)
    assert await loaded.scalar(select(func.count()).select_from(Customer)) == before


async def test_premiums_follow_from_each_status(loaded: AsyncSession) -> None:
    rows = await loaded.execute(
        select(Policy.status, PremiumInstalment.due_date, PremiumInstalment.paid_date).join(PremiumInstalment)
    )
    for status, due, paid in rows:
        if paid is not None:
            assert paid <= TODAY
        elif due < TODAY:
            assert status in (PolicyStatus.GRACE, PolicyStatus.LAPSED)
        else:
            assert status in (PolicyStatus.ACTIVE, PolicyStatus.GRACE)


async def test_every_policy_in_grace_or_lapsed_has_an_open_premium(loaded: AsyncSession) -> None:
    with_open = select(PremiumInstalment.policy_id).where(PremiumInstalment.paid_date.is_(None))
    overdue = select(Policy.number).where(Policy.status.in_([PolicyStatus.GRACE, PolicyStatus.LAPSED]))
    assert list(await loaded.scalars(overdue.where(Policy.id.not_in(with_open)))) == []


async def test_todays_cover_holds_for_policies_in_force_only(loaded: AsyncSession) -> None:
    for policy in await loaded.scalars(select(Policy)):
        if policy.status in (PolicyStatus.ACTIVE, PolicyStatus.GRACE):
            assert policy.start_date <= TODAY <= policy.end_date, policy.number
        if policy.status == PolicyStatus.EXPIRED:
            assert policy.end_date < TODAY, policy.number


async def test_shares_sum_to_a_hundred(loaded: AsyncSession) -> None:
    sums = select(func.sum(Beneficiary.share_percent)).group_by(Beneficiary.policy_id)
    assert set(await loaded.scalars(sums)) == {Decimal(100)}


async def test_histories_end_where_the_claims_stand(loaded: AsyncSession) -> None:
    for claim in await loaded.scalars(select(Claim).options(selectinload(Claim.events))):
        assert claim.events[0].stage == Stage.REPORTED
        assert (claim.events[-1].stage, claim.events[-1].occurred_at) == (claim.stage, claim.stage_since)
        assert claim.incident_date <= claim.reported_date < TODAY
        assert (claim.paid_date is not None) == any(event.stage == Stage.PAID for event in claim.events)


async def test_who_waits_for_documents_lacks_one(loaded: AsyncSession) -> None:
    lacking = select(ClaimDocument.claim_id).where(ClaimDocument.received_at.is_(None))
    waiting = select(Claim.number).where(Claim.stage == Stage.AWAITING_DOCUMENTS)
    assert list(await loaded.scalars(waiting.where(Claim.id.not_in(lacking)))) == []


async def test_people_to_play_are_there(loaded: AsyncSession) -> None:
    for person in people(TODAY):
        customer = await loaded.scalar(select(Customer).where(Customer.name == person.name))
        assert customer is not None
        assert customer.phone == person.phone
        assert (customer.id_number(VAULT) or "")[-4:] == person.last4
        assert person.id_number not in (customer.id_number_sealed or "")
        held = await loaded.scalars(select(Policy.number).where(Policy.holder_id == customer.id))
        assert sorted(held) == sorted(policy.number for policy in person.policies)


async def test_the_calendars_notices_are_planned_from_tomorrow_on(loaded: AsyncSession) -> None:
    notices = list(await loaded.scalars(select(Notice)))
    assert {notice.state for notice in notices} == {"planned"}
    assert min(notice.planned_for.astimezone(ZONE).date() for notice in notices) > TODAY
    assert {"premium_due", "renewal"} <= {notice.kind for notice in notices}


async def test_every_segment_describes_somebody(loaded: AsyncSession) -> None:
    for segment in await loaded.scalars(select(Segment)):
        found = await preview(loaded, SegmentFilter.model_validate(segment.filter), ZONE)
        assert 0 < found.count < found.of, segment.name


async def test_every_paid_premium_has_its_payment(loaded: AsyncSession) -> None:
    paid = select(func.sum(PremiumInstalment.amount)).where(PremiumInstalment.paid_date.is_not(None))
    came_in, went = select(func.sum(Payment.amount)), select(func.sum(PaymentAllocation.amount))
    assert await loaded.scalar(paid) == await loaded.scalar(came_in) == await loaded.scalar(went)


async def test_everybody_has_a_standing_and_some_are_in_each_tier(loaded: AsyncSession) -> None:
    customers = await loaded.scalar(select(func.count()).select_from(Customer))
    assert await loaded.scalar(select(func.count()).select_from(CustomerStanding)) == customers
    assert set(await loaded.scalars(select(Customer.tier).distinct())) == set(Tier)
    states = set(await loaded.scalars(select(ChangeRequest.state).distinct()))
    assert states >= {ChangeState.ASKED, ChangeState.APPLIED, ChangeState.DECLINED}
    for table in (PolicyRider, FamilyMember, CustomerTag, PaymentAccount, Task):
        assert (await loaded.scalar(select(func.count()).select_from(table)) or 0) > 10, table


async def test_account_numbers_are_no_banks(loaded: AsyncSession) -> None:
    for account in await loaded.scalars(select(PaymentAccount)):
        number = VAULT.open(account.account_sealed, ACCOUNT)
        assert number.startswith("999999")
        assert luhn.is_valid(number)
