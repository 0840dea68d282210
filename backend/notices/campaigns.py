"""Campaigns: one template to a set of customers. Draft, dry run, start, stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, cast, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import OutboundMessage, OutboundState
from backend.core import audit, clock
from backend.core.errors import Conflict, Invalid, NotFound, VersionConflict
from backend.notices import templates
from backend.notices.campaign_schemas import CampaignCreate, CatastropheCreate
from backend.notices.catalogue import catalogue
from backend.notices.following import take_back
from backend.notices.models import (
    OPEN,
    Campaign,
    CampaignKind,
    CampaignState,
    Notice,
    NoticeDelivery,
    NoticeState,
    Purpose,
    Surge,
)
from backend.segments.filters import Conditions, Holding, SegmentFilter
from backend.segments.service import get_segment, members

KIND = "campaign"


class NotADraft(Conflict):
    """The campaign was started or stopped."""

    code = "campaign_not_draft"


class DryRunFirst(Conflict):
    """This version of the campaign had no dry run."""

    code = "dry_run_first"


async def get_campaign(session: AsyncSession, campaign_id: int, *, lock: bool = False) -> Campaign:
    """Raises `NotFound`."""
    campaign = await session.get(Campaign, campaign_id, with_for_update=lock or None, populate_existing=lock)
    if campaign is None:
        raise NotFound("There is no such campaign.")
    return campaign


async def purpose_of(session: AsyncSession, template: str) -> Purpose:
    """Campaigns carry marketing and greetings; raises `Invalid` for a template with values of somebody's claim."""
    known = await templates.named(session, template)
    if set(known.variables) != set(templates.CAMPAIGN_VARIABLES):
        raise Invalid("This template is about one claim, policy or ticket. Choose one for campaigns.")
    return known.purpose


async def _filter_of(session: AsyncSession, asked: CampaignCreate) -> SegmentFilter:
    if asked.segment_id is not None:
        segment = await get_segment(session, asked.segment_id)
        return SegmentFilter.model_validate(segment.filter)
    if asked.filter is None:
        raise Invalid("Name a segment, or give a filter.")
    return asked.filter


async def create_campaign(session: AsyncSession, asked: CampaignCreate, agent_id: int | None) -> Campaign:
    """A draft; nobody gets anything yet. Raises `NotFound`, `Invalid`."""
    campaign = Campaign(
        kind=CampaignKind.MARKETING, title="", template="", filter={}, rate_per_minute=1, created_by=agent_id
    )
    await _apply(session, campaign, asked)
    session.add(campaign)
    await session.flush()
    await audit.record(session, actor(agent_id), "campaign.created", f"campaign:{campaign.id}")
    return campaign


async def _apply(session: AsyncSession, campaign: Campaign, asked: CampaignCreate) -> None:
    if await purpose_of(session, asked.template) == Purpose.SERVICE:
        raise Invalid("A catastrophe notice is sent as one, not as a campaign.")
    wanted = await _filter_of(session, asked)
    campaign.title, campaign.template = asked.title, asked.template
    campaign.segment_id, campaign.rate_per_minute = asked.segment_id, asked.rate_per_minute
    campaign.filter = wanted.model_dump(mode="json", exclude_defaults=True)


async def change_campaign(
    session: AsyncSession, campaign_id: int, asked: CampaignCreate, version: int, agent_id: int | None
) -> Campaign:
    """Change a draft, which then needs another dry run. Raises `NotADraft`, `VersionConflict`."""
    campaign = await get_campaign(session, campaign_id, lock=True)
    _check_draft(campaign, version)
    if campaign.kind != CampaignKind.MARKETING:
        raise Invalid("Make another catastrophe notice instead of changing this one.")
    await _apply(session, campaign, asked)
    campaign.version += 1
    await audit.record(session, actor(agent_id), "campaign.changed", f"campaign:{campaign.id}")
    return campaign


def _check_draft(campaign: Campaign, version: int) -> None:
    if campaign.state != CampaignState.DRAFT:
        raise NotADraft("This campaign was started already.")
    if campaign.version != version:
        raise VersionConflict


async def create_catastrophe(
    session: AsyncSession, asked: CatastropheCreate, agent_id: int | None
) -> Campaign:
    """A draft of a notice to those in the areas who hold such policies, with its surge queue not yet open."""
    holding = [Holding(product_types=asked.product_types)] if asked.product_types else [Holding()]
    wanted = SegmentFilter(include=Conditions(regions=asked.areas, holds=holding))
    campaign = Campaign(
        kind=CampaignKind.CATASTROPHE,
        title=asked.title,
        template="catastrophe",
        filter=wanted.model_dump(mode="json", exclude_defaults=True),
        rate_per_minute=asked.rate_per_minute,
        created_by=agent_id,
    )
    if asked.surge_hours:
        campaign.surge_id = (await _surge(session, asked, asked.surge_hours, agent_id)).id
    session.add(campaign)
    await session.flush()
    await audit.record(session, actor(agent_id), "catastrophe.created", f"campaign:{campaign.id}")
    return campaign


async def _surge(session: AsyncSession, asked: CatastropheCreate, hours: int, agent_id: int | None) -> Surge:
    """Closed until the campaign starts."""
    usual, now = catalogue().surge, clock.now()
    surge = Surge(
        title=asked.title,
        areas=asked.areas,
        product_types=asked.product_types,
        text_zh=asked.surge_text_zh or usual.zh,
        text_en=asked.surge_text_en or usual.en,
        since=now,
        until=now + timedelta(hours=hours),
        closed_at=now,
        created_by=agent_id,
    )
    session.add(surge)
    await session.flush()
    return surge


async def start_campaign(
    session: AsyncSession, campaign_id: int, version: int, zone: ZoneInfo, agent_id: int | None
) -> Campaign:
    """Fix who gets it, hold their notices, and let the rate limit release them. Starting twice does it once.

    Raises `DryRunFirst`, `NotADraft`, `VersionConflict`.
    """
    campaign = await get_campaign(session, campaign_id, lock=True)
    if campaign.state == CampaignState.RUNNING:
        return campaign
    _check_draft(campaign, version)
    if campaign.dry_run_version != campaign.version:
        raise DryRunFirst("Do a dry run of this version first: it tells who gets it and who does not.")
    await _hold_notices(session, campaign, zone)
    campaign.state, campaign.started_at = CampaignState.RUNNING, clock.now()
    if campaign.surge_id is not None:
        surge = await session.get_one(Surge, campaign.surge_id)
        surge.until += clock.now() - surge.since
        surge.since, surge.closed_at = clock.now(), None
    await audit.record(session, actor(agent_id), "campaign.started", f"campaign:{campaign.id}")
    return campaign


async def _hold_notices(session: AsyncSession, campaign: Campaign, zone: ZoneInfo) -> None:
    """One statement, however many they are."""
    inside = (await members(session, SegmentFilter.model_validate(campaign.filter), zone)).subquery()
    purpose = await purpose_of(session, campaign.template)
    values: dict[str, Any] = {
        "kind": KIND,
        "purpose": purpose,
        "subject": f"campaign:{campaign.id}",
        "campaign_id": campaign.id,
        "state": NoticeState.HELD,
        "planned_for": clock.now(),
        "decided_at": clock.now(),
    }
    columns = [literal(value, getattr(Notice, name).type).label(name) for name, value in values.items()]
    rows = select(
        inside.c.id, cast(inside.c.id, String), literal({}, Notice.details.type), *columns
    ).order_by(inside.c.id)
    names = ["customer_id", "occurrence", "details", *values]
    await session.execute(insert(Notice).from_select(names, rows))


async def stop_campaign(session: AsyncSession, campaign_id: int, agent_id: int | None) -> Campaign:
    """Nobody else gets it, from now on; what waits in the outbox is taken back. Stopping twice is fine."""
    campaign = await get_campaign(session, campaign_id, lock=True)
    if campaign.state not in (CampaignState.RUNNING, CampaignState.DRAFT):
        return campaign
    campaign.state, campaign.ended_at = CampaignState.STOPPED, clock.now()
    await session.flush()
    waiting = (
        select(OutboundMessage.id)
        .join(NoticeDelivery, NoticeDelivery.outbound_id == OutboundMessage.id)
        .join(Notice, Notice.id == NoticeDelivery.notice_id)
        .where(Notice.campaign_id == campaign.id, OutboundMessage.state == OutboundState.QUEUED)
    )
    await take_back(session, list(await session.scalars(waiting)), "stopped")
    left = select(NoticeDelivery.notice_id).join(
        OutboundMessage, OutboundMessage.id == NoticeDelivery.outbound_id
    )
    taken_back = left.where(OutboundMessage.error == "stopped")
    await session.execute(
        update(Notice)
        .where(
            Notice.campaign_id == campaign.id,
            Notice.state.in_((NoticeState.HELD, NoticeState.PLANNED))
            | (Notice.state.in_(OPEN) & Notice.id.in_(taken_back)),
        )
        .values(state=NoticeState.STOPPED, reason="campaign_stopped")
    )
    await audit.record(session, actor(agent_id), "campaign.stopped", f"campaign:{campaign.id}")
    return campaign


async def counts(session: AsyncSession, campaign_id: int) -> dict[str, int]:
    """How many of its notices are in each state."""
    rows = await session.execute(
        select(Notice.state, func.count()).where(Notice.campaign_id == campaign_id).group_by(Notice.state)
    )
    return {row.state: row[1] for row in rows}


def actor(agent_id: int | None) -> str:
    return f"agent:{agent_id}" if agent_id else "service"
