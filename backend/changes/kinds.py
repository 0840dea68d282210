"""What each kind of change looks at before anybody is asked to confirm it: what is, what is to be, the checks."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.changes.models import ChangeKind
from backend.changes.schemas import (
    AccountDetails,
    AskAccount,
    AskBeneficiary,
    AskContact,
    AskRenewal,
    AskSurrender,
    BeneficiaryDetails,
)
from backend.claims.models import Claim, Stage
from backend.conversations.door import mask_numbers
from backend.core.crypto import Vault
from backend.core.errors import Invalid
from backend.customers.accounts import account_in_use, is_card, tidy_account
from backend.customers.models import ACCOUNT, Customer
from backend.customers.schemas import EMAIL
from backend.customers.service import one_phone
from backend.policies.models import IN_FORCE, Beneficiary, Policy, PolicyStatus
from backend.policies.service import beneficiaries_of
from backend.policies.surrender import surrender_terms

SENSITIVE = frozenset({"contact.phone", "payment_account", "beneficiary", "surrender"})
RENEWS_FROM, RENEWS_UNTIL = timedelta(days=60), timedelta(days=30)
LONGEST_PERIOD = timedelta(days=366)
CENT = Decimal("0.01")
ENDED = (Stage.PAID, Stage.DECLINED, Stage.WITHDRAWN, Stage.CLOSED)


@dataclass(frozen=True)
class Wanted:
    """One change, worked out as far as it can be. `before` and `after` are what is kept sealed."""

    kind: ChangeKind
    after: dict[str, Any]
    before: dict[str, Any] = dataclasses.field(default_factory=dict)
    field: str | None = None
    policy: Policy | None = None
    checks: dict[str, bool] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """`contact.phone`, `surrender`: what settings and catalogues call it."""
        return f"{self.kind}.{self.field}" if self.field else self.kind

    @property
    def matter(self) -> str:
        return f"{self.name}:{self.policy.number}" if self.policy else self.name


async def want_contact(session: AsyncSession, customer: Customer, ask: AskContact) -> Wanted:
    """Raises `Invalid` for what cannot be a phone or an e-mail address."""
    value, checks = ask.details.value.strip(), {}
    if ask.details.field == "phone":
        value = one_phone(value)
        taken = select(Customer.id).where(Customer.phone == value, Customer.id != customer.id).limit(1)
        checks["phone_is_free"] = await session.scalar(taken) is None
    elif ask.details.field == "email" and not re.fullmatch(EMAIL, value):
        raise Invalid("This cannot be an e-mail address.", field="value")
    else:
        value = mask_numbers(value)
    before = {"value": getattr(customer, ask.details.field)}
    checks["is_new"] = before["value"] != value
    return Wanted(ChangeKind.CONTACT, {"value": value}, before, ask.details.field, None, checks)


async def want_account(
    session: AsyncSession, vault: Vault, customer: Customer, policy: Policy | None, ask: AskAccount
) -> Wanted:
    """`ask.details.account` is the number itself here; raises `Invalid` when it cannot be one."""
    details: AccountDetails = ask.details
    account = tidy_account(details.account)
    after = {
        "account": account,
        "bank": details.bank,
        "holder_name": details.holder_name or customer.name,
    }
    checks = {"check_digit": is_card(account), "own_account": after["holder_name"] == customer.name}
    before = await account_before(session, vault, customer.id, policy.id if policy else None)
    return Wanted(ChangeKind.PAYMENT_ACCOUNT, after, before, None, policy, checks)


async def account_before(
    session: AsyncSession, vault: Vault, customer_id: int, policy_id: int | None
) -> dict[str, Any]:
    row = await account_in_use(session, customer_id, policy_id)
    if row is None:
        return {}
    account = vault.open(row.account_sealed, ACCOUNT)
    return {"account": account, "bank": row.bank, "holder_name": row.holder_name}


async def beneficiaries_before(session: AsyncSession, policy: Policy) -> dict[str, Any]:
    rows = await beneficiaries_of(session, [policy])
    return {"beneficiaries": [_share(row) for row in rows]}


def _share(row: Beneficiary) -> dict[str, str]:
    return {
        "name": row.name,
        "relationship": row.relationship_,
        "share_percent": f"{row.share_percent.normalize():f}",
    }


async def want_beneficiary(session: AsyncSession, policy: Policy, ask: AskBeneficiary) -> Wanted:
    """A wish stays the customer's words; anything else becomes the whole list that it amounts to."""
    details, before = ask.details, await beneficiaries_before(session, policy)
    if details.action is None:
        if not details.wish:
            raise Invalid("Say who shall be beneficiary.", field="wish")
        return Wanted(ChangeKind.BENEFICIARY, {"wish": details.wish}, before, None, policy)
    if not details.name:
        raise Invalid("Say who it is about.", field="name")
    shares = proposal(before["beneficiaries"], details)
    checks = {"in_force": policy.status in IN_FORCE, "insured_consents": False}
    return Wanted(ChangeKind.BENEFICIARY, {"beneficiaries": shares}, before, None, policy, checks)


def proposal(present: list[dict[str, str]], details: BeneficiaryDetails) -> list[dict[str, str]]:
    """The list after the change; who stays keeps their proportions. Raises `Invalid` for what cannot be."""
    others = [one for one in present if one["name"] != details.name]
    if details.action == "remove":
        if len(others) == len(present):
            raise Invalid("This person is not a beneficiary.", field="name")
        if not others:
            raise Invalid("Somebody has to be beneficiary: name another person.", field="name")
        return _scaled(others, Decimal(100))
    if details.relationship is None:
        raise Invalid("Say what the person is to the insured.", field="relationship")
    if details.action == "replace":
        others = []
    share = details.share_percent or (Decimal(100) if not others else Decimal(100) / (len(others) + 1))
    share = share.quantize(CENT, ROUND_DOWN)
    if (share == 100) != (not others):
        raise Invalid("The shares must add to 100.", field="share_percent")
    new = {
        "name": str(details.name),
        "relationship": str(details.relationship),
        "share_percent": f"{share.normalize():f}",
    }
    return [*_scaled(others, 100 - share), new]


def _scaled(shares: list[dict[str, str]], total: Decimal) -> list[dict[str, str]]:
    """The same proportions of another total; what rounding leaves goes to the first."""
    if not shares:
        return []
    whole = sum((Decimal(one["share_percent"]) for one in shares), Decimal(0))
    parts = [(Decimal(one["share_percent"]) * total / whole).quantize(CENT, ROUND_DOWN) for one in shares]
    parts[0] += total - sum(parts, Decimal(0))
    if min(parts) <= 0:
        raise Invalid("Too little is left for the others.", field="share_percent")
    return [one | {"share_percent": f"{part.normalize():f}"} for one, part in zip(shares, parts, strict=True)]


async def want_surrender(session: AsyncSession, policy: Policy, today: date, ask: AskSurrender) -> Wanted:
    """Raises `Invalid` when there is nothing left to surrender."""
    if policy.status not in (*IN_FORCE, PolicyStatus.LAPSED):
        raise Invalid("This policy is not in force any more.", field="policy_number")
    terms = await surrender_terms(session, policy, today)
    open_claim = select(Claim.id).where(Claim.policy_id == policy.id, Claim.stage.not_in(ENDED)).limit(1)
    after = {"status": PolicyStatus.SURRENDERED, "reason": ask.details.reason}
    after["refund"] = None if terms.refund is None else f"{terms.refund:.2f} {policy.currency}"
    checks = {
        "no_open_claim": await session.scalar(open_claim) is None,
        "refund_is_known": terms.refund is not None,
    }
    return Wanted(ChangeKind.SURRENDER, after, {"status": policy.status}, None, policy, checks)


def want_renewal(policy: Policy, today: date, _: AskRenewal) -> Wanted:
    """The next year; raises `Invalid` when the policy does not renew, or not now."""
    if policy.end_date - policy.start_date > LONGEST_PERIOD:
        raise Invalid("This policy runs for years; nothing has to be renewed.", field="policy_number")
    is_time = policy.end_date - RENEWS_FROM <= today <= policy.end_date + RENEWS_UNTIL
    if not is_time or policy.status not in (*IN_FORCE, PolicyStatus.EXPIRED):
        raise Invalid("This policy cannot be renewed at this time.", field="policy_number")
    start = policy.end_date + timedelta(days=1)
    end = next_year(start) - timedelta(days=1)
    after = {"start_date": start.isoformat(), "end_date": end.isoformat()}
    before = {"start_date": policy.start_date.isoformat(), "end_date": policy.end_date.isoformat()}
    checks = {"in_force": policy.status == PolicyStatus.ACTIVE}
    return Wanted(ChangeKind.RENEWAL, after, before, None, policy, checks)


def next_year(day: date) -> date:
    """The same day a year later; 28 February for the 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
