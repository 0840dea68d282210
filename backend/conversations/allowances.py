"""The ledger of sends that a WeChat user's messages and events allow us; the platform tells nobody what is left."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import SendAllowance
from backend.core import clock


async def spend(session: AsyncSession, contact_id: int) -> bool:
    """Use one send of the allowance that ends first; False when none is left."""
    allowance = await session.scalar(
        select(SendAllowance)
        .where(
            SendAllowance.contact_id == contact_id,
            SendAllowance.expires_at > clock.now(),
            SendAllowance.used < SendAllowance.allowed,
        )
        .order_by(SendAllowance.expires_at)
        .limit(1)
        .with_for_update()
    )
    if allowance is None:
        return False
    allowance.used += 1
    return True
