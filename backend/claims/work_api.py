"""The work on a claim under /api/v1: moving, deciding, paying (which need rights of their own), disputes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims import decisions, disputes, drafts, progress, service
from backend.claims.api import Number, Writer, detail
from backend.claims.models import Claim
from backend.claims.schemas import AgentClaimRead
from backend.claims.words import plain
from backend.claims.work_schemas import (
    DecisionCreate,
    DisputeClose,
    DisputeCreate,
    PaymentCreate,
    TransitionCreate,
)
from backend.core import audit
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.core.idempotency import KeyHeader, once

router = APIRouter(prefix="/api/v1/claims/{claim_number}", tags=["claims"])
Decider = Annotated[Principal, Depends(Allowed("claims:decide"))]
Payer = Annotated[Principal, Depends(Allowed("claims:pay"))]
DisputeId = Annotated[int, Path(ge=1, le=2**62)]


class Act:
    """One write to a claim: once per idempotency key, the claim locked, the act on the audit log."""

    def __init__(self, session: AsyncSession, request: Request, principal: Principal, key: str) -> None:
        self.session, self.request, self.principal, self.key = session, request, principal, key

    async def do(
        self,
        number: str,
        body: BaseModel,
        act: str,
        write: Callable[[Claim], Awaitable[None]],
        version: int | None = None,
        **about: Any,
    ) -> AgentClaimRead:
        async def locked() -> dict[str, Any]:
            claim = await service.locked_claim(self.session, number, version)
            await write(claim)
            actor, target = self.principal.actor, f"claim:{claim.number}"
            await audit.record(self.session, actor, act, target, **about)
            return {"number": claim.number}

        asked = {"claim": number, "act": act} | about | body.model_dump(mode="json")
        answer = await once(self.session, f"api:{self.principal.name}", self.key, asked, locked)
        return await detail(self.session, self.request, answer["number"])


@router.post("/transitions", summary="Move a claim to another stage")
async def move_claim(
    claim_number: Number,
    body: TransitionCreate,
    request: Request,
    session: SessionDep,
    principal: Writer,
    key: KeyHeader,
) -> AgentClaimRead:
    """409 `transition_not_allowed` names where it may go, `documents_missing` what a review still needs."""

    async def write(claim: Claim) -> None:
        zone = request.app.state.settings.zone
        await progress.transition(session, claim, body.stage, plain(body.note), zone)

    act = Act(session, request, principal, key)
    return await act.do(claim_number, body, "claim.moved", write, body.version, stage=str(body.stage))


@router.post("/decision", summary="Decide a claim")
async def decide_claim(
    claim_number: Number,
    body: DecisionCreate,
    request: Request,
    session: SessionDep,
    principal: Decider,
    key: KeyHeader,
) -> AgentClaimRead:
    """Approve, approve in part, or decline a claim under review; the customer reads the reason."""

    async def write(claim: Claim) -> None:
        amount = drafts.amount_of(body.approved_amount, "approved_amount")
        zone = request.app.state.settings.zone
        reason = plain(body.reason)
        if reason is None:
            raise Invalid("Give a reason.", field="reason")
        await decisions.decide(
            session, claim, body.decision, amount, reason, plain(body.note), principal.actor, zone
        )

    act = Act(session, request, principal, key)
    return await act.do(claim_number, body, "claim.decided", write, body.version, decision=str(body.decision))


@router.post("/payment", summary="Record a claim's payment")
async def pay_claim(
    claim_number: Number,
    body: PaymentCreate,
    request: Request,
    session: SessionDep,
    principal: Payer,
    key: KeyHeader,
) -> AgentClaimRead:
    """The approved amount was paid out; the customer hears of it."""

    async def write(claim: Claim) -> None:
        amount = drafts.amount_of(body.amount, "amount")
        if amount is None:
            raise Invalid("Say how much was paid.", field="amount")
        zone = request.app.state.settings.zone
        await decisions.pay(session, claim, amount, body.paid_on, plain(body.reference), zone)

    act = Act(session, request, principal, key)
    return await act.do(claim_number, body, "claim.paid", write, body.version)


@router.post("/disputes", status_code=201, summary="Dispute a decision")
async def raise_dispute(
    claim_number: Number,
    body: DisputeCreate,
    request: Request,
    session: SessionDep,
    principal: Writer,
    key: KeyHeader,
) -> AgentClaimRead:
    """The customer does not accept the decision: to be answered within five working days, with a ticket where
    the customer has ever written to us."""

    async def write(claim: Claim) -> None:
        zone = request.app.state.settings.zone
        reason = plain(body.reason) or ""
        await disputes.raise_dispute(session, claim, reason, principal.actor, None, zone)

    return await Act(session, request, principal, key).do(claim_number, body, "claim.disputed", write)


@router.post("/disputes/{dispute_id}/close", summary="Answer a dispute")
async def close_dispute(
    claim_number: Number,
    dispute_id: DisputeId,
    body: DisputeClose,
    request: Request,
    session: SessionDep,
    principal: Decider,
    key: KeyHeader,
) -> AgentClaimRead:
    """`upheld`: the decision stands. `changed`: the claim is under review again. `withdrawn` by the customer."""

    async def write(claim: Claim) -> None:
        zone = request.app.state.settings.zone
        await disputes.close_dispute(
            session, claim, dispute_id, body.outcome, plain(body.note), principal.actor, zone
        )

    act = Act(session, request, principal, key)
    outcome = str(body.outcome)
    return await act.do(
        claim_number, body, "claim.dispute_closed", write, dispute=dispute_id, outcome=outcome
    )
