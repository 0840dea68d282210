"""Confirming or declining a change, and what the core system answers."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.changes.applying import apply
from backend.changes.asking import locked_customer, seal
from backend.changes.kinds import SENSITIVE
from backend.changes.models import AFTER, ChangeKind, ChangeRequest, ChangeState
from backend.changes.reading import name_of, opened
from backend.core import audit, business, clock
from backend.core.access import Principal
from backend.core.crypto import Vault
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound, VersionConflict
from backend.customers.models import Customer
from backend.policies.beneficiaries import check_shares
from backend.policies.schemas import BeneficiaryShare

# What the core system may say, and from where.
STEPS = {
    ChangeState.SENT: (ChangeState.APPROVED,),
    ChangeState.APPLIED: (ChangeState.APPROVED, ChangeState.SENT),
    ChangeState.DECLINED: (ChangeState.APPROVED, ChangeState.SENT),
}


class ChangeNotOpen(Conflict):
    """Somebody decided it before, or it was replaced."""

    code = "change_not_open"


async def change_by_number(session: AsyncSession, number: str) -> ChangeRequest:
    """Raises `NotFound`."""
    request = await session.scalar(
        select(ChangeRequest).where(ChangeRequest.number == number.strip().upper())
    )
    if request is None:
        raise NotFound("There is no such change request.")
    return request


async def _locked(session: AsyncSession, number: str) -> tuple[ChangeRequest, Customer]:
    """Customer first, then the request: the order in which asking locks them, too."""
    request = await change_by_number(session, number)
    customer = await locked_customer(session, request.customer_id)
    await session.refresh(request, with_for_update=True)
    return request, customer


async def _open(session: AsyncSession, number: str, version: int) -> tuple[ChangeRequest, Customer]:
    request, customer = await _locked(session, number)
    if request.state != ChangeState.ASKED:
        raise ChangeNotOpen("This request was decided already, or a newer one replaced it.")
    if request.version != version:
        raise VersionConflict
    return request, customer


async def check_may_confirm(session: AsyncSession, request: ChangeRequest, principal: Principal) -> None:
    """Raises `Forbidden` for what needs a supervisor, and for a sensitive change that one asked for oneself."""
    name = name_of(request)
    by_agents = await business.setting(session, "changes_agents_confirm")
    if name not in by_agents and "changes:approve" not in principal.scopes:
        raise Forbidden("A supervisor confirms this change.")
    if name in SENSITIVE and principal.agent_id is not None and principal.agent_id == request.asked_by:
        raise Forbidden("Somebody else has to confirm what you asked for yourself.")


async def approve(
    session: AsyncSession,
    vault: Vault,
    zone: ZoneInfo,
    number: str,
    version: int,
    principal: Principal,
    shares: Sequence[BeneficiaryShare] | None,
) -> ChangeRequest:
    """Confirm it. Without a core system it is applied in the same transaction; with one it waits to be fetched."""
    request, customer = await _open(session, number, version)
    await check_may_confirm(session, request, principal)
    _work_out(vault, request, shares)
    request.state, request.decided_at, request.decided_by = (
        ChangeState.APPROVED,
        clock.now(),
        principal.agent_id,
    )
    await audit.record(session, principal.actor, "change.approved", f"change:{request.number}")
    core = await business.setting(session, "core_system")
    if not core["is_connected"]:
        request.sent_at = clock.now()
        await _applied(session, vault, zone, request, customer, "system")
    await session.flush()
    return request


def _work_out(vault: Vault, request: ChangeRequest, shares: Sequence[BeneficiaryShare] | None) -> None:
    after = opened(vault, request.after_sealed, AFTER)
    if shares is not None:
        if request.kind != ChangeKind.BENEFICIARY:
            raise Invalid("Only beneficiaries can be worked out here.", field="beneficiaries")
        check_shares(shares)
        after = {"beneficiaries": [one.model_dump(mode="json") for one in shares]}
        request.after_sealed = seal(vault, after, AFTER)
    if "wish" in after:
        raise Invalid("Say who the beneficiaries are to be: this is a wish in words.", field="beneficiaries")


async def _applied(
    session: AsyncSession,
    vault: Vault,
    zone: ZoneInfo,
    request: ChangeRequest,
    customer: Customer,
    actor: str,
) -> None:
    fields = await apply(session, vault, request, customer, clock.today(zone))
    request.state, request.applied_at = ChangeState.APPLIED, clock.now()
    # Before and after stay sealed on the request that the entry names.
    await audit.record(session, actor, "change.applied", f"change:{request.number}", fields=fields)


async def decline(
    session: AsyncSession, number: str, version: int, reason: str, principal: Principal
) -> ChangeRequest:
    """Refuse it with a reason; whoever may write changes may decline any."""
    request, _ = await _open(session, number, version)
    request.state, request.decline_reason = ChangeState.DECLINED, reason
    request.decided_at, request.decided_by = clock.now(), principal.agent_id
    await audit.record(session, principal.actor, "change.declined", f"change:{request.number}", reason=reason)
    await session.flush()
    return request


async def core_answers(
    session: AsyncSession,
    vault: Vault,
    zone: ZoneInfo,
    number: str,
    state: ChangeState,
    reference: str | None,
    actor: str,
) -> ChangeRequest:
    """What the core system did with an approved change; the same answer again changes nothing."""
    request, customer = await _locked(session, number)
    if request.state == state or (state == ChangeState.SENT and request.state == ChangeState.APPLIED):
        return request
    if request.state not in STEPS[state]:
        raise ChangeNotOpen(f"This request is {request.state}; it cannot become {state}.")
    request.core_reference = reference or request.core_reference
    request.sent_at = request.sent_at or clock.now()
    if state == ChangeState.APPLIED:
        await _applied(session, vault, zone, request, customer, actor)
    else:
        request.state = state
        if state == ChangeState.DECLINED:
            request.decline_reason = "refused_by_core"
        await audit.record(session, actor, f"change.{state}", f"change:{request.number}")
    await session.flush()
    return request
