"""A loss being told: one open draft a customer, that every channel and every agent can go on with."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from backend.claims import documents, reporting
from backend.claims.catalogue import catalogue
from backend.claims.draft_schemas import DraftChange
from backend.claims.models import ClaimDraft, DraftState
from backend.claims.service import VersionConflict
from backend.claims.words import plain
from backend.core import business, clock
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.phones import phone_candidates
from backend.core.schemas import Money
from backend.customers.models import Customer
from backend.policies.models import CURRENCY, Policy
from backend.policies.service import find_policy


async def find_draft(session: AsyncSession, customer_id: int) -> ClaimDraft | None:
    """The customer's open draft with policy and files; None when there is none, or it expired."""
    query = (
        select(ClaimDraft)
        .options(joinedload(ClaimDraft.policy).joinedload(Policy.product), selectinload(ClaimDraft.files))
        .where(
            ClaimDraft.customer_id == customer_id,
            ClaimDraft.state == DraftState.OPEN,
            ClaimDraft.expires_at > clock.now(),
        )
    )
    return await session.scalar(query.execution_options(populate_existing=True))


async def change_draft(
    session: AsyncSession, customer_id: int, started_on: str, change: DraftChange, zone: ZoneInfo
) -> ClaimDraft:
    """Set what `change` names (null clears) on the open draft, which is made when there is none.

    Raises `Invalid` with the `field`, `NotFound` for a policy that is not theirs, `VersionConflict`.
    """
    draft = await _open_or_begin(session, customer_id, started_on)
    if change.version is not None and change.version != draft.version:
        raise VersionConflict("This draft was changed in the meantime.", version=draft.version)
    values = await _values(session, draft, change, zone)
    if any(getattr(draft, name) != value for name, value in values.items()):
        days = await business.setting(session, "claim_draft_days")
        for name, value in values.items():
            setattr(draft, name, value)
        draft.version += 1
        draft.updated_at = clock.now()
        draft.expires_at = clock.now() + timedelta(days=days)
    await session.flush()
    return await loaded_draft(session, customer_id)


async def loaded_draft(session: AsyncSession, customer_id: int) -> ClaimDraft:
    """The open draft with policy and files; raises `NotFound`."""
    draft = await find_draft(session, customer_id)
    if draft is None:
        raise NotFound("There is no open draft of a claim.")
    return draft


async def _open_or_begin(session: AsyncSession, customer_id: int, started_on: str) -> ClaimDraft:
    draft = await documents.open_draft_of(session, customer_id)
    if draft is not None:
        return draft
    now = clock.now()
    await session.execute(
        update(ClaimDraft)
        .where(ClaimDraft.customer_id == customer_id, ClaimDraft.state == DraftState.OPEN)
        .where(ClaimDraft.expires_at <= now)
        .values(state=DraftState.EXPIRED, closed_at=now)
    )
    days = await business.setting(session, "claim_draft_days")
    # Two channels may begin at once: the second finds the first one's draft.
    begin = insert(ClaimDraft).values(
        customer_id=customer_id,
        started_on=started_on,
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(days=days),
    )
    await session.execute(begin.on_conflict_do_nothing())
    draft = await documents.open_draft_of(session, customer_id)
    if draft is None:
        raise Conflict("The draft was just closed. Please try again.")
    return draft


async def _values(
    session: AsyncSession, draft: ClaimDraft, change: DraftChange, zone: ZoneInfo
) -> dict[str, Any]:
    """The columns to set, checked."""
    given = {name: getattr(change, name) for name in change.model_fields_set - {"version"}}
    values: dict[str, Any] = {
        name: plain(given[name]) for name in ("description", "incident_place") if name in given
    } | {name: given[name] for name in ("type", "incident_date") if name in given}
    if "injured" in given:
        values["is_injured"] = given["injured"]
    if "claimed_amount" in given:
        values["claimed_amount"] = amount_of(given["claimed_amount"])
    if "contact_phone" in given:
        values["contact_phone"] = await phone_of(session, draft.customer_id, given["contact_phone"])
    values |= await _policy_values(session, draft, given)
    _check_together(draft, given, values)
    if values.get("incident_date") is not None:
        reporting.check_incident_date(values["incident_date"], zone)
    return values


def amount_of(amount: Money | Decimal | None, field: str = "claimed_amount") -> Decimal | None:
    """A positive amount in the policies' currency; raises `Invalid` for `field`."""
    if amount is None:
        return None
    if isinstance(amount, Money):
        if amount.currency != CURRENCY:
            raise Invalid(f"Amounts are in {CURRENCY}.", field=field)
        amount = Decimal(amount.amount)
    if not 0 < amount < Decimal(10) ** 12:
        raise Invalid("This cannot be an amount.", field=field)
    return amount.quantize(Decimal("0.01"))


async def phone_of(session: AsyncSession, customer_id: int, typed: str | None) -> str | None:
    """E.164; of the two countries that a number may belong to, the customer's own goes first."""
    if not typed:
        return None
    candidates = phone_candidates(typed)
    if not candidates:
        raise Invalid("This cannot be a phone number.", field="contact_phone")
    customer = await session.get_one(Customer, customer_id)
    own = (customer.phone or "+86")[:2]
    return next((number for number in candidates if number.startswith(own)), candidates[0])


async def _policy_values(session: AsyncSession, draft: ClaimDraft, given: dict[str, Any]) -> dict[str, Any]:
    if "policy_number" not in given:
        return {"product_type": given["product_type"]} if "product_type" in given else {}
    if given["policy_number"] is None:
        return {"policy_id": None, "product_type": given.get("product_type", draft.product_type)}
    policy = await find_policy(session, given["policy_number"])
    if policy is None or policy.holder_id != draft.customer_id:
        raise NotFound("There is no such policy.")
    return {"policy_id": policy.id, "product_type": policy.product.type}


def _check_together(draft: ClaimDraft, given: dict[str, Any], values: dict[str, Any]) -> None:
    """The kind of claim must fit the product; where another product is chosen, an old kind gives way."""
    product = values.get("product_type", draft.product_type)
    if (
        draft.policy_id is not None
        and "policy_id" not in values
        and product not in (None, draft.product_type)
    ):
        values["policy_id"] = None  # another product was chosen, so it is another policy
    kind = values.get("type", draft.type)
    if kind is None:
        return
    if given.get("type") is not None:
        reporting.check_type(kind, product)
    elif product is not None and product not in catalogue().types[kind].products:
        values["type"] = None


async def discard(session: AsyncSession, customer_id: int, version: int | None = None) -> bool:
    """Forget the open draft; whether there was one. Raises `VersionConflict`."""
    draft = await documents.open_draft_of(session, customer_id)
    if draft is None:
        return False
    if version is not None and version != draft.version:
        raise VersionConflict("This draft was changed in the meantime.", version=draft.version)
    draft.state, draft.closed_at = DraftState.DISCARDED, clock.now()
    await session.flush()
    return True
