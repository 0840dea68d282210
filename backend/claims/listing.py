"""Lists of claims: filtered, sorted, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import reading
from backend.claims.models import Claim, ClaimDispute, Stage
from backend.claims.schemas import ClaimPage
from backend.claims.service import DOCUMENTS, HOLDER, POLICY
from backend.core.numbers import tidy_number
from backend.core.paging import decode_id, decode_place, encode_cursor
from backend.customers.models import Customer
from backend.policies.models import Policy, Product, ProductType


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest_in_stage"


@dataclass(frozen=True)
class Wanted:
    """Which claims; None is no condition."""

    customer_id: int | None = None
    policy_number: str | None = None
    stages: list[Stage] | None = None
    type: str | None = None
    product_type: ProductType | None = None
    reported_from: date | None = None
    reported_to: date | None = None
    is_disputed: bool | None = None
    is_flagged: bool | None = None
    q: str | None = None


async def list_claims(
    session: AsyncSession,
    zone: ZoneInfo,
    wanted: Wanted,
    order: Order = Order.NEWEST,
    cursor: str | None = None,
    limit: int = 50,
) -> ClaimPage:
    """One page of claims. Raises `Invalid` for a foreign cursor."""
    query = _ordered(_filtered(wanted), order, cursor).options(POLICY, HOLDER, DOCUMENTS)
    found = list(await session.scalars(query.limit(limit + 1)))
    page = found[:limit]
    return ClaimPage(
        items=[reading.agent_summary(claim, zone) for claim in page],
        next=_cursor_after(page[-1], order) if len(found) > limit else None,
    )


def _filtered(wanted: Wanted) -> Select[Any]:
    query = select(Claim).join(Claim.policy)
    plain = {
        Claim.customer_id: wanted.customer_id,
        Claim.type: wanted.type,
        Claim.is_flagged: wanted.is_flagged,
    }
    for column, value in plain.items():
        if value is not None:
            query = query.where(column == value)
    if wanted.policy_number is not None:
        query = query.where(Policy.number == tidy_number(wanted.policy_number, "P"))
    if wanted.stages:
        query = query.where(Claim.stage.in_(wanted.stages))
    if wanted.product_type is not None:
        products = select(Product.id).where(Product.type == wanted.product_type)
        query = query.where(Policy.product_id.in_(products))
    if wanted.reported_from is not None:
        query = query.where(Claim.reported_date >= wanted.reported_from)
    if wanted.reported_to is not None:
        query = query.where(Claim.reported_date <= wanted.reported_to)
    if wanted.is_disputed is not None:
        is_open = exists().where(ClaimDispute.claim_id == Claim.id, ClaimDispute.closed_at.is_(None))
        query = query.where(is_open if wanted.is_disputed else ~is_open)
    return _searched(query, wanted.q) if wanted.q else query


def _searched(query: Select[Any], words: str) -> Select[Any]:
    """By the claim's or policy's number however it is typed, or a part of the holder's name."""
    part = words.strip()
    named = select(Customer.id).where(
        or_(
            Customer.name.icontains(part, autoescape=True),
            Customer.latin_name.icontains(part, autoescape=True),
        )
    )
    return query.where(
        or_(
            Claim.number == tidy_number(part, "C"),
            Policy.number == tidy_number(part, "P"),
            Claim.customer_id.in_(named),
        )
    )


def _ordered(query: Select[Any], order: Order, cursor: str | None) -> Select[Any]:
    match order:
        case Order.NEWEST:
            query = query.where(Claim.id < decode_id(cursor)) if cursor else query
            return query.order_by(Claim.id.desc())
        case Order.OLDEST:
            query = query.where(Claim.id > decode_id(cursor)) if cursor else query
            return query.order_by(Claim.id)
        case Order.LONGEST:
            if cursor:
                _, since, last_id = decode_place(cursor)
                query = query.where(tuple_(Claim.stage_since, Claim.id) > tuple_(since, last_id))
            return query.order_by(Claim.stage_since, Claim.id)


def _cursor_after(last: Claim, order: Order) -> str:
    if order == Order.LONGEST:
        return encode_cursor(last.stage_since.isoformat(), last.id)
    return encode_cursor(last.id)
