"""Finding policies and what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from backend.core.errors import NotFound
from backend.core.numbers import tidy_number
from backend.core.schemas import Names
from backend.core.sorting import orders
from backend.policies import premiums
from backend.policies.models import (
    IN_FORCE,
    Beneficiary,
    PartKind,
    Policy,
    PolicyStatus,
    Product,
    ProductType,
)
from backend.policies.relationships import relationship_names
from backend.policies.schemas import (
    AgentBeneficiary,
    AgentPolicyRead,
    AgentPolicySummary,
    PolicyPage,
    PolicyRead,
    PremiumRead,
    coverage,
    rider,
    share,
    summary,
)

ORDERS = orders(
    Policy.id,
    {
        "id": (Policy.id, int),
        "number": (Policy.number, str),
        "end_date": (Policy.end_date, date),
        "start_date": (Policy.start_date, date),
    },
)


async def policies_of(session: AsyncSession, customer_id: int) -> list[Policy]:
    """All policies of a holder with their products: those in force first, then the newest."""
    in_force_first = case((Policy.status.in_(IN_FORCE), 0), else_=1)
    query = select(Policy).options(joinedload(Policy.product)).where(Policy.holder_id == customer_id)
    query = query.order_by(in_force_first, Policy.start_date.desc(), Policy.number)
    return list(await session.scalars(query))


async def find_policy(session: AsyncSession, typed_number: str) -> Policy | None:
    """The policy with this number, however it is typed, with product, holder and coverages."""
    number = tidy_number(typed_number, "P")
    loaded = (
        joinedload(Policy.product).selectinload(Product.parts),
        joinedload(Policy.holder),
        selectinload(Policy.coverages),
        selectinload(Policy.riders),
    )
    return await session.scalar(select(Policy).options(*loaded).where(Policy.number == number))


async def get_policy(session: AsyncSession, typed_number: str) -> Policy:
    """Raises `NotFound`."""
    policy = await find_policy(session, typed_number)
    if policy is None:
        raise NotFound("There is no such policy.")
    return policy


async def beneficiaries_of(session: AsyncSession, policies: list[Policy]) -> list[Beneficiary]:
    """Of all these policies, in the order in which each policy names them."""
    query = select(Beneficiary).where(Beneficiary.policy_id.in_([policy.id for policy in policies]))
    return list(await session.scalars(query.order_by(Beneficiary.policy_id, Beneficiary.position)))


async def list_policies(
    session: AsyncSession,
    today: date,
    *,
    customer_id: int | None = None,
    status: PolicyStatus | None = None,
    product_type: ProductType | None = None,
    ends_from: date | None = None,
    ends_until: date | None = None,
    sort: str = "id",
    cursor: str | None = None,
    limit: int = 50,
) -> PolicyPage:
    """Policies that fit every filter. Raises `Invalid` for a foreign cursor."""
    query = select(Policy).options(joinedload(Policy.product), joinedload(Policy.holder))
    if customer_id is not None:
        query = query.where(Policy.holder_id == customer_id)
    if status is not None:
        query = query.where(Policy.status == status)
    if product_type is not None:
        query = query.where(Policy.product_id.in_(select(Product.id).where(Product.type == product_type)))
    if ends_from is not None:
        query = query.where(Policy.end_date >= ends_from)
    if ends_until is not None:
        query = query.where(Policy.end_date <= ends_until)
    order = ORDERS[sort]
    page, following = order.next(list(await session.scalars(order.page(query, cursor, limit))), limit)
    return PolicyPage(items=await agent_summaries(session, page, today), next=following)


async def agent_summaries(
    session: AsyncSession, policies: Sequence[Policy], today: date
) -> list[AgentPolicySummary]:
    """Needs products and holders loaded."""
    due = await _premiums_by_number(session, list(policies), today)
    return [agent_summary(policy, due.get(policy.number)) for policy in policies]


async def _premiums_by_number(
    session: AsyncSession, policies: list[Policy], today: date
) -> dict[str, PremiumRead]:
    in_force = [policy for policy in policies if policy.status in IN_FORCE]
    due = await premiums.next_premiums(session, in_force, today)
    return {premium.policy_number: premium for premium in due}


def agent_summary(policy: Policy, premium: PremiumRead | None) -> AgentPolicySummary:
    """Needs product and holder loaded."""
    return AgentPolicySummary(
        **dict(summary(policy)),
        holder_id=policy.holder_id,
        holder_name=policy.holder.name,
        next_premium=premium,
    )


def detail(policy: Policy) -> PolicyRead:
    """Needs product and coverages loaded."""
    return PolicyRead(**dict(summary(policy)), coverages=[coverage(row) for row in policy.coverages])


async def agent_detail(session: AsyncSession, policy: Policy, today: date) -> AgentPolicyRead:
    """Everything about a policy that came from `find_policy`."""
    due = await _premiums_by_number(session, [policy], today)
    named = await beneficiaries_of(session, [policy])
    return AgentPolicyRead(
        **dict(agent_summary(policy, due.get(policy.number))),
        issued_on=policy.issued_on,
        coverages=[coverage(row) for row in policy.coverages],
        riders=[rider(row) for row in policy.riders],
        exclusions=[
            Names(zh=part.name_zh, en=part.name_en)
            for part in policy.product.parts
            if part.kind == PartKind.EXCLUSION
        ],
        beneficiaries=[
            AgentBeneficiary(
                name=row.name,
                relationship=relationship_names(row.relationship_),
                share_percent=share(row.share_percent),
            )
            for row in named
        ],
        source=policy.source,
        external_id=policy.external_id,
        version=policy.version,
    )
