"""Loads the demo company into an empty database, once, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.changes import models as change_requests
from backend.core.crypto import Vault
from backend.core.db import Base
from backend.customers import standing
from backend.customers.models import Customer
from backend.demo import extras
from backend.demo.agents import agent_rows
from backend.demo.canned import canned_rows
from backend.demo.claim_papers import load_papers
from backend.demo.claim_rows import claim_belongings, claim_row
from backend.demo.company import company
from backend.demo.notices import load_notices
from backend.demo.person import Person, customer_row
from backend.demo.policy_rows import belongings, policy_row, product_rows
from backend.policies.models import Policy, PremiumInstalment
from backend.tasks import models as tasks

Report = Callable[[str, int], None]
PLAYED = 20  # the first people are those to play; their drafts are for the player to begin
LOCK = 0x616E6461  # two loads at once take turns


async def is_loaded(session: AsyncSession) -> bool:
    """Whether the demo company is in this database."""
    return await session.scalar(select(Customer.id).where(Customer.source == "demo").limit(1)) is not None


async def load(
    session: AsyncSession,
    vault: Vault,
    today: date,
    zone: ZoneInfo,
    report: Report = lambda *_: None,
    data_dir: Path | None = None,
) -> bool:
    """Load everything unless it is there; whether it was loaded now. `report` hears what and how many.

    Pictures of documents are stored below `data_dir`; without one there are none.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if await is_loaded(session):
        return False
    everybody = company(today)
    await _save(session, agent_rows(), "agents", report)
    await _save(session, canned_rows(), "canned replies", report)
    customers = [customer_row(person, vault) for person in everybody]
    extras.give_occupations(customers)
    await _save(session, customers, "customers", report)
    policies = await _load_policies(session, everybody, customers, today, zone, report)
    await _load_claims(session, everybody, policies, today, zone, report)
    await _load_extras(session, everybody, customers, vault, today, zone, report)
    papers = await load_papers(session, data_dir, customers[PLAYED].id, today, zone)
    report("claim drafts and pictures", papers)
    made = await load_notices(session, customers, today, zone)
    report("segments, consents and texts", len(made))
    return True


async def _save(session: AsyncSession, rows: Sequence[Base], what: str, report: Report) -> None:
    session.add_all(rows)
    await session.flush()
    report(what, len(rows))


async def _load_policies(
    session: AsyncSession,
    everybody: list[Person],
    customers: list[Customer],
    today: date,
    zone: ZoneInfo,
    report: Report,
) -> dict[str, Policy]:
    products = product_rows()
    await _save(session, list(products.values()), "products", report)
    kinds = {product.id: kind for kind, product in products.items()}
    policies = {
        spec.number: policy_row(spec, products[spec.product].id, customer.id, today)
        for person, customer in zip(everybody, customers, strict=True)
        for spec in person.policies
    }
    await _save(session, list(policies.values()), "policies", report)
    parts = [
        row
        for person in everybody
        for spec in person.policies
        for row in belongings(spec, policies[spec.number], today)
    ]
    await _save(session, parts, "coverages, premiums and beneficiaries", report)
    await _save(session, extras.rider_rows(list(policies.values()), kinds), "riders", report)
    paid = extras.payment_rows([row for row in parts if isinstance(row, PremiumInstalment)], zone)
    await _save(session, [payment for payment, _ in paid], "payments", report)
    await _save(session, extras.allocation_rows(paid), "payments' premiums", report)
    return policies


async def _load_extras(
    session: AsyncSession,
    everybody: list[Person],
    customers: list[Customer],
    vault: Vault,
    today: date,
    zone: ZoneInfo,
    report: Report,
) -> None:
    people = extras.belongings_of_people(everybody, customers, vault, today, zone)
    await _save(session, people, "relatives, tags, bank accounts and tasks", report)
    changes = extras.change_rows(customers[PLAYED:], vault, today, zone)
    await _save(session, changes, "change requests", report)
    # The numbers given here are taken.
    for sequence, taken in ((tasks.NUMBERS, len(people)), (change_requests.NUMBERS, len(changes))):
        await session.execute(select(func.setval(sequence.name, taken)))
    await standing.refresh(session, [customer.id for customer in customers], today)


async def _load_claims(
    session: AsyncSession,
    everybody: list[Person],
    policies: dict[str, Policy],
    today: date,
    zone: ZoneInfo,
    report: Report,
) -> None:
    specs = [spec for person in everybody for spec in person.claims]
    # In the order of their reports, so that newer claims have higher ids as they would have grown.
    claims = [claim_row(spec, policies[spec.policy_number], today, zone) for spec in specs]
    pairs = sorted(zip(claims, specs, strict=True), key=lambda pair: (pair[0].reported_date, pair[0].number))
    await _save(session, [claim for claim, _ in pairs], "claims", report)
    parts = [row for claim, spec in pairs for row in claim_belongings(spec, claim, today, zone)]
    await _save(session, parts, "claim events and documents", report)
