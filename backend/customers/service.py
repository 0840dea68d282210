"""Finding customers, and showing them without their identity number."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Vault
from backend.core.errors import NotFound
from backend.core.paging import decode_id, encode_cursor
from backend.core.phones import phone_candidates
from backend.customers.models import Customer
from backend.customers.schemas import CustomerPage, CustomerRead, CustomerSummary


async def get_customer(session: AsyncSession, customer_id: int) -> Customer:
    """Raises `NotFound`."""
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer


async def list_customers(
    session: AsyncSession,
    *,
    phone: str | None = None,
    name: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> CustomerPage:
    """Customers by id; `phone` and `name` match wholly, `q` in part. Raises `Invalid` for a bad cursor."""
    query = select(Customer).order_by(Customer.id).limit(limit + 1)
    if phone:
        query = query.where(Customer.phone.in_(phone_candidates(phone)))
    if name:
        wanted = name.strip()
        query = query.where(or_(Customer.name == wanted, func.lower(Customer.latin_name) == wanted.lower()))
    if q:
        columns = (Customer.name, Customer.latin_name, Customer.phone, Customer.email, Customer.external_id)
        query = query.where(or_(*(column.icontains(q.strip(), autoescape=True) for column in columns)))
    if cursor:
        query = query.where(Customer.id > decode_id(cursor))
    found = list(await session.scalars(query))
    page = found[:limit]
    return CustomerPage(
        items=[CustomerSummary.model_validate(customer) for customer in page],
        next=encode_cursor(page[-1].id) if len(found) > limit else None,
    )


def masked(id_number: str) -> str:
    """First three and last four characters; of a short number the last four only."""
    shown = 3 if len(id_number) > 10 else 0
    return id_number[:shown] + "*" * (len(id_number) - shown - 4) + id_number[-4:]


def shown_to_agents(customer: Customer, vault: Vault) -> CustomerRead:
    """The customer as agents see it: phone in full, identity number masked."""
    number = customer.id_number(vault)
    shown = {name: getattr(customer, name) for name in CustomerRead.model_fields if hasattr(customer, name)}
    return CustomerRead(**shown, id_number_masked=masked(number) if number else None)
