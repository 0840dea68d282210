"""Campaigns, catastrophe notices and surges under /api/v1."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit, decode_id, encode_cursor
from backend.notices import campaigns, choosing, dry_run, surges
from backend.notices.campaign_schemas import (
    Audience,
    CampaignCreate,
    CampaignPage,
    CampaignRead,
    CampaignUpdate,
    CatastropheCreate,
    DryRun,
    Start,
    StateCount,
    SurgePage,
    SurgeRead,
)
from backend.notices.models import Campaign, Surge
from backend.segments.filters import SegmentFilter

router = APIRouter(prefix="/api/v1", tags=["campaigns"])
MAY_READ = [Depends(Allowed("notices:read"))]
MAY_SEE_PEOPLE = [*MAY_READ, Depends(Allowed("customers:read"))]
Writer = Annotated[Principal, Depends(Allowed("notices:write"))]
CampaignId = Annotated[int, Path(ge=1, le=2**31 - 1)]


async def _shown(session: AsyncSession, campaign: Campaign) -> CampaignRead:
    own = [field for field in CampaignRead.model_fields if hasattr(campaign, field) and field != "filter"]
    surge = await session.get(Surge, campaign.surge_id) if campaign.surge_id else None
    counts = await campaigns.counts(session, campaign.id)
    return CampaignRead(
        **{field: getattr(campaign, field) for field in own},
        filter=SegmentFilter.model_validate(campaign.filter),
        is_dry_run=campaign.dry_run_version == campaign.version,
        progress=[StateCount(state=state, count=count) for state, count in sorted(counts.items())],
        surge=SurgeRead.model_validate(surge) if surge else None,
    )


@router.get("/campaigns", dependencies=MAY_READ, summary="Campaigns and their progress")
async def list_campaigns(session: SessionDep, cursor: Cursor = None, limit: Limit = 50) -> CampaignPage:
    """Newest first, catastrophe notices among them."""
    query = select(Campaign).order_by(Campaign.id.desc())
    if cursor:
        query = query.where(Campaign.id < decode_id(cursor))
    found = list(await session.scalars(query.limit(limit + 1)))
    page = found[:limit]
    return CampaignPage(
        items=[await _shown(session, campaign) for campaign in page],
        next=encode_cursor(page[-1].id) if len(found) > limit else None,
    )


@router.post("/campaigns", status_code=201, summary="Draft a campaign")
async def create_campaign(
    body: CampaignCreate, session: SessionDep, principal: Writer, key: KeyHeader
) -> CampaignRead:
    """A draft to a saved segment or a filter; nobody gets anything before its dry run and start."""

    async def write() -> dict[str, Any]:
        campaign = await campaigns.create_campaign(session, body, principal.agent_id)
        return (await _shown(session, campaign)).model_dump(mode="json", exclude_unset=True)

    asked = body.model_dump(mode="json")
    return CampaignRead(**await once(session, f"{principal.name}:campaigns", key, asked, write))


@router.post("/catastrophes", status_code=201, summary="Draft a catastrophe notice")
async def create_catastrophe(
    body: CatastropheCreate, session: SessionDep, principal: Writer, key: KeyHeader
) -> CampaignRead:
    """To holders of such policies in these areas; its start also opens the surge queue. Dry run and start as any
    campaign. Quiet hours and frequency caps do not hold it."""

    async def write() -> dict[str, Any]:
        campaign = await campaigns.create_catastrophe(session, body, principal.agent_id)
        return (await _shown(session, campaign)).model_dump(mode="json", exclude_unset=True)

    asked = body.model_dump(mode="json")
    return CampaignRead(**await once(session, f"{principal.name}:catastrophes", key, asked, write))


@router.get("/campaigns/{campaign_id}", dependencies=MAY_READ, summary="One campaign")
async def read_campaign(campaign_id: CampaignId, session: SessionDep) -> CampaignRead:
    """With its progress."""
    return await _shown(session, await campaigns.get_campaign(session, campaign_id))


@router.put("/campaigns/{campaign_id}", summary="Change a draft")
async def change_campaign(
    campaign_id: CampaignId, body: CampaignUpdate, session: SessionDep, principal: Writer
) -> CampaignRead:
    """It then needs another dry run; 409 `version_conflict`, `campaign_not_draft`."""
    campaign = await campaigns.change_campaign(session, campaign_id, body, body.version, principal.agent_id)
    return await _shown(session, campaign)


@router.post("/campaigns/{campaign_id}/dry-run", summary="Who would get it")
async def do_dry_run(campaign_id: CampaignId, session: SessionDep, request: Request, _: Writer) -> DryRun:
    """Who gets it by which channel, and who does not and why, by the same choice as at sending."""
    campaign = await campaigns.get_campaign(session, campaign_id, lock=True)
    rule = await choosing.rules(session, request.app.state.settings)
    return await dry_run.dry_run(session, campaign, rule)


@router.get(
    "/campaigns/{campaign_id}/audience", dependencies=MAY_SEE_PEOPLE, summary="Its customers, one by one"
)
async def list_audience(
    campaign_id: CampaignId, session: SessionDep, request: Request, cursor: Cursor = None, limit: Limit = 50
) -> Audience:
    """As a dry run sees them now, by id."""
    campaign = await campaigns.get_campaign(session, campaign_id)
    rule = await choosing.rules(session, request.app.state.settings)
    return await dry_run.audience(session, campaign, rule, cursor, limit)


@router.post("/campaigns/{campaign_id}/start", summary="Start sending")
async def start_campaign(
    campaign_id: CampaignId, body: Start, session: SessionDep, request: Request, principal: Writer
) -> CampaignRead:
    """Who gets it is fixed now; 409 `dry_run_first` without a dry run of this version. Starting again does nothing."""
    zone = request.app.state.settings.zone
    campaign = await campaigns.start_campaign(session, campaign_id, body.version, zone, principal.agent_id)
    await session.flush()
    return await _shown(session, campaign)


@router.post("/campaigns/{campaign_id}/stop", summary="Stop sending")
async def stop_campaign(campaign_id: CampaignId, session: SessionDep, principal: Writer) -> CampaignRead:
    """Nobody else gets it; what waits in the outbox is taken back. Stopping again does nothing."""
    campaign = await campaigns.stop_campaign(session, campaign_id, principal.agent_id)
    return await _shown(session, campaign)


@router.get("/surges", dependencies=MAY_READ, summary="Surge queues")
async def list_surges(
    session: SessionDep,
    is_open: Annotated[bool | None, Query(description="Only those in force now")] = None,
) -> SurgePage:
    """Those in force, or the latest 100 of all."""
    if is_open:
        found = await surges.open_surges(session)
    else:
        found = list(await session.scalars(select(Surge).order_by(Surge.id.desc()).limit(100)))
    return SurgePage(items=[SurgeRead.model_validate(surge) for surge in found])


@router.post("/surges/{surge_id}/close", summary="Close a surge queue")
async def close_surge(
    surge_id: Annotated[int, Path(ge=1, le=2**31 - 1)], session: SessionDep, principal: Writer
) -> SurgeRead:
    """Later tickets go their usual way; those in the queue stay in it."""
    actor = campaigns.actor(principal.agent_id)
    return SurgeRead.model_validate(await surges.close_surge(session, surge_id, actor))
