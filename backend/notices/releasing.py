"""Letting a campaign's notices go at its rate, over all workers: the database counts, no process remembers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import business, clock
from backend.notices.choosing import Rules
from backend.notices.models import Campaign, CampaignKind, CampaignState, Notice, NoticeState
from backend.notices.quiet import quiet_until

MINUTE, MOMENT = timedelta(minutes=1), timedelta(seconds=10)
# What all campaigns together may release is decided by one worker at a time.
LOCK = 0x72656C65


async def release(session: AsyncSession, rule: Rules) -> int:
    """Release what the rates allow now; how many. Campaigns with nothing left are done."""
    await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    in_all = await business.setting(session, "campaign_rate_per_minute")
    running = select(Campaign).where(Campaign.state == CampaignState.RUNNING).order_by(Campaign.id)
    released = 0
    for campaign in await session.scalars(running.with_for_update()):
        is_urgent = campaign.kind == CampaignKind.CATASTROPHE
        if not is_urgent and quiet_until(rule.quiet_hours, clock.now(), rule.zone):
            continue
        allowed = await _allowed(session, campaign.rate_per_minute, campaign.id)
        if not is_urgent:
            allowed = min(allowed, await _allowed(session, in_all, None))
        released += await _release(session, campaign, allowed)
        await _finish(session, campaign)
    return released


async def _allowed(session: AsyncSession, rate: int, campaign_id: int | None) -> int:
    """How many more fit: `rate` in any minute, and a sixth of it in any ten seconds, so that it flows evenly."""
    of_whom = Notice.campaign_id == campaign_id if campaign_id else Notice.campaign_id.is_not(None)
    row = await session.execute(
        select(
            func.count(),
            func.count().filter(Notice.released_at > func.now() - MOMENT),
        ).where(of_whom, Notice.released_at > func.now() - MINUTE)
    )
    in_a_minute, in_a_moment = row.one()
    return max(0, min(rate - in_a_minute, max(1, rate // 6) - in_a_moment))


async def _release(session: AsyncSession, campaign: Campaign, count: int) -> int:
    if not count:
        return 0
    first = (
        select(Notice.id)
        .where(Notice.campaign_id == campaign.id, Notice.state == NoticeState.HELD)
        .order_by(Notice.id)
        .limit(count)
    )
    done = await session.scalars(
        update(Notice)
        .where(Notice.id.in_(first))
        .values(state=NoticeState.PLANNED, planned_for=clock.now(), released_at=cast(Any, func.now()))
        .returning(Notice.id)
    )
    return len(list(done))


async def _finish(session: AsyncSession, campaign: Campaign) -> None:
    open_states = (NoticeState.HELD, NoticeState.PLANNED, NoticeState.QUEUED)
    left = select(Notice.id).where(Notice.campaign_id == campaign.id, Notice.state.in_(open_states))
    if await session.scalar(left.limit(1)) is None:
        campaign.state, campaign.ended_at = CampaignState.DONE, clock.now()
