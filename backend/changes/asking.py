"""Asking for a change: checked and kept sealed; nothing changes until it is confirmed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.changes import kinds
from backend.changes.kinds import Wanted
from backend.changes.models import AFTER, BEFORE, NUMBERS, ChangeRequest, ChangeState
from backend.changes.schemas import Ask, AskAccount, AskBeneficiary, AskContact, AskSurrender
from backend.conversations.models import Interaction, Kind
from backend.core import clock
from backend.core.crypto import Vault
from backend.core.errors import NotFound
from backend.customers.models import Customer
from backend.policies.models import Policy
from backend.policies.service import find_policy


@dataclass(frozen=True)
class Asker:
    """Who asks: the customer on a channel, or an agent for them."""

    contact_id: int | None = None
    conversation_id: int | None = None
    channel: str = "console"
    language: str = "zh-Hans"
    agent_id: int | None = None


async def locked_customer(session: AsyncSession, customer_id: int) -> Customer:
    """The record, locked until the transaction ends: changes of one customer take turns. Raises `NotFound`."""
    query = select(Customer).where(Customer.id == customer_id).with_for_update()
    customer = await session.scalar(query.execution_options(populate_existing=True))
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer


async def policy_of(session: AsyncSession, customer_id: int, typed_number: str | None) -> Policy | None:
    """The customer's policy that is named; raises `NotFound` for anybody else's."""
    if typed_number is None:
        return None
    policy = await find_policy(session, typed_number)
    if policy is None or policy.holder_id != customer_id:
        raise NotFound("There is no such policy.")
    return policy


async def work_out(session: AsyncSession, vault: Vault, customer: Customer, ask: Ask, today: date) -> Wanted:
    """What the customer wants, checked; raises `Invalid` for what cannot be, `NotFound` for a policy not theirs."""
    if isinstance(ask, AskContact):
        return await kinds.want_contact(session, customer, ask)
    policy = await policy_of(session, customer.id, ask.policy_number)
    if isinstance(ask, AskAccount):
        return await kinds.want_account(session, vault, customer, policy, ask)
    if policy is None:
        raise NotFound("There is no such policy.")
    if isinstance(ask, AskBeneficiary):
        return await kinds.want_beneficiary(session, policy, ask)
    if isinstance(ask, AskSurrender):
        return await kinds.want_surrender(session, policy, today, ask)
    return kinds.want_renewal(policy, today, ask)


async def ask(
    session: AsyncSession, vault: Vault, zone: ZoneInfo, customer_id: int, wish: Ask, asker: Asker
) -> tuple[ChangeRequest, Wanted]:
    """Keep the request, in the place of an unconfirmed one of the same matter."""
    customer = await locked_customer(session, customer_id)
    wanted = await work_out(session, vault, customer, wish, clock.today(zone))
    if asker.agent_id is None:
        wanted.checks["proof_is_fresh"] = True
    await _replace_earlier(session, customer_id, wanted.matter)
    number = await session.scalar(select(NUMBERS.next_value()))
    request = ChangeRequest(
        number=f"R{clock.today(zone).year}{number:06d}",
        kind=wanted.kind,
        field=wanted.field,
        matter=wanted.matter,
        customer_id=customer_id,
        policy_id=wanted.policy.id if wanted.policy else None,
        contact_id=asker.contact_id,
        before_sealed=seal(vault, wanted.before, BEFORE),
        after_sealed=seal(vault, wanted.after, AFTER),
        checks=[{"code": code, "is_ok": is_ok} for code, is_ok in wanted.checks.items()],
        asked_by=asker.agent_id,
    )
    session.add(request)
    session.add(_entry(request, asker))
    await session.flush()
    return request, wanted


def seal(vault: Vault, side: dict[str, object], purpose: str) -> str:
    return vault.seal(json.dumps(side, ensure_ascii=False), purpose)


async def _replace_earlier(session: AsyncSession, customer_id: int, matter: str) -> None:
    """What was asked last counts; the customer's row is locked, so there is at most one."""
    query = select(ChangeRequest).where(
        ChangeRequest.customer_id == customer_id,
        ChangeRequest.matter == matter,
        ChangeRequest.state == ChangeState.ASKED,
    )
    for earlier in await session.scalars(query.execution_options(populate_existing=True)):
        earlier.state, earlier.decline_reason, earlier.decided_at = (
            ChangeState.DECLINED,
            "replaced",
            clock.now(),
        )
    await session.flush()


def _entry(request: ChangeRequest, asker: Asker) -> Interaction:
    """On the customer's record: that it was asked, not what."""
    return Interaction(
        customer_id=request.customer_id,
        contact_id=asker.contact_id,
        conversation_id=asker.conversation_id,
        channel=asker.channel,
        direction="internal",
        speaker="customer" if asker.agent_id is None else "agent",
        kind=Kind.ACTION,
        text=request.number,
        details={"change": request.number, "kind": request.kind, "state": ChangeState.ASKED},
        language=asker.language,
        agent_id=asker.agent_id,
        occurred_at=clock.now(),
    )
