"""Segments under /api/v1: what campaigns and lists are made from."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit
from backend.segments import service
from backend.segments.filters import SegmentFilter
from backend.segments.schemas import (
    Choices,
    MemberPage,
    Preview,
    PreviewAsk,
    SegmentCreate,
    SegmentPage,
    SegmentRead,
    SegmentUpdate,
)

router = APIRouter(prefix="/api/v1/segments", tags=["segments"])
MAY_READ = [Depends(Allowed("segments:read"))]
MAY_SEE_PEOPLE = [*MAY_READ, Depends(Allowed("customers:read"))]
Writer = Annotated[Principal, Depends(Allowed("segments:write"))]
SegmentId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("", dependencies=MAY_READ, summary="Saved segments")
async def list_segments(session: SessionDep, cursor: Cursor = None, limit: Limit = 50) -> SegmentPage:
    """Saved segments, newest first."""
    return await service.list_segments(session, cursor, limit)


@router.get("/choices", dependencies=MAY_READ, summary="What a filter can name")
async def read_choices(session: SessionDep) -> Choices:
    """The tags, regions and products on record, for a builder."""
    return await service.choices(session)


@router.post("/preview", dependencies=MAY_SEE_PEOPLE, summary="Count and sample before use")
async def preview(body: PreviewAsk, session: SessionDep, request: Request) -> Preview:
    """How many customers a filter describes today, and ten of them. Nothing is saved."""
    return await service.preview(session, body.filter, request.app.state.settings.zone)


@router.post("", status_code=201, summary="Save a segment")
async def create_segment(
    body: SegmentCreate, session: SessionDep, principal: Writer, key: KeyHeader
) -> SegmentRead:
    """Save a filter under a name of its own; 409 `name_taken`."""

    async def write() -> dict[str, Any]:
        segment = await service.create_segment(session, body, principal.agent_id)
        return service.shown(segment).model_dump(mode="json", exclude_unset=True)

    asked = body.model_dump(mode="json")
    return SegmentRead(**await once(session, f"{principal.name}:segments", key, asked, write))


@router.get("/{segment_id}", dependencies=MAY_READ, summary="One segment")
async def read_segment(segment_id: SegmentId, session: SessionDep) -> SegmentRead:
    """One saved segment."""
    return service.shown(await service.get_segment(session, segment_id))


@router.put("/{segment_id}", summary="Change a segment")
async def change_segment(
    segment_id: SegmentId, body: SegmentUpdate, session: SessionDep, principal: Writer
) -> SegmentRead:
    """Replace it; 409 `version_conflict` when somebody else did meanwhile. Campaigns keep the filter they had."""
    return service.shown(await service.change_segment(session, segment_id, body, principal.agent_id))


@router.delete("/{segment_id}", status_code=204, summary="Archive a segment")
async def archive_segment(segment_id: SegmentId, session: SessionDep, principal: Writer) -> None:
    """Offer it no more."""
    await service.archive_segment(session, segment_id, principal.agent_id)


@router.get("/{segment_id}/customers", dependencies=MAY_SEE_PEOPLE, summary="Who is in a segment")
async def list_members(
    segment_id: SegmentId, session: SessionDep, request: Request, cursor: Cursor = None, limit: Limit = 50
) -> MemberPage:
    """Everybody in it today, by id."""
    segment = await service.get_segment(session, segment_id)
    wanted = SegmentFilter.model_validate(segment.filter)
    return await service.page_of_members(session, wanted, request.app.state.settings.zone, cursor, limit)
