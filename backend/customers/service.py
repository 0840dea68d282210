"""Finding, writing and showing customers; identity numbers stay sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.core.errors import Conflict, Invalid, NotFound, VersionConflict
from backend.core.phones import phone_candidates
from backend.core.sorting import orders
from backend.customers.models import Customer, CustomerTag, Tier
from backend.customers.schemas import (
    CustomerCreate,
    CustomerPage,
    CustomerRead,
    CustomerSummary,
    CustomerUpdate,
    Details,
)

ORDERS = orders(
    Customer.id,
    {
        "id": (Customer.id, int),
        "name": (Customer.name, str),
        "created_at": (Customer.created_at, datetime),
        "updated_at": (Customer.updated_at, datetime),
    },
)


async def get_customer(session: AsyncSession, customer_id: int) -> Customer:
    """Raises `NotFound`."""
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer


async def list_customers(
    session: AsyncSession,
    *,
    shows_phones: bool = True,
    phone: str | None = None,
    name: str | None = None,
    q: str | None = None,
    tier: Tier | None = None,
    tag: str | None = None,
    region: str | None = None,
    source: str | None = None,
    external_id: str | None = None,
    sort: str = "id",
    cursor: str | None = None,
    limit: int = 50,
) -> CustomerPage:
    """Customers that fit every filter; `phone` and `name` match wholly, `q` in part. Raises `Invalid` for a
    cursor that is not of this list."""
    query = select(Customer)
    if phone:
        query = query.where(Customer.phone.in_(phone_candidates(phone)))
    if name:
        wanted = name.strip()
        query = query.where(or_(Customer.name == wanted, func.lower(Customer.latin_name) == wanted.lower()))
    if q:
        columns = (Customer.name, Customer.latin_name, Customer.phone, Customer.email, Customer.external_id)
        query = query.where(or_(*(column.icontains(q.strip(), autoescape=True) for column in columns)))
    if tag:
        query = query.where(Customer.id.in_(select(CustomerTag.customer_id).where(CustomerTag.tag == tag)))
    equal = {Customer.tier: tier, Customer.region: region, Customer.source: source}
    for column, value in (*equal.items(), (Customer.external_id, external_id)):
        query = query.where(column == value) if value is not None else query
    order = ORDERS[sort]
    found = list(await session.scalars(order.page(query, cursor, limit)))
    page, following = order.next(found, limit)
    return CustomerPage(items=await summaries(session, page, shows_phones), next=following)


async def summaries(
    session: AsyncSession, customers: Sequence[Customer], shows_phones: bool
) -> list[CustomerSummary]:
    """The customers as lists show them, in the same order."""
    tags = await tags_of(session, [customer.id for customer in customers])
    return [
        CustomerSummary(
            **_own_values(customer, CustomerSummary)
            | {"phone": shown_phone(customer.phone, shows_phones), "tags": tags.get(customer.id, [])}
        )
        for customer in customers
    ]


async def tags_of(session: AsyncSession, customer_ids: Sequence[int]) -> dict[int, list[str]]:
    """The tags of each customer that has any, by name."""
    rows = await session.execute(
        select(CustomerTag.customer_id, CustomerTag.tag)
        .where(CustomerTag.customer_id.in_(customer_ids))
        .order_by(CustomerTag.tag)
    )
    tags: dict[int, list[str]] = {}
    for customer_id, tag in rows:
        tags.setdefault(customer_id, []).append(tag)
    return tags


def _own_values(customer: Customer, schema: type[CustomerSummary]) -> dict[str, object]:
    return {name: getattr(customer, name) for name in schema.model_fields if hasattr(customer, name)}


def masked(number: str) -> str:
    """First three and last four characters; of a short number the last four only."""
    shown = 3 if len(number) > 10 else 0
    return number[:shown] + "*" * (len(number) - shown - 4) + number[-4:]


def shown_phone(phone: str | None, in_full: bool) -> str | None:
    """The phone, or enough of it to compare with what somebody says: +86142****0101."""
    if phone is None or in_full:
        return phone
    return f"{phone[:-8]}****{phone[-4:]}" if len(phone) > 8 else f"****{phone[-4:]}"


async def shown(
    session: AsyncSession, customer: Customer, vault: Vault, *, shows_phones: bool
) -> CustomerRead:
    """The customer, the identity number masked, and the phone unless `shows_phones`."""
    number = customer.id_number(vault)
    tags = await tags_of(session, [customer.id])
    return CustomerRead(
        **_own_values(customer, CustomerRead)
        | {
            "phone": shown_phone(customer.phone, shows_phones),
            "tags": tags.get(customer.id, []),
            "id_number_masked": masked(number) if number else None,
        }
    )


def one_phone(typed: str) -> str:
    """The one E.164 number that `typed` can mean; raises `Invalid`."""
    candidates = phone_candidates(typed)
    if not candidates:
        raise Invalid("This cannot be a phone number.", field="phone")
    return candidates[0]


async def create_customer(session: AsyncSession, vault: Vault, body: CustomerCreate) -> Customer:
    """Raises `Conflict` when the identity document is already on record, `Invalid` for an impossible phone."""
    given = body.model_dump(exclude={"id_number", "phone"}, exclude_none=True)
    customer = Customer(**given, phone=one_phone(body.phone) if body.phone else None)
    if body.id_number:
        customer.set_id_number(vault, body.id_number)
        if await _holder_of(session, customer) is not None:
            raise Conflict("There is already a customer with this identity document.")
    session.add(customer)
    await session.flush()
    return customer


async def _holder_of(session: AsyncSession, like: Customer) -> int | None:
    query = select(Customer.id).where(
        Customer.id_type == like.id_type, Customer.id_number_index == like.id_number_index
    )
    with session.no_autoflush:
        return await session.scalar(query)


async def update_customer(session: AsyncSession, customer_id: int, body: CustomerUpdate) -> list[str]:
    """Set the fields that were sent, and only them; the names of those that changed.

    Raises `VersionConflict` when the record changed since `body.version`, `Invalid` for what cannot be empty.
    """
    customer = await get_customer(session, customer_id)
    if customer.version != body.version:
        raise VersionConflict
    changed = []
    for name in sorted(body.model_fields_set & set(Details.model_fields)):
        value = getattr(body, name)
        if value is None and name in ("name", "language"):
            raise Invalid(f"{name} cannot be empty.", field=name)
        if getattr(customer, name) != value:
            setattr(customer, name, value)
            changed.append(name)
    await session.flush()  # another writer since we read: StaleDataError, 409
    return changed
