"""Reporting a claim through the bot (docs/contracts.md): always the caller's own draft."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from backend.claims import catalogue, confirming, drafts, reading, service
from backend.claims.draft_reading import documents_needed, draft_read, needed
from backend.claims.draft_schemas import (
    BotConfirmed,
    DraftChange,
    DraftConfirm,
    DraftFound,
    DraftRead,
    MaterialsFound,
    TypeMaterials,
)
from backend.claims.models import Stage
from backend.conversations.caller import CallerDep
from backend.core.db import SessionDep
from backend.core.idempotency import KeyHeader, once
from backend.policies.models import ProductType
from backend.policies.refusal import refuse
from backend.policies.service import find_policy

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])
VERIFIED = 2


@bot_router.get("/claims/materials", summary="Which documents a kind of claim needs")
async def read_materials(
    caller: CallerDep,
    product_type: ProductType | None = None,
    type: Annotated[str | None, Query(max_length=100)] = None,  # noqa: A002
) -> MaterialsFound:
    """Kinds of claims of this product, or this kind; at every identity level."""
    return MaterialsFound(
        types=[
            TypeMaterials(
                type=code,
                name=kind.name,
                product_type=kind.products[0],
                documents=[needed(document) for document in kind.documents],
            )
            for code, kind in catalogue.catalogue().types.items()
            if (product_type is None or product_type in kind.products) and type in (None, code)
        ]
    )


@bot_router.get("/claims/draft", summary="Read the open draft")
async def read_draft(caller: CallerDep, session: SessionDep) -> DraftFound:
    """The customer's one open draft, whatever channel began it."""
    draft = await drafts.find_draft(session, caller.customer_at(VERIFIED))
    return DraftFound(draft=draft_read(draft) if draft else None)


@bot_router.patch("/claims/draft", response_model=DraftRead, summary="Go on with the draft")
async def change_draft(
    body: DraftChange, caller: CallerDep, session: SessionDep, request: Request, key: KeyHeader
) -> DraftRead | JSONResponse:
    """Sets what is named, null clears; begins a draft when none is open."""
    customer_id = caller.customer_at(VERIFIED)
    if body.policy_number:
        policy = await find_policy(session, body.policy_number)
        if policy is None or policy.holder_id != customer_id:
            return await refuse(session, caller, "policy", body.policy_number, exists=policy is not None)

    async def write() -> dict[str, Any]:
        zone = request.app.state.settings.zone
        draft = await drafts.change_draft(session, customer_id, caller.channel, body, zone)
        return draft_read(draft).model_dump(mode="json")

    asked = body.model_dump(mode="json", exclude_unset=True)
    return DraftRead(**await once(session, f"contact:{caller.contact_id}", key, asked, write))


@bot_router.post("/claims/draft/confirm", summary="Report the claim")
async def confirm_draft(
    body: DraftConfirm, caller: CallerDep, session: SessionDep, request: Request, key: KeyHeader
) -> BotConfirmed:
    """The draft becomes a claim, once; 409 `incomplete` names what is `missing`, 409 `already_confirmed` the claim
    that it became a moment ago."""
    customer_id, zone = caller.customer_at(VERIFIED), request.app.state.settings.zone

    async def write() -> dict[str, Any]:
        # The bot tells what became of the report: a notice would say it a second time.
        confirmed = await confirming.confirm(session, customer_id, body.version, zone, is_told=False)
        claim = await service.get_claim(session, confirmed.number)
        return BotConfirmed(
            claim=reading.for_customer(claim, zone, caller.language),
            documents_needed=documents_needed(claim),
            approved_by_rule=claim.stage == Stage.APPROVED,
        ).model_dump(mode="json")

    asked = {"act": "confirm"} | body.model_dump(mode="json")
    return BotConfirmed(**await once(session, f"contact:{caller.contact_id}", key, asked, write))


@bot_router.delete("/claims/draft", status_code=204, summary="Discard the draft")
async def discard_draft(caller: CallerDep, session: SessionDep) -> None:
    """Nothing is reported; fine when there is no draft."""
    await drafts.discard(session, caller.customer_at(VERIFIED))
