"""The review list under /api/v1/review: what the bot may have misunderstood, its labels, and training data of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit
from backend.core.access import Agent, Allowed, Principal
from backend.core.db import SessionDep
from backend.core.paging import Cursor, Limit, decode_id, encode_cursor
from backend.review import context, service, understanding
from backend.review.models import Reason, ReviewExport, ReviewItem, State
from backend.review.schemas import (
    Channel,
    Chosen,
    Counts,
    ItemDetail,
    ItemPage,
    ItemRead,
    Label,
    Labelled,
    Language,
    Skipped,
    Versioned,
    Vocabulary,
)

router = APIRouter(prefix="/api/v1/review", tags=["review"])
Reader = Annotated[Principal, Depends(Allowed("review:read"))]
Reviewer = Annotated[Principal, Depends(Allowed("review:write"))]
ItemId = Annotated[int, Path(ge=1, lt=2**63)]


async def _read(session: AsyncSession, items: list[ReviewItem]) -> list[ItemRead]:
    agents, exports = {item.decided_by for item in items}, {item.export_id for item in items}
    people = list(await session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(agents))))
    names: dict[int, str] = {row.id: row.name for row in people}
    given = select(ReviewExport).where(ReviewExport.id.in_(exports))
    moments = {made.id: made.created_at for made in await session.scalars(given)}
    shown = []
    for item in items:
        fields = {name: getattr(item, name) for name in ItemRead.model_fields if hasattr(item, name)}
        fields |= {
            "decided_by": names.get(item.decided_by or 0),
            "exported_at": moments.get(item.export_id or 0),
        }
        shown.append(ItemRead.model_validate(fields))
    return shown


async def _one(session: AsyncSession, item: ReviewItem) -> dict[str, Any]:
    (shown,) = await _read(session, [item])
    return shown.model_dump()


@router.get("/items", summary="List messages to look at")
async def list_items(
    session: SessionDep,
    _: Reader,
    state: State | None = State.OPEN,
    reason: Reason | None = None,
    intent: Annotated[str | None, Query(max_length=64, description="As the bot understood it")] = None,
    language: Language | None = None,
    channel: Channel | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ItemPage:
    """Newest first. Numbers and names are masked."""
    query = service.listed(state, reason, intent, language, channel)
    if cursor:
        query = query.where(ReviewItem.id < decode_id(cursor))
    found = list(await session.scalars(query.order_by(ReviewItem.id.desc()).limit(limit + 1)))
    page = found[:limit]
    following = encode_cursor(page[-1].id) if len(found) > limit else None
    return ItemPage(items=await _read(session, page), next=following)


@router.get("/counts", summary="Count the messages to look at")
async def count_items(session: SessionDep, _: Reader) -> Counts:
    """How many are open, labelled and not exported, exported, and skipped."""
    return Counts.model_validate(await service.count(session))


@router.get("/vocabulary", summary="List the intents and entities")
async def list_vocabulary(_: Reader) -> Vocabulary:
    """What a message can be labelled with: those of the bot that comes with this release."""
    return Vocabulary(intents=understanding.intents(), entities=understanding.entities())


@router.get("/items/{item_id}", summary="Show one message with what was said around it")
async def read_item(item_id: ItemId, session: SessionDep, _: Reader) -> ItemDetail:
    """The message, the conversation before and after it, and how many open ones are alike."""
    item = await service.read(session, item_id)
    return ItemDetail(
        **await _one(session, item),
        context=await context.around(session, item),
        alike=await service.count_alike(session, item),
    )


@router.post("/items/{item_id}/label", summary="Say what a message meant")
async def label_item(item_id: ItemId, body: Label, session: SessionDep, principal: Reviewer) -> Labelled:
    """Its intent, its entities, and if need be another wording. A label may be given anew until it is exported."""
    item = await service.label(
        session,
        item_id,
        body.version,
        body.intent,
        [mark.model_dump() for mark in body.entities],
        body.text,
        principal.agent_id,
    )
    others = await service.label_alike(session, item, principal.agent_id) if body.also_alike else 0
    return Labelled(**await _one(session, item), also_labelled=others)


@router.post("/items/{item_id}/skip", summary="Put a message aside")
async def skip_item(item_id: ItemId, body: Versioned, session: SessionDep, principal: Reviewer) -> ItemRead:
    """It says nothing that the bot could learn from."""
    item = await service.skip(session, item_id, body.version, principal.agent_id)
    return ItemRead(**await _one(session, item))


@router.post("/items/{item_id}/undo", summary="Take back a label or a skip")
async def undo_item(item_id: ItemId, body: Versioned, session: SessionDep, _: Reviewer) -> ItemRead:
    """The message is open again. What was exported stays as it is: 409 `already_exported`."""
    item = await service.reopen(session, item_id, body.version)
    return ItemRead(**await _one(session, item))


@router.post("/skip", summary="Put several messages aside")
async def skip_items(body: Chosen, session: SessionDep, principal: Reviewer) -> Skipped:
    """At most 200; those that are not open any more are left as they are."""
    skipped = await service.skip_many(session, body.ids, principal.agent_id)
    await audit.record(session, principal.actor, "review.skipped", "review", count=len(skipped))
    return Skipped(skipped=skipped)
