"""Change requests in the words of each reader; numbers are masked but for the core system and an audited click."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.changes.models import AFTER, BEFORE, ChangeKind, ChangeRequest, ChangeState
from backend.changes.schemas import ChangeDetail, ChangeInFull, ChangeLine, ChangeRead, Check
from backend.conversations.api import AgentName
from backend.core import business
from backend.core.access import Agent
from backend.core.crypto import Vault
from backend.core.schemas import Names
from backend.customers.accounts import masked_account
from backend.customers.models import Customer
from backend.customers.service import shown_phone
from backend.policies.models import Policy
from backend.policies.relationships import relationship_names
from backend.tickets.models import Ticket
from backend.tickets.schemas import CustomerName

FILE = Path(__file__).with_name("texts.yml")


@cache
def _texts() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def opened(vault: Vault, sealed: str | None, purpose: str) -> dict[str, Any]:
    """What a sealed side of a request says; empty for none."""
    return json.loads(vault.open(sealed, purpose)) if sealed else {}


def summary(name: str, policy_number: str | None, after: dict[str, Any]) -> Names:
    """The request in a line, both languages, numbers masked."""
    if name == ChangeKind.PAYMENT_ACCOUNT and policy_number:
        name = f"{name}.policy"
    said = {}
    for language, words in _texts()[name].items():
        said[language] = words.format(policy=policy_number, value=_value(name, after, language))
    return Names(**said)


def _value(name: str, after: dict[str, Any], language: str) -> str:
    if name == "contact.phone":
        return shown_phone(after["value"], in_full=False) or ""
    if name.startswith("contact."):
        return str(after["value"])
    if name.startswith("payment_account"):
        return " ".join(filter(None, (after["bank"], masked_account(after["account"]))))
    if name == "beneficiary":
        return after.get("wish") or _shares(after["beneficiaries"], language)
    return str(after.get("end_date", ""))


def _shares(shares: list[dict[str, str]], language: str) -> str:
    separator = ", " if language == "en" else "，"
    shown = []
    for one in shares:
        relation = getattr(relationship_names(one["relationship"]), language)
        shown.append(f"{one['name']} ({relation}) {one['share_percent']}%")
    return separator.join(shown)


def lines(name: str, side: dict[str, Any], in_full: bool = False) -> list[ChangeLine]:
    """One side of a request, line by line."""
    shown = []
    for key, value in side.items():
        if value is None:
            continue
        if key == "beneficiaries":
            shown += [
                ChangeLine(
                    name="beneficiary",
                    value=f"{one['name']} · {one['relationship']} · {one['share_percent']}%",
                )
                for one in value
            ]
            continue
        label = name.partition(".")[2] if key == "value" else key
        shown.append(ChangeLine(name=label, value=str(value) if in_full else _masked(label, str(value))))
    return shown


def _masked(label: str, value: str) -> str:
    if label == "account":
        return masked_account(value)
    return (shown_phone(value, in_full=False) or "") if label == "phone" else value


def name_of(request: ChangeRequest) -> str:
    """`contact.phone`, `surrender`: what settings and catalogues call it."""
    return f"{request.kind}.{request.field}" if request.field else request.kind


Asker, Decider = aliased(Agent), aliased(Agent)


def changes() -> Any:
    """Requests with the names that belong to them."""
    return (
        select(ChangeRequest, Customer.name, Policy.number, Ticket.number, Asker.name, Decider.name)
        .join(Customer, Customer.id == ChangeRequest.customer_id)
        .outerjoin(Policy, Policy.id == ChangeRequest.policy_id)
        .outerjoin(Ticket, Ticket.id == ChangeRequest.ticket_id)
        .outerjoin(Asker, Asker.id == ChangeRequest.asked_by)
        .outerjoin(Decider, Decider.id == ChangeRequest.decided_by)
    )


async def read_changes(
    session: AsyncSession, vault: Vault, query: Any
) -> list[tuple[ChangeRequest, ChangeRead]]:
    """Run a query made of `changes()`."""
    by_agents = await business.setting(session, "changes_agents_confirm")
    return [(row[0], _read(vault, row, by_agents)) for row in await session.execute(query)]


def _read(vault: Vault, row: Any, by_agents: list[str]) -> ChangeRead:
    request, customer, policy, ticket, asker, decider = row
    name = name_of(request)
    return ChangeRead(
        number=request.number,
        kind=ChangeKind(request.kind),
        field=request.field,
        state=ChangeState(request.state),
        summary=summary(name, policy, opened(vault, request.after_sealed, AFTER)),
        customer=CustomerName(id=request.customer_id, name=customer),
        policy_number=policy,
        ticket_number=ticket,
        asked_at=request.asked_at,
        asked_by=AgentName(id=request.asked_by, name=asker) if asker else None,
        needs_supervisor=name not in by_agents,
        decided_at=request.decided_at,
        decided_by=AgentName(id=request.decided_by, name=decider) if decider else None,
        decline_reason=request.decline_reason,
        sent_at=request.sent_at,
        applied_at=request.applied_at,
        version=request.version,
    )


async def read_detail(session: AsyncSession, vault: Vault, request: ChangeRequest) -> ChangeDetail:
    """With both sides and the checks."""
    read = (await read_changes(session, vault, changes().where(ChangeRequest.id == request.id)))[0][1]
    after = opened(vault, request.after_sealed, AFTER)
    name = name_of(request)
    return ChangeDetail(
        **read.model_dump(),
        before=lines(name, opened(vault, request.before_sealed, BEFORE)),
        after=lines(name, after),
        checks=[Check(**check) for check in request.checks],
        is_resolved="wish" not in after,
        core_reference=request.core_reference,
    )


async def read_in_full(session: AsyncSession, vault: Vault, request: ChangeRequest) -> ChangeInFull:
    """Nothing masked; who calls this writes the audit log."""
    name = name_of(request)
    number = select(Policy.number).where(Policy.id == request.policy_id)
    return ChangeInFull(
        number=request.number,
        kind=ChangeKind(request.kind),
        policy_number=await session.scalar(number) if request.policy_id else None,
        customer_id=request.customer_id,
        before=lines(name, opened(vault, request.before_sealed, BEFORE), in_full=True),
        after=lines(name, opened(vault, request.after_sealed, AFTER), in_full=True),
    )
