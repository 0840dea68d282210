"""Tags that people give and take away; those of rules are `standing`'s."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.errors import Conflict
from backend.customers.models import CustomerTag
from backend.customers.schemas import TagCount, TagList, TagRead


class TagOfRule(Conflict):
    """A rule gives this tag; it goes when the rule no longer holds."""

    code = "tag_of_rule"


async def list_tags(session: AsyncSession, customer_id: int) -> TagList:
    rows = await session.scalars(
        select(CustomerTag).where(CustomerTag.customer_id == customer_id).order_by(CustomerTag.tag)
    )
    return TagList(items=[TagRead.model_validate(row) for row in rows])


async def add_tag(session: AsyncSession, customer_id: int, tag: str, agent_id: int | None) -> bool:
    """Whether the customer did not have it before; two who add it at once add it once."""
    row = {"customer_id": customer_id, "tag": tag, "is_by_rule": False, "added_by": agent_id}
    new = insert(CustomerTag).values(**row, added_at=clock.now()).on_conflict_do_nothing()
    return await session.scalar(new.returning(CustomerTag.tag)) is not None


async def remove_tag(session: AsyncSession, customer_id: int, tag: str) -> bool:
    """Whether the customer had it; raises `TagOfRule`."""
    row = await session.get(CustomerTag, (customer_id, tag))
    if row is not None and row.is_by_rule:
        raise TagOfRule("A rule gives this tag. It goes when the rule no longer holds.")
    gone = delete(CustomerTag).where(
        CustomerTag.customer_id == customer_id, CustomerTag.tag == tag, CustomerTag.is_by_rule.is_(False)
    )
    return await session.scalar(gone.returning(CustomerTag.tag)) is not None


async def count_tags(session: AsyncSession) -> list[TagCount]:
    """Every tag in use, the most frequent first."""
    count = func.count()
    rows = await session.execute(
        select(CustomerTag.tag, count).group_by(CustomerTag.tag).order_by(count.desc(), CustomerTag.tag)
    )
    return [TagCount(tag=tag, customers=customers) for tag, customers in rows]
