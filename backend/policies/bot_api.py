"""Policies, premiums and beneficiaries for the bot (docs/contracts.md): always the caller's own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.caller import Caller, CallerDep
from backend.core import clock
from backend.core.db import SessionDep
from backend.policies import premiums, service
from backend.policies.models import IN_FORCE, Policy
from backend.policies.refusal import refuse
from backend.policies.relationships import relationship_in
from backend.policies.schemas import (
    BeneficiaryRead,
    BotBeneficiaries,
    BotPolicies,
    BotPremiums,
    PolicyRead,
    share,
    summary,
)

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])
VERIFIED = 2
Number = Annotated[str, Path(max_length=100, description="As the customer typed it")]
PolicyFilter = Annotated[str | None, Query(max_length=100, description="Of this policy only")]


async def _asked_for(
    session: AsyncSession, caller: Caller, customer_id: int, number: str | None
) -> list[Policy] | JSONResponse:
    """The caller's policies in force, or the one named; the refusal when it is not theirs."""
    if number is None:
        return [p for p in await service.policies_of(session, customer_id) if p.status in IN_FORCE]
    policy = await service.find_policy(session, number)
    if policy is None or policy.holder_id != customer_id:
        return await refuse(session, caller, "policy", number, exists=policy is not None)
    return [policy]


@bot_router.get("/policies")
async def list_policies(caller: CallerDep, session: SessionDep) -> BotPolicies:
    """The caller's policies: those in force first."""
    policies = await service.policies_of(session, caller.customer_at(VERIFIED))
    return BotPolicies(items=[summary(policy) for policy in policies])


@bot_router.get("/policies/{number}", response_model=PolicyRead)
async def read_policy(number: Number, caller: CallerDep, session: SessionDep) -> PolicyRead | JSONResponse:
    """One policy of the caller with its coverages."""
    asked = await _asked_for(session, caller, caller.customer_at(VERIFIED), number)
    return asked if isinstance(asked, JSONResponse) else service.detail(asked[0])


@bot_router.get("/premiums", response_model=BotPremiums)
async def list_premiums(
    caller: CallerDep, session: SessionDep, request: Request, policy_number: PolicyFilter = None
) -> BotPremiums | JSONResponse:
    """The next unpaid instalment of each policy in force."""
    asked = await _asked_for(session, caller, caller.customer_at(VERIFIED), policy_number)
    if isinstance(asked, JSONResponse):
        return asked
    in_force = [policy for policy in asked if policy.status in IN_FORCE]
    today = clock.today(request.app.state.settings.zone)
    return BotPremiums(items=await premiums.next_premiums(session, in_force, today))


@bot_router.get("/beneficiaries", response_model=BotBeneficiaries)
async def list_beneficiaries(
    caller: CallerDep, session: SessionDep, policy_number: PolicyFilter = None
) -> BotBeneficiaries | JSONResponse:
    """The beneficiaries of the caller's policies in force."""
    asked = await _asked_for(session, caller, caller.customer_at(VERIFIED), policy_number)
    if isinstance(asked, JSONResponse):
        return asked
    numbers = {policy.id: policy.number for policy in asked}
    return BotBeneficiaries(
        items=[
            BeneficiaryRead(
                policy_number=numbers[row.policy_id],
                name=row.name,
                relationship=relationship_in(row.relationship_, caller.language),
                share_percent=share(row.share_percent),
            )
            for row in await service.beneficiaries_of(session, asked)
        ]
    )
