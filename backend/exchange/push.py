"""Records from the insurer's core system: each upserted once per version, older versions ignored, one by one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum.cn import ric

from backend.conversations.bindings import unbind_customer
from backend.core.crypto import Vault
from backend.core.errors import Invalid, Problem
from backend.customers import standing
from backend.customers.models import Customer, IdType, tidy_id_number
from backend.customers.service import one_phone
from backend.exchange.policy_parts import replace_parts
from backend.exchange.schemas import CustomerPush, Outcome, PolicyPush, Pushed
from backend.policies.models import Policy, Product
from backend.policies.payments import touch


class Item(Protocol):
    """What every pushed record has."""

    external_id: str
    version: int


ItemT = TypeVar("ItemT", bound=Item)


class Known(Protocol):
    """What every stored record of a source has."""

    source_version: int | None


class Clash(Problem):
    """Another record has this number or identity document."""

    status_code, code = 409, "conflict"


async def push_customers(
    session: AsyncSession, vault: Vault, source: str, items: Sequence[CustomerPush], today: date
) -> list[Pushed]:
    """One outcome an item; raises nothing that concerns one item only."""
    touched: list[int] = []

    async def save(item: CustomerPush) -> Outcome:
        known = await known_record(session, Customer, source, item.external_id)
        if known is not None and (outcome := stale(known, item)):
            return outcome
        customer = known or Customer(source=source, external_id=item.external_id)
        await _fill_customer(session, vault, customer, item)
        session.add(customer)
        await session.flush()
        touched.append(customer.id)
        return Outcome.UPDATED if known else Outcome.CREATED

    outcomes = await each(session, "customer", source, items, save)
    if touched:
        await standing.refresh(session, touched, today)
    return outcomes


async def _fill_customer(session: AsyncSession, vault: Vault, customer: Customer, item: CustomerPush) -> None:
    phone = one_phone(item.phone) if item.phone else None
    if customer.id and customer.phone != phone:
        await unbind_customer(session, customer.id, "phone_changed")
    for name, value in item.model_dump(exclude={"external_id", "version", "id_number", "phone"}).items():
        setattr(customer, name, value)
    customer.phone, customer.source_version = phone, item.version
    if item.id_number:
        number = tidy_id_number(item.id_number)
        if item.id_type == IdType.RESIDENT_ID and not ric.is_valid(number):
            raise Invalid("The identity number is not valid: check its last digit.", field="id_number")
        customer.set_id_number(vault, number)


async def push_policies(
    session: AsyncSession, source: str, items: Sequence[PolicyPush], today: date
) -> list[Pushed]:
    """One outcome an item; the holder must be known from the same source."""
    products = {product.code: product for product in await session.scalars(select(Product))}
    touched: set[int] = set()

    async def save(item: PolicyPush) -> Outcome:
        known = await known_record(session, Policy, source, item.external_id)
        if known is not None and (outcome := stale(known, item)):
            return outcome
        product = products.get(item.product_code)
        if product is None:
            raise Invalid("There is no such product.", field="product_code")
        holder = await known_record(session, Customer, source, item.holder_external_id)
        if holder is None:
            raise Invalid("Push the holder first.", field="holder_external_id")
        policy = known or Policy(source=source, external_id=item.external_id)
        touched.update({holder.id} | ({policy.holder_id} if known else set()))
        _fill_policy(policy, item, product.id, holder.id)
        session.add(policy)
        await session.flush()
        await replace_parts(session, policy, item)
        return Outcome.UPDATED if known else Outcome.CREATED

    outcomes = await each(session, "policy", source, items, save)
    if touched:
        await standing.refresh(session, sorted(touched), today)
    return outcomes


def _fill_policy(policy: Policy, item: PolicyPush, product_id: int, holder_id: int) -> None:
    apart = {"external_id", "version", "product_code", "holder_external_id"}
    apart |= {"coverages", "riders", "instalments", "beneficiaries"}
    for name, value in item.model_dump(exclude=apart).items():
        setattr(policy, name, value)
    policy.product_id, policy.holder_id, policy.source_version = product_id, holder_id, item.version
    if policy.id:
        touch(policy)


async def known_record(session: AsyncSession, table: type[Any], source: str, external_id: str) -> Any:
    """The record of this source, read anew; None when it is not known yet."""
    query = select(table).where(table.source == source, table.external_id == external_id)
    return await session.scalar(query.execution_options(populate_existing=True))


def stale(known: Known, item: Item) -> Outcome | None:
    """What becomes of an item that brings nothing new; None for one that does."""
    if known.source_version is None or item.version > known.source_version:
        return None
    return Outcome.UNCHANGED if item.version == known.source_version else Outcome.OUT_OF_DATE


async def each(
    session: AsyncSession,
    kind: str,
    source: str,
    items: Sequence[ItemT],
    save: Callable[[ItemT], Awaitable[Outcome]],
) -> list[Pushed]:
    """Save them by number and version, so that two pushes of the same records never wait for each other in a circle,
    each in a savepoint of its own; outcomes in the order of the items."""
    answers: dict[int, Pushed] = {}
    order = sorted(range(len(items)), key=lambda place: (items[place].external_id, items[place].version))
    for name in sorted({item.external_id for item in items}):
        await session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 3))"),
            {"name": f"{kind}:{source}:{name}"},
        )
    for place in order:
        item = items[place]
        try:
            async with session.begin_nested():
                answers[place] = Pushed(external_id=item.external_id, outcome=await save(item))
        except Problem as problem:
            answers[place] = _rejected(item, problem)
        except IntegrityError:
            clash = Clash("Another record has this number or identity document.")
            answers[place] = _rejected(item, clash)
    return [answers[place] for place in range(len(items))]


def _rejected(item: Item, problem: Problem) -> Pushed:
    return Pushed(
        external_id=item.external_id,
        outcome=Outcome.REJECTED,
        code=problem.code,
        detail=problem.detail,
        field=problem.extra.get("field"),
    )
