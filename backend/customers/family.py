"""Who belongs to whom: one row a relation, read from both sides."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.core.errors import Conflict, Invalid, NotFound
from backend.customers.models import Customer, FamilyMember, Gender, Relation
from backend.customers.schemas import RelativeCreate, RelativeRead
from backend.customers.service import get_customer

CHILDREN = (Relation.SON, Relation.DAUGHTER)
PARENTS = (Relation.FATHER, Relation.MOTHER)


def seen_from_the_other_side(relation: Relation, gender: str | None) -> Relation:
    """What the customer (of `gender`) is to somebody who is their `relation`."""
    is_female = gender == Gender.FEMALE
    if gender and relation in CHILDREN:
        return Relation.MOTHER if is_female else Relation.FATHER
    if gender and relation in PARENTS:
        return Relation.DAUGHTER if is_female else Relation.SON
    return relation if relation in (Relation.SPOUSE, Relation.SIBLING) else Relation.OTHER


async def family_of(session: AsyncSession, customer_id: int) -> list[RelativeRead]:
    """Everybody related to this customer, whoever's record the relation was entered on."""
    customer, relative = aliased(Customer), aliased(Customer)
    rows = await session.execute(
        select(FamilyMember, customer, relative)
        .join(customer, customer.id == FamilyMember.customer_id)
        .outerjoin(relative, relative.id == FamilyMember.relative_id)
        .where(or_(FamilyMember.customer_id == customer_id, FamilyMember.relative_id == customer_id))
        .order_by(FamilyMember.id)
    )
    return [_read(row, owner, other, customer_id) for row, owner, other in rows]


def _read(row: FamilyMember, owner: Customer, other: Customer | None, customer_id: int) -> RelativeRead:
    is_ours = row.customer_id == customer_id
    relation = Relation(row.relation)
    person = other if is_ours else owner
    return RelativeRead(
        id=row.id,
        relation=relation if is_ours else seen_from_the_other_side(relation, owner.gender),
        name=person.name if person else row.name or "",
        customer_id=person.id if person else None,
        birth_date=person.birth_date if person else row.birth_date,
    )


async def add_relative(session: AsyncSession, customer_id: int, body: RelativeCreate) -> FamilyMember:
    """Raises `Invalid` unless it is another customer or a name, `Conflict` when the two are related already."""
    if (body.customer_id is None) == (body.name is None):
        raise Invalid("Give either the relative's customer id or their name.", field="name")
    if body.customer_id is not None:
        await _check_new(session, customer_id, body.customer_id)
    row = FamilyMember(
        customer_id=customer_id,
        relative_id=body.customer_id,
        name=body.name,
        relation=body.relation,
        birth_date=body.birth_date if body.customer_id is None else None,
    )
    session.add(row)
    await session.flush()
    return row


async def _check_new(session: AsyncSession, customer_id: int, relative_id: int) -> None:
    if relative_id == customer_id:
        raise Invalid("Nobody is their own relative.", field="customer_id")
    # Both records locked in one order: two agents who enter the pair from both sides enter it once.
    pair = sorted((customer_id, relative_id))
    await session.execute(
        select(Customer.id).where(Customer.id.in_(pair)).order_by(Customer.id).with_for_update(key_share=True)
    )
    await get_customer(session, relative_id)
    known = select(FamilyMember.id).where(
        FamilyMember.customer_id.in_(pair), FamilyMember.relative_id.in_(pair)
    )
    if await session.scalar(known):
        raise Conflict("These two are related already. Remove that relation first.")


async def remove_relative(session: AsyncSession, customer_id: int, member_id: int) -> None:
    """Raises `NotFound` for what is no relation of this customer."""
    row = await session.get(FamilyMember, member_id)
    if row is None or customer_id not in (row.customer_id, row.relative_id):
        raise NotFound("There is no such relative.")
    await session.delete(row)
    await session.flush()
