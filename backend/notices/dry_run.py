"""A campaign's dry run: the same choice as at sending, written down and not sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.paging import decode_id, encode_cursor
from backend.customers.models import Customer
from backend.notices import templates
from backend.notices.campaign_schemas import Audience, DryRun, ReasonCount, Recipient
from backend.notices.choosing import Rules, capped_until, choose
from backend.notices.models import Campaign
from backend.notices.reach import reach
from backend.segments.filters import SegmentFilter
from backend.segments.service import members

BATCH, MOST, SAMPLE_OF_GROUP = 500, 20_000, 5


async def dry_run(session: AsyncSession, campaign: Campaign, rule: Rules) -> DryRun:
    """Everybody in it up to `MOST`, grouped by channel and reason, with a few of each group."""
    inside = (await members(session, SegmentFilter.model_validate(campaign.filter), rule.zone)).subquery()
    total = await session.scalar(select(func.count()).select_from(inside)) or 0
    groups: Counter[tuple[str | None, str]] = Counter()
    sample = []
    async for one in _recipients(session, campaign, rule):
        group = (one.channel, one.reason)
        groups[group] += 1
        if groups[group] <= SAMPLE_OF_GROUP:
            sample.append(one)
    campaign.dry_run_version = campaign.version
    return DryRun(
        total=total,
        looked_at=groups.total(),
        reached=sum(count for (channel, _), count in groups.items() if channel),
        groups=[
            ReasonCount(channel=channel, reason=reason, count=count)
            for (channel, reason), count in groups.most_common()
        ],
        sample=sorted(sample, key=lambda one: (one.channel is None, one.channel or "", one.reason)),
    )


async def _recipients(session: AsyncSession, campaign: Campaign, rule: Rules) -> AsyncIterator[Recipient]:
    seen, after = 0, 0
    while seen < MOST:
        batch = await _batch(session, campaign, rule, after, BATCH)
        for one in batch:
            yield one
        seen += len(batch)
        if len(batch) < BATCH:
            return
        after = batch[-1].customer_id


async def audience(
    session: AsyncSession, campaign: Campaign, rule: Rules, cursor: str | None, limit: int
) -> Audience:
    """Page by page, who gets it by which channel and who does not and why."""
    found = await _batch(session, campaign, rule, decode_id(cursor) if cursor else 0, limit + 1)
    page = found[:limit]
    return Audience(items=page, next=encode_cursor(page[-1].customer_id) if len(found) > limit else None)


async def _batch(
    session: AsyncSession, campaign: Campaign, rule: Rules, after: int, limit: int
) -> list[Recipient]:
    inside = (await members(session, SegmentFilter.model_validate(campaign.filter), rule.zone)).subquery()
    query = select(Customer).where(Customer.id.in_(select(inside.c.id)), Customer.id > after)
    customers = list(await session.scalars(query.order_by(Customer.id).limit(limit)))
    template = await templates.named(session, campaign.template)
    found = await reach(session, customers, rule.sms_account, rule.cap_days)
    shown = []
    for customer in customers:
        one = found[customer.id]
        choice = choose(one, template, rule)
        is_capped = choice.way and not template.urgent and capped_until(one, template.purpose, rule)
        way = None if is_capped else choice.way
        shown.append(
            Recipient(
                customer_id=customer.id,
                name=customer.name,
                channel=way.channel if way else None,
                reason="cap_reached" if is_capped else choice.because,
                is_discreet=way is not None and choice.is_discreet,
                passed_over=[f"{channel}: {why_not}" for channel, why_not in choice.passed_over],
            )
        )
    return shown
