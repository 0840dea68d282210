"""Beneficiaries change all at once, so that their shares always add to 100."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid, VersionConflict
from backend.policies.models import Beneficiary, Policy
from backend.policies.payments import locked_policy, touch

WHOLE = Decimal(100)


class Share(Protocol):
    """Somebody and their part of the benefit."""

    @property
    def name(self) -> str: ...
    @property
    def relationship(self) -> str: ...
    @property
    def share_percent(self) -> Decimal: ...


def check_shares(shares: Sequence[Share]) -> None:
    """Raises `Invalid` unless the shares add to exactly 100."""
    total = sum((one.share_percent for one in shares), Decimal(0))
    if total != WHOLE:
        raise Invalid(f"The shares add to {total.normalize():f}, not to 100.", field="beneficiaries")


async def replace_beneficiaries(session: AsyncSession, policy: Policy, shares: Sequence[Share]) -> None:
    """Put these in the place of all present ones; the policy's row must be locked. Raises `Invalid`."""
    check_shares(shares)
    await session.execute(delete(Beneficiary).where(Beneficiary.policy_id == policy.id))
    for position, one in enumerate(shares):
        session.add(
            Beneficiary(
                policy_id=policy.id,
                position=position,
                name=one.name,
                relationship_=one.relationship,
                share_percent=one.share_percent,
            )
        )
    touch(policy)
    await session.flush()


async def replace_at(
    session: AsyncSession, typed_number: str, version: int, shares: Sequence[Share]
) -> Policy:
    """Replace them if the policy is still at `version`; raises `NotFound`, `VersionConflict` or `Invalid`."""
    policy = await locked_policy(session, typed_number)
    if policy.version != version:
        raise VersionConflict
    await replace_beneficiaries(session, policy, shares)
    return policy
