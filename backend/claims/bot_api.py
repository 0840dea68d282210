"""Claims for the bot (docs/contracts.md): always the caller's own; at level 1 only where a claim stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse

from backend.claims import reading, service
from backend.claims.schemas import BotClaims, ClaimRead, ClaimStage
from backend.conversations.caller import CallerDep
from backend.core.db import SessionDep
from backend.policies.refusal import refuse

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])
KNOWN, VERIFIED = 1, 2
Number = Annotated[str, Path(max_length=100, description="As the customer typed it")]


@bot_router.get("/claims")
async def list_claims(caller: CallerDep, session: SessionDep, request: Request) -> BotClaims:
    """The caller's claims, newest first."""
    claims = await service.claims_of(session, caller.customer_at(VERIFIED))
    zone = request.app.state.settings.zone
    return BotClaims(items=[reading.for_customer(claim, zone, caller.language) for claim in claims])


@bot_router.get("/claims/{number}", response_model=ClaimRead | ClaimStage)
async def read_claim(
    number: Number, caller: CallerDep, session: SessionDep, request: Request
) -> ClaimRead | ClaimStage | JSONResponse:
    """One claim of the caller."""
    customer_id = caller.customer_at(KNOWN)
    claim = await service.find_claim(session, number)
    if claim is None or claim.customer_id != customer_id:
        return await refuse(session, caller, "claim", number, exists=claim is not None)
    zone = request.app.state.settings.zone
    if caller.level < VERIFIED:
        return reading.stage_of(claim, zone)
    return reading.for_customer(claim, zone, caller.language)
