"""Changes as the bot asks for them, always for the verified customer whose message it names (docs/contracts.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Body, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from backend.changes import asking, reading
from backend.changes.kinds import SENSITIVE
from backend.changes.models import ChangeKind, ChangeRequest
from backend.changes.schemas import (
    EXAMPLES,
    Ask,
    AskAccount,
    AskContact,
    ChangeAsked,
    ChangeRead,
    OwnChange,
    OwnChanges,
    SurrenderTermsRead,
)
from backend.conversations.caller import Caller, CallerDep
from backend.conversations.door import reveal
from backend.core import business, clock, live
from backend.core.crypto import Vault
from backend.core.db import SessionDep
from backend.core.errors import Forbidden, Invalid
from backend.core.idempotency import KeyHeader, once
from backend.core.schemas import money_or_none
from backend.policies.models import Policy
from backend.policies.refusal import refuse
from backend.policies.schemas import product_name
from backend.policies.service import find_policy
from backend.policies.surrender import surrender_terms
from backend.tickets import opening
from backend.tickets import service as tickets
from backend.tickets.models import TicketKind

bot_router = APIRouter(prefix="/api/v1/bot", tags=["bot"])
VERIFIED = 2
FRESH = timedelta(minutes=10)


class ReverifyRequired(Forbidden):
    """The proof of identity is too old for a sensitive change."""

    code = "reverify_required"


async def _not_theirs(
    session: AsyncSession, caller: Caller, typed: str | None
) -> tuple[Policy | None, JSONResponse | None]:
    if typed is None:
        return None, None
    policy = await find_policy(session, typed)
    if policy is None or policy.holder_id != caller.customer_id:
        return None, await refuse(session, caller, "policy", typed, exists=policy is not None)
    return policy, None


def _check_fresh(caller: Caller, ask: Ask) -> None:
    name = f"{ask.kind}.{ask.details.field}" if isinstance(ask, AskContact) else str(ask.kind)
    if name in SENSITIVE and (caller.verified_at is None or clock.now() - caller.verified_at > FRESH):
        raise ReverifyRequired("Please verify your identity once more for this change.")


async def _with_number(session: AsyncSession, vault: Vault, caller: Caller, ask: Ask) -> Ask:
    """The account number in place of the reference that stands for it in the chat."""
    if not isinstance(ask, AskAccount):
        return ask
    account = await reveal(session, vault, caller.conversation_id, ask.details.account)
    if not account:
        raise Invalid("This cannot be a bank account number.", field="account")
    return ask.model_copy(update={"details": ask.details.model_copy(update={"account": account})})


@bot_router.post("/changes", response_model=ChangeAsked, summary="Ask for a change")
async def ask_for_change(
    body: Annotated[Ask, Body(openapi_examples=EXAMPLES)],
    caller: CallerDep,
    session: SessionDep,
    request: Request,
    key: KeyHeader,
    background: BackgroundTasks,
) -> ChangeAsked | JSONResponse:
    """Kept, and handed to a human with a ticket. A sensitive change needs a proof of identity not older than ten
    minutes: 403 `reverify_required`."""
    customer_id = caller.customer_at(VERIFIED)
    _, refusal = await _not_theirs(session, caller, body.policy_number)
    if refusal:
        return refusal
    _check_fresh(caller, body)
    vault = request.app.state.vault

    async def write() -> dict[str, Any]:
        ask = await _with_number(session, vault, caller, body)
        return await _ask(session, request, caller, customer_id, ask)

    answer = await once(session, f"contact:{caller.contact_id}", key, body.model_dump(), write)
    background.add_task(
        live.announce, request.app.state.redis, "ticket", caller.conversation_id, answer["ticket_number"]
    )
    return await _asked(session, request, caller, answer)


async def _ask(
    session: AsyncSession, request: Request, caller: Caller, customer_id: int, ask: Ask
) -> dict[str, Any]:
    """The request and its ticket; only their numbers are kept with the idempotency key."""
    vault, zone = request.app.state.vault, request.app.state.settings.zone
    asker = asking.Asker(caller.contact_id, caller.conversation_id, caller.channel, caller.language)
    change, wanted = await asking.ask(session, vault, zone, customer_id, ask, asker)
    summary = reading.summary(wanted.name, wanted.policy.number if wanted.policy else None, wanted.after)
    kind = TicketKind.SURRENDER if ask.kind == ChangeKind.SURRENDER else TicketKind.CHANGE_REQUEST
    words = summary.en if caller.language == "en" else summary.zh
    ticket, _ = await opening.open_ticket(
        session, zone, caller.conversation_id, kind, f"{change.number} {words}"
    )
    change.ticket_id = ticket.id
    await session.flush()
    return {"number": change.number, "ticket_number": ticket.number}


async def _asked(
    session: AsyncSession, request: Request, caller: Caller, answer: dict[str, Any]
) -> ChangeAsked:
    query = reading.changes().where(ChangeRequest.number == answer["number"])
    own = _own(*(await reading.read_changes(session, request.app.state.vault, query))[0])
    hours = await business.setting(session, "service_hours")
    opens_at = business.next_opening(hours, clock.now(), request.app.state.settings.zone)
    conversation = await tickets.locked_conversation(session, caller.conversation_id)
    return ChangeAsked(
        **own.model_dump(exclude={"asked_at"}),
        mode=conversation.mode,
        is_open=opens_at is None,
        opens_at=opens_at,
    )


def _own(change: ChangeRequest, read: ChangeRead) -> OwnChange:
    return OwnChange(
        id=change.id,
        number=read.number,
        kind=read.kind,
        state=read.state,
        ticket_number=read.ticket_number,
        summary=read.summary,
        asked_at=read.asked_at,
    )


@bot_router.get("/changes", summary="The caller's change requests")
async def list_own_changes(caller: CallerDep, session: SessionDep, request: Request) -> OwnChanges:
    """Newest first, at most 20."""
    query = (
        reading.changes()
        .where(ChangeRequest.customer_id == caller.customer_at(VERIFIED))
        .order_by(ChangeRequest.id.desc())
        .limit(20)
    )
    rows = await reading.read_changes(session, request.app.state.vault, query)
    return OwnChanges(items=[_own(change, read) for change, read in rows])


@bot_router.get("/surrender", response_model=SurrenderTermsRead, summary="What giving up a policy means")
async def read_surrender(
    caller: CallerDep,
    session: SessionDep,
    request: Request,
    policy_number: Annotated[str, Query(max_length=100)],
) -> SurrenderTermsRead | JSONResponse:
    """What would come back, what would be lost, and what else could be done; asking changes nothing."""
    caller.customer_at(VERIFIED)
    policy, refusal = await _not_theirs(session, caller, policy_number)
    if policy is None:
        return refusal or JSONResponse(None, 404)
    today = clock.today(request.app.state.settings.zone)
    terms = await surrender_terms(session, policy, today)
    return SurrenderTermsRead(
        policy_number=policy.number,
        product_name=product_name(policy.product),
        is_cooling_off=terms.is_cooling_off,
        cash_value=money_or_none(terms.cash_value, policy.currency),
        refund=money_or_none(terms.refund, policy.currency),
        loses=terms.loses,
        alternatives=terms.alternatives,
    )
